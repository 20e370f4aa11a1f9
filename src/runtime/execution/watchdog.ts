import { Worker } from "node:worker_threads";

/** Runs as a script of its own thread, which goes on when the main one is in a loop. */
const CODE = `const { parentPort } = require("node:worker_threads");
let timer;
parentPort.on("message", (ms) => {
  clearTimeout(timer);
  if (ms !== null) timer = setTimeout(() => process.kill(process.pid, "SIGKILL"), ms);
});`;

let dog: Worker | null = null;

/**
 * Ends this process when its time is over, even if it never comes to rest and whoever started it has died meanwhile.
 * @param ms of which there are too many when they are no number; null: its work is done, and it may wait for more
 */
export function endAfter(ms: number | null): void {
  dog ??= new Worker(CODE, { eval: true });
  dog.unref();
  dog.postMessage(ms === null || Number.isFinite(ms) ? ms : 0);
}
