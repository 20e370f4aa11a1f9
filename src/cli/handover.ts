/** Runs the program under a Node that is new enough. This must itself run on the old one, as the launcher does. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { complain } from "./output/complain.ts";

/**
 * Starts this program again under the Node that an installed `node` package brings; signals go down, the exit code comes
 * up. Where there is none, it says so and leaves exit code 2.
 * @param needed the oldest version that will do
 * @param mark the variable that tells the new process whose child it is
 */
export function handOver(needed: string, mark: string): void {
  const tooOld = (why: string): void => {
    process.exitCode = 2;
    complain(`sentinel needs Node ${needed} or newer, and this is ${process.version}: ${why}`);
  };
  const node = bundledNode();
  if (node === null) {
    tooOld("install a newer one, or `npm install node` here.");
    return;
  }
  const [, script = "", ...args] = process.argv;
  const child = spawn(node, [...process.execArgv, script, ...args], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, [mark]: "1" },
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

/** That Node lies beside this package, above it, or in the working directory. */
function bundledNode(): string | null {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const places: string[] = [];
  for (let at = dirname(fileURLToPath(import.meta.url)); places.at(-1) !== at; at = dirname(at))
    places.push(at);
  const candidates = [...places, process.cwd()].map((at) => resolve(at, "node_modules", "node", "bin", name));
  return candidates.find((path) => existsSync(path)) ?? null;
}
