import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../src/base/index.ts";
import { readWatchStatus } from "../../src/watch/index.ts";
import { manifest, until } from "./helpers.ts";
import { type Child, newTree, registered, spawnDaemon, type Tree } from "./running.ts";

const statusOf = (tree: Tree) => readWatchStatus(join(tree.cwd, ".sentinel"), systemClock);
const watching = (tree: Tree): Promise<void> => until("ready", () => statusOf(tree)?.ready === true);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Whatever a process leaves that was killed in the middle of writing. */
function leftovers(tree: Tree): string[] {
  return readdirSync(tree.cwd, { recursive: true, encoding: "utf8" })
    .filter((path) => !path.startsWith(join(".sentinel", "registry")))
    .filter((path) => /\.tmp$|probe/.test(path));
}

async function stop(child: Child): Promise<void> {
  child.process.kill("SIGTERM");
  expect(await child.ended).toBe(0);
}

describe("the daemon as a process", () => {
  it("finishes its pass on SIGTERM, lets go of everything and exits 0", async () => {
    const tree = newTree(...Array.from({ length: 400 }, (_, at) => `c${at}`));
    const child = spawnDaemon(tree);
    await until("it has begun", () => existsSync(join(tree.connectors, "c0", "mcp.ts")));
    await stop(child);
    expect(child.says("stopped")).toBe(true);
    expect(statusOf(tree)).toBeNull();
    expect((await registered(tree)).size).toBe(400);
    expect(leftovers(tree)).toEqual([]);
  });

  it("takes a signal that npx and the terminal both send for one", async () => {
    const tree = newTree("alpha");
    const child = spawnDaemon(tree);
    await watching(tree);
    child.process.kill("SIGINT");
    child.process.kill("SIGINT");
    expect(await child.ended).toBe(0);
    expect(child.says("stopped")).toBe(true);
  });

  it("ends at once on a second signal", async () => {
    const signals = new URL("../../src/watch/signals.ts", import.meta.url).href;
    const code = `const { onSignals } = await import(${JSON.stringify(signals)});
      onSignals({ stop: () => console.log("stopping"), reload: () => {} });
      setInterval(() => {}, 1000);
      console.log("up");`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += chunk;
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await until("it is up", () => said.includes("up"));
    child.kill("SIGTERM");
    await until("the first", () => said.includes("stopping"));
    await pause(800);
    child.kill("SIGTERM");
    expect(await ended).toBe(143);
  });

  it("is recognised as dead after kill -9, and the next one makes up for it", async () => {
    const tree = newTree(...Array.from({ length: 100 }, (_, at) => `c${at}`));
    for (const after of [300, 700, 1100, 1500]) {
      const child = spawnDaemon(tree);
      await pause(after);
      tree.save("c7", `Saved after ${after}`);
      await pause(30);
      child.process.kill("SIGKILL");
      await child.ended;
      expect(statusOf(tree)?.running ?? false).toBe(false);
    }
    const last = spawnDaemon(tree);
    // The one before may have got as far as watching, and its word still stands.
    await until("it speaks", () => statusOf(tree)?.pid === last.process.pid);
    await watching(tree);
    expect(statusOf(tree)).toMatchObject({ running: true, pid: last.process.pid });
    await stop(last);
    expect((await registered(tree)).size).toBe(100);
    expect(leftovers(tree)).toEqual([]);
  });

  it("uses a good new configuration on SIGHUP, and keeps the old one when the new one is bad", async () => {
    const tree = newTree("alpha");
    writeFileSync(join(tree.cwd, "tuning.json"), '{"settleMs": 10}');
    const child = spawnDaemon(tree);
    await watching(tree);
    writeFileSync(join(tree.cwd, "tuning.json"), "{ not json");
    child.process.kill("SIGHUP");
    await until("the refusal", () => child.says("the new configuration is bad; the old one stays"));
    tree.save("beta");
    await until("it works on", () => child.lines.some(({ fields }) => String(fields.slugs) === "beta"));
    writeFileSync(join(tree.cwd, "tuning.json"), '{"settleMs": 10, "logLevel": "error"}');
    child.process.kill("SIGHUP");
    await pause(500);
    tree.save("gamma");
    await until("gamma", () => existsSync(join(tree.connectors, "gamma", "mcp.ts")));
    await stop(child);
    expect(child.lines.some(({ fields }) => String(fields.slugs) === "gamma")).toBe(false);
    expect((await registered(tree)).has("gamma")).toBe(true);
  });

  // More folders than the kernel keeps events for (16,384 by default): it drops the rest without a word.
  // A minute or two of nothing but writing folders: the lossy watcher in watch.test.ts covers the same logic in seconds.
  it.skipIf(process.env.SENTINEL_TEST_SLOW !== "1")(
    "registers 20,000 folders that came while it could not listen",
    { timeout: 300_000 },
    async () => {
      const tree = newTree("alpha");
      const child = spawnDaemon(tree);
      await watching(tree);
      child.process.kill("SIGSTOP");
      for (let at = 0; at < 20_000; at += 1) {
        const folder = join(tree.connectors, `burst-${at}`);
        mkdirSync(folder);
        writeFileSync(join(folder, "manifest.yaml"), manifest(`burst-${at}`));
      }
      child.process.kill("SIGCONT");
      const created = () => child.lines.reduce((sum, { fields }) => sum + Number(fields.created ?? 0), 0);
      await until("all are registered", () => created() === 20_001, 240_000);
      // And all of them are watched by now.
      await until("at rest", () => statusOf(tree)?.ready === true && statusOf(tree)?.dirty === 0);
      await pause(5000);
      tree.save("burst-19999", "Saved after the flood");
      await until("a save of the last one", () =>
        child.lines.some(({ fields }) => String(fields.slugs) === "burst-19999"),
      );
      await stop(child);
      expect((await registered(tree)).size).toBe(20_001);
    },
  );
});
