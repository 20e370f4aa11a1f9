import { spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPglite } from "../../../src/registry/drivers/pglite.ts";
import { openPostgres } from "../../../src/registry/drivers/postgres.ts";
import { createRegistry, type Driver } from "../../../src/registry/index.ts";
import { pgliteFolder } from "../../helpers/pglite.ts";
import { freePort, serversMissing, startPostgres } from "../../helpers/postgres.ts";
import { describeEach } from "../../helpers/ways.ts";
import { revision, serve } from "./stand.ts";

const CALLER = fileURLToPath(new URL("caller.ts", import.meta.url));

/** A provider that takes its time and counts what it was asked, by key. */
class Provider {
  readonly writes = new Map<string, number>();
  readonly #server: Server;
  url = "";

  constructor() {
    this.#server = createServer((request, response) => {
      let key = "";
      request.on("data", (chunk) => {
        key += chunk;
      });
      request.on("end", () => {
        this.writes.set(key, (this.writes.get(key) ?? 0) + 1);
        setTimeout(() => response.end("written"), 60);
      });
    });
  }

  async start(): Promise<void> {
    const port = await freePort();
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${port}/`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** Starts a caller; `ready` when its calls begin, `answers` what they ended with, none if it was killed before. */
function start(...args: string[]) {
  const child = spawn(process.execPath, [CALLER, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  let isReady = (): void => {};
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  child.stdout.on("data", (chunk) => {
    out += chunk;
    if (out.includes("ready\n")) isReady();
  });
  const answers = new Promise<string[] | null>((resolve) => {
    child.once("close", () => {
      isReady();
      const line = out.split("\n")[1];
      resolve(line ? JSON.parse(line) : null);
    });
  });
  return { ready, answers, kill: () => child.kill("SIGKILL") };
}

const missing = serversMissing();
const RECEIPT = /^[0-9a-f]{8}-/;

describe("a process that is killed", () => {
  const provider = new Provider();
  let where = "";
  let together = 1;
  let stop: () => Promise<void> = async () => {};

  async function prepare(driver: Driver): Promise<void> {
    const registry = createRegistry(driver);
    await driver.migrate();
    await serve(registry, revision("killed"));
    await registry.close();
  }

  /** Many calls under one key in some processes, all of them killed after a while, and then once more in peace. */
  async function round(
    tool: string,
    key: string,
    afterMs: number,
  ): Promise<{ writes: number; ends: string[] }> {
    const args = [where, "killed", tool, key, "50", provider.url] as const;
    const first = Array.from({ length: together }, () => start(...args));
    await Promise.all(first.map(({ ready }) => ready));
    await sleep(afterMs);
    for (const one of first) one.kill();
    const early = (await Promise.all(first.map(({ answers }) => answers))).flatMap(
      (answers) => answers ?? [],
    );
    const late = await start(...args).answers;
    return {
      writes: provider.writes.get(key) ?? 0,
      ends: [...new Set([...early, ...(late ?? ["nothing"])])],
    };
  }

  /** Never two writes; and either one receipt, which everybody is given, or an outcome that nobody claims to know. */
  function expectOnce({ writes, ends }: { writes: number; ends: string[] }): void {
    expect(ends).toHaveLength(1);
    if (RECEIPT.test(ends[0] ?? "")) expect(writes).toBe(1);
    else {
      expect(ends).toEqual(["call.outcome_unknown"]);
      expect(writes).toBeLessThanOrEqual(1);
    }
  }

  const ways = [
    { name: "on the embedded registry", missing: null, processes: 1, moments: [5, 60] },
    {
      name: "beside another on one PostgreSQL",
      missing,
      processes: 2,
      moments: [0, 15, 30, 60, 90, 150],
    },
  ];
  describeEach(ways, "killed", ({ name, processes, moments }) => {
    beforeAll(async () => {
      await provider.start();
      together = processes;
      if (processes === 1) {
        const folder = pgliteFolder();
        where = folder.directory;
        stop = async () => folder.remove();
        await prepare(openPglite({ directory: where }));
      } else {
        const server = await startPostgres();
        where = server.url(await server.createDatabase(true));
        stop = () => server.stop();
        await prepare(openPostgres({ url: where }));
      }
    });
    afterAll(async () => {
      provider.stop();
      await stop();
    });

    it.each(moments)("after %i ms leaves one write and one receipt, or an unknown outcome", async (ms) => {
      expectOnce(await round("note", `${name}-${ms}`.replaceAll(" ", "-"), ms));
    });

    it("in the middle of an idempotent call has it done by whoever comes next", async () => {
      const { writes, ends } = await round("put", `${processes}-idempotent`, 30);
      expect(ends).toEqual([expect.stringMatching(RECEIPT)]);
      expect(writes).toBeGreaterThanOrEqual(1);
    });
  });
});
