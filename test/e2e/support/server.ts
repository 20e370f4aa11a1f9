/** A PostgreSQL of one's own that can be stopped and started, for tests that SENTINEL_TEST_SERVERS=1 asks for. */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { eventually } from "./process.ts";
import { giveAway, NOBODY } from "./unprivileged.ts";

export const SERVERS = process.env.SENTINEL_TEST_SERVERS === "1";

export interface Server {
  /** URL of an empty database, as its owner. */
  database(): Promise<string>;
  /** Stops at once, as a crash of the machine would for its clients. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

function binaries(): string {
  const root = "/usr/lib/postgresql";
  const newest = readdirSync(root)
    .map(Number)
    .sort((a, b) => b - a)[0];
  if (newest === undefined) throw new Error("there is no PostgreSQL on this machine");
  return `${root}/${newest}/bin`;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

/** Starts an empty server; PostgreSQL refuses to run as root, so that there it runs as nobody. */
export async function startServer(): Promise<Server> {
  const bin = binaries();
  const data = mkdtempSync(join(tmpdir(), "sentinel-e2e-pg-"));
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  giveAway(data);
  execFileSync(
    join(bin, "initdb"),
    ["-D", data, "-U", "postgres", "-A", "trust", "-N", "--no-locale", "-E", "UTF8"],
    {
      ...user,
      cwd: data,
      stdio: "ignore",
    },
  );
  const port = await freePort();
  const urlOf = (name: string): string => `postgres://postgres@127.0.0.1:${port}/${name}`;
  let running: ReturnType<typeof spawn> | null = null;
  let count = 0;

  const query = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: urlOf("postgres") });
    client.on("error", () => undefined);
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  const start = async (): Promise<void> => {
    const settings = [
      "fsync=off",
      `port=${port}`,
      "listen_addresses=127.0.0.1",
      `unix_socket_directories=${data}`,
    ];
    const args = ["-D", data, ...settings.flatMap((one) => ["-c", one])];
    running = spawn(join(bin, "postgres"), args, { ...user, cwd: data, stdio: "ignore" });
    await eventually("PostgreSQL answers", () => query("select 1"), 30_000);
  };
  const stop = async (): Promise<void> => {
    const ended = running;
    running = null;
    if (ended === null) return;
    const end = new Promise((resolve) => ended.once("close", resolve));
    ended.kill("SIGQUIT");
    await end;
  };
  await start();
  return {
    database: async () => {
      count += 1;
      await query(`create database e2e_${count}`);
      return urlOf(`e2e_${count}`);
    },
    start,
    stop,
    close: async () => {
      await stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
