/** Servers over standard input and output, as an agent meets them: started, listed, called with the official client. */
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { type House, TOKEN } from "./house.ts";
import { CLI } from "./runs.ts";

/** A server that a client starts. */
export interface Served {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** One call. */
export interface Call {
  readonly name: string;
  readonly arguments: Record<string, string>;
}

/** `sentinel serve` over a registry. */
export function sentinelOf({ directory, url, key }: House): Served {
  return {
    args: [CLI, "serve", "--quiet", "--cwd", directory, "--database-url", url],
    env: { SENTINEL_VAULT_KEY: key },
  };
}

/** The server by hand. @param port the provider's @param records where it keeps a record of changes, if it does */
export function bareOf(port: number, ...records: readonly string[]): Served {
  const script = fileURLToPath(new URL("./bare-server.ts", import.meta.url));
  return { args: [script, `http://127.0.0.1:${port}`, ...records], env: { TOKEN } };
}

/** Starts a server and connects; closing the client ends it. @param profiles a folder for its CPU profile */
export async function connect({ args, env }: Served, profiles: string | undefined): Promise<Client> {
  const flags = profiles === undefined ? [] : ["--cpu-prof", "--cpu-prof-dir", profiles];
  const client = new Client({ name: "bench", version: "1" });
  const command = { command: process.execPath, args: [...flags, ...args], env: { ...env } };
  await client.connect(new StdioClientTransport({ ...command, stderr: "inherit" }));
  return client;
}

/** Makes calls one after the other. @returns the milliseconds of each */
export async function inTurn(client: Client, count: number, next: () => Call): Promise<number[]> {
  const times: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const call = next();
    const start = performance.now();
    await made(client, call);
    times.push(performance.now() - start);
  }
  return times;
}

/** Makes calls, so many at a time. @returns how many a second */
export async function atOnce(
  client: Client,
  width: number,
  count: number,
  next: () => Call,
): Promise<number> {
  let left = count;
  const start = performance.now();
  const work = async (): Promise<void> => {
    for (; left > 0; ) {
      left -= 1;
      await made(client, next());
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return count / ((performance.now() - start) / 1000);
}

async function made(client: Client, call: Call): Promise<void> {
  const result = await client.callTool({ ...call });
  if (result.isError === true) throw new Error(`${call.name}: ${JSON.stringify(result.content)}`);
}
