/** A registry on PostgreSQL full of approved connectors, and a folder from which `sentinel serve` serves them. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openPostgres } from "../../src/registry/drivers/postgres.ts";
import { createRegistry, type HumanFace } from "../../src/registry/index.ts";
import { type KeyRing, loadKeyRing, seal } from "../../src/runtime/index.ts";
import type { PostgresServer } from "../../test/helpers/postgres.ts";
import { once } from "./measure.ts";
import { sentinel } from "./runs.ts";
import { slugOf } from "./tree.ts";

/** What every account's token is. */
export const TOKEN = "a-token-for-measuring";

/** Where `sentinel serve` finds everything. */
export interface House {
  readonly directory: string;
  readonly url: string;
  /** The vault's master key, as the environment says it. */
  readonly key: string;
}

/** Things that a connector has tools for: one that gets it and one that sets it. */
const KINDS = ["item", "order", "customer", "product", "invoice"] as const;

/** A provider in a process of its own, so that neither side has its work on its hands. */
export async function startProvider(): Promise<{ port: number; stop: () => void }> {
  const script = fileURLToPath(new URL("./provider.ts", import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.once("data", (chunk) => resolve(Number(chunk)));
    child.once("error", reject).once("exit", () => reject(new Error("the provider has ended")));
  });
  return { port, stop: () => child.stdin.end() };
}

/**
 * Registers connectors of 12 scopes and has a person approve all of them; those that are called get a token.
 * @param kinds how many things each has a getting and a setting tool for, up to 5
 * @param called numbers of the connectors that will be called
 */
export async function makeHouse(
  postgres: PostgresServer,
  port: number,
  connectors: number,
  kinds: number,
  called: readonly number[],
): Promise<House> {
  const directory = mkdtempSync(join(tmpdir(), "sentinel-bench-"));
  writeFileSync(
    join(directory, "sentinel.config.yaml"),
    `runtime: {allowed_hosts: ["http://127.0.0.1:${port}"]}\n`,
  );
  for (let at = 0; at < connectors; at += 1) {
    const folder = join(directory, "connectors", slugOf(at));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "manifest.yaml"), manifest(slugOf(at), port, kinds));
  }
  const url = postgres.url(await postgres.createDatabase(true));
  await once(sentinel({ directory, count: connectors, pairs: 1, url }, "postgres", "run"));
  const key = "5e".repeat(32);
  const ring = loadKeyRing({ text: key, file: null, ownFile: null });
  const registry = createRegistry(openPostgres({ url }));
  const human = registry.human("bench");
  for (const { provider_slug, digest } of await human.list()) await human.approve(provider_slug, digest);
  for (const at of called) await storeToken(human, ring, slugOf(at));
  await registry.close();
  return { directory, url, key };
}

/** Removes its folder; the database goes with its server. */
export function removeHouse({ directory }: House): void {
  rmSync(directory, { recursive: true, force: true });
}

async function storeToken({ governance }: HumanFace, ring: KeyRing, connector: string): Promise<void> {
  const place = { connector, account: "default", key: "ACCESS_TOKEN" };
  const name = `PROVIDER_${connector.toUpperCase().replaceAll("-", "_")}_ACCESS_TOKEN`;
  const { connector: provider_slug, account, key } = place;
  await governance.writeSecret({
    ...{ provider_slug, account, key, key_name: name },
    ...seal(ring, place, name, TOKEN),
  });
}

function manifest(slug: string, port: number, kinds: number): string {
  const scopes = Array.from({ length: 12 }, (_, at) => (at % 2 === 0 ? `read_${at}` : `write_${at}`));
  return [
    `provider_slug: ${slug}`,
    `display_name: Bench ${slug}`,
    "summary: A connector that was made for measuring.",
    "version: 1.0.0",
    `base_url: https://127.0.0.1:${port}`,
    "auth: {type: bearer}",
    "scopes:",
    ...scopes.map((name) => `  - {name: ${name}, description: "What ${name} allows."}`),
    "tools:",
    ...KINDS.slice(0, kinds).flatMap((kind, at) =>
      tools(kind, scopes[2 * at] ?? "", scopes[2 * at + 1] ?? ""),
    ),
    "",
  ].join("\n");
}

function tools(kind: string, read: string, write: string): string[] {
  const input = (properties: string): string =>
    `    input: {type: object, properties: {${properties}}, required: [id], additionalProperties: false}`;
  const id = `id: {type: string, description: "The ${kind}'s number."}`;
  return [
    `  - name: get_${kind}`,
    `    capability: ${kind}.read`,
    `    description: Gets one ${kind} with everything that the provider has of it.`,
    `    scopes: [${read}]`,
    input(id),
    `    rest: {method: GET, path: "/${kind}s/{{ params.id }}"}`,
    `  - name: set_${kind}`,
    `    capability: ${kind}.update`,
    `    description: Renames one ${kind}.`,
    `    scopes: [${write}]`,
    "    side_effecting: true",
    input(`${id}, name: {type: string, description: "Its new name."}`),
    `    rest: {method: POST, path: "/${kind}s/{{ params.id }}", body: {name: "{{ params.name }}"}}`,
  ];
}
