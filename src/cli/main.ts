#!/usr/bin/env node
/**
 * The launcher. It must parse and run on any Node that people have (20 and newer): where that is too old for the
 * product, it hands over to the Node that the `node` package brings. So it imports next to nothing of ours before it knows.
 */
import { existsSync } from "node:fs";
import module from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { complain } from "./output/complain.ts";

const NEEDED: readonly [number, number] = [22, 22];

/** Set for the process that we hand over to: it is our child, and must not outlive us. */
const CHILD = "SENTINEL_LAUNCHED";

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

/** The Node that an installed `node` package brings: beside this package, above it, or in the working directory. */
function bundledNode(): string | null {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const places: string[] = [];
  for (let at = dirname(fileURLToPath(import.meta.url)); places.at(-1) !== at; at = dirname(at))
    places.push(at);
  const candidates = [...places, process.cwd()].map((at) => resolve(at, "node_modules", "node", "bin", name));
  return candidates.find((path) => existsSync(path)) ?? null;
}

/** Runs this program again under another Node; signals go down, the exit code comes up. */
async function handOver(node: string): Promise<void> {
  // Loaded here only: it costs as much as the rest of a short command.
  const { spawn } = await import("node:child_process");
  const [, script = "", ...args] = process.argv;
  const child = spawn(node, [...process.execArgv, script, ...args], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, [CHILD]: "1" },
  });
  const signals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
  for (const signal of signals) {
    // A terminal sends Ctrl-C to both of us, and a second one would mean "at once" to the child.
    const sentToBoth = (signal === "SIGINT" || signal === "SIGQUIT") && process.stdin.isTTY === true;
    process.on(signal, () => sentToBoth || child.kill(signal));
  }
  child.on("error", (error) => tooOld(`${node} can't be started: ${error.message}`));
  child.on("exit", (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? 2;
      return;
    }
    for (const handled of signals) process.removeAllListeners(handled);
    process.kill(process.pid, signal);
  });
}

function tooOld(why: string): void {
  process.exitCode = 2;
  complain(`sentinel needs Node ${NEEDED.join(".")} or newer, and this is ${process.version}: ${why}`);
}

async function start(): Promise<void> {
  if (process.env[CHILD] !== undefined) {
    delete process.env[CHILD];
    // Our launcher was killed: it would not want the work to go on behind its back.
    process.once("disconnect", () => process.kill(process.pid, "SIGKILL"));
    process.channel?.unref();
  }
  module.enableCompileCache?.();
  const { main } = await import("./program.ts");
  await main(process.argv.slice(2));
}

if (isNewEnough(process.versions.node)) {
  await start();
} else {
  const node = bundledNode();
  if (node === null) tooOld("install a newer one, or `npm install node` here.");
  else await handOver(node);
}
