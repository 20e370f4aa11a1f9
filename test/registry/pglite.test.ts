import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openPglite } from "../../src/registry/drivers/pglite.ts";
import { createRegistry, type Registry, sourceState } from "../../src/registry/index.ts";
import { entry, register } from "../contract/manifests.ts";
import { type PgliteFolder, pgliteFolder } from "../helpers/pglite.ts";

const WRITER = fileURLToPath(new URL("writer.ts", import.meta.url));

// Several starts of a database in WebAssembly each: on a busy machine that takes its time.
describe("the embedded registry", { timeout: 180_000 }, () => {
  let folder: PgliteFolder;
  let opened: string[];
  let registry: Registry;
  beforeEach(() => {
    folder = pgliteFolder();
    opened = [];
    registry = createRegistry(openPglite({ directory: folder.directory, log: (line) => opened.push(line) }));
  });
  afterEach(async () => {
    await registry.close();
    folder.remove();
  });
  const one = entry("one");
  const state = sourceState([{ slug: "one", digest: one.digest }]);

  it("answers a run with nothing to do without opening the database", async () => {
    await register(registry, "s", one);
    await registry.close();
    opened.length = 0;
    expect(await registry.machine.fingerprints("s", state)).toEqual({ state, connectors: null });
    expect(opened).toEqual([]);
    await registry.machine.fingerprints("s", "another state");
    expect(opened).toHaveLength(1);
  });

  it("opens the database when its state is not certain", async () => {
    await register(registry, "s", one);
    await registry.close();
    opened.length = 0;
    const control = `${folder.directory}/global/pg_control`;
    utimesSync(control, statSync(control).atime, new Date(0));
    expect(await registry.machine.fingerprints("s", state)).toEqual({ state, connectors: null });
    expect(opened, "another database than the one that was closed").toHaveLength(1);
    await registry.close();
    writeFileSync(`${folder.directory}.state`, '{"seal"');
    expect((await registry.machine.fingerprints("s", state)).state).toBe(state);
    expect(opened, "a torn token").toHaveLength(2);
    await registry.close();
    rmSync(folder.directory, { recursive: true });
    expect(await registry.machine.fingerprints("s", state)).toMatchObject({ connectors: [] });
    expect(opened, "no database any more").toHaveLength(3);
  });

  it("tells a second process who holds it, and is free again when the holder is killed", async () => {
    const holder = spawn(process.execPath, [WRITER, folder.directory, "hold"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    const error: unknown = await registry.machine.fingerprints("s").catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "registry.locked",
      message: expect.stringContaining(`process ${holder.pid} (writer.ts ${folder.directory} hold, since 2`),
      hint: expect.stringContaining("--database-url"),
    });
    const ended = new Promise((resolve) => holder.once("exit", resolve));
    holder.kill("SIGKILL");
    await ended;
    expect((await registry.machine.fingerprints("s")).connectors).toHaveLength(1);
    expect(await registry.machine.lease("s", "next", 60)).toMatchObject({ holder: "next" });
  });

  it("keeps what was committed and nothing half-applied when killed in the middle of writes", async () => {
    await registry.driver.migrate();
    for (let round = 0; round < 2; round += 1) {
      await registry.close();
      const writer = spawn(process.execPath, [WRITER, folder.directory, "write"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let told = "";
      writer.stdout.on("data", (chunk) => {
        told += chunk;
      });
      await expect
        .poll(() => told.split("\n").length, { timeout: 30_000, interval: 5 })
        .toBeGreaterThan(3 + round);
      const ended = new Promise((resolve) => writer.once("exit", resolve));
      writer.kill("SIGKILL");
      await ended;
      const committed = told.split("\n").slice(0, -1);
      const listed = await registry.human("jane").list();
      const slugs = listed.map(({ provider_slug }) => provider_slug);
      expect(slugs).toEqual(expect.arrayContaining(committed));
      expect(listed.every(({ scopes }) => scopes === 2)).toBe(true);
      const { connectors, state: now } = await registry.machine.fingerprints("w");
      expect(now).toBe(sourceState(connectors ?? []));
    }
    await registry.close();
    const leftovers = readdirSync(dirname(folder.directory)).sort();
    expect(leftovers).toEqual(["registry", "registry.lock", "registry.state"]);
  });

  it("may be closed while calls are under way, and opens again for the next", async () => {
    await registry.driver.migrate();
    const { token } = await registry.machine.lease("s", "test", 60);
    const calls = ["a", "b", "c"].map((slug) => registry.machine.apply("s", token, [entry(slug)], false));
    const closing = registry.close();
    const later = registry.machine.apply("s", token, [entry("d")], false);
    await Promise.all([...calls, closing, later]);
    expect((await registry.human("jane").list()).map(({ provider_slug }) => provider_slug)).toEqual([
      "a",
      "b",
      "c",
      "d",
    ]);
  });

  it("says plainly what is wrong with its folder", async () => {
    mkdirSync(folder.directory);
    writeFileSync(`${folder.directory}/notes.txt`, "mine");
    await expect(registry.machine.fingerprints("s")).rejects.toMatchObject({
      code: "registry.damaged",
      message: `The registry at ${folder.directory} can't be opened: the folder holds something that is not a registry.`,
    });
    expect(existsSync(`${folder.directory}/notes.txt`)).toBe(true);
    rmSync(folder.directory, { recursive: true });
    writeFileSync(folder.directory, "a file");
    const inside = createRegistry(openPglite({ directory: `${folder.directory}/registry` }));
    await expect(inside.machine.fingerprints("s")).rejects.toMatchObject({ code: "registry.unwritable" });
  });
});
