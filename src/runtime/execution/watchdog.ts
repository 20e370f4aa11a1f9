import { Worker } from "node:worker_threads";

/** Runs as a script of its own thread, which goes on when the main one is in a loop. */
const CODE = `const { workerData } = require("node:worker_threads");
setTimeout(() => process.kill(process.pid, "SIGKILL"), workerData);`;

/**
 * Ends this process when its time is over, even if it never comes to rest and whoever started it has died meanwhile.
 * @param ms of which there are too many when they are no number
 */
export function endAfter(ms: number): void {
  new Worker(CODE, { eval: true, workerData: Number.isFinite(ms) ? ms : 0 }).unref();
}
