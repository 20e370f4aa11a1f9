import { Worker } from "node:worker_threads";

/** What a process of ours may take of the machine's memory: its heap, and as much besides. */
export const MEMORY_MB = 512;
/** The signal of a process that took more; it can't be caught where it is looked for, and nothing else sends it. */
export const FULL = "SIGUSR2";
/** Between two looks a process can take some 100 MB. */
const LOOK_MS = 25;

/** Runs as a script of its own thread, which goes on when the main one is in a loop. */
const CODE = `const { parentPort } = require("node:worker_threads");
const parent = process.ppid;
let timer;
let looks;
function end(signal) {
  try {
    process.kill(process.pid, signal);
  } catch {
    process.kill(process.pid, "SIGKILL");
  }
}
parentPort.on("message", (ms) => {
  clearTimeout(timer);
  clearInterval(looks);
  if (ms === null) return;
  timer = setTimeout(end, ms, "SIGKILL");
  looks = setInterval(() => {
    if (process.memoryUsage.rss() > ${MEMORY_MB * 1024 * 1024}) end("${FULL}");
    if (process.ppid !== parent) end("SIGKILL");
  }, ${LOOK_MS});
});`;

let dog: Worker | null = null;

/**
 * Ends this process when its time is over, when it takes too much memory, also outside of its heap, or when whoever started
 * it has died: even if it never comes to rest.
 * @param ms of which there are too many when they are no number; null: its work is done, and it may wait for more
 */
export function endAfter(ms: number | null): void {
  dog ??= new Worker(CODE, { eval: true });
  dog.unref();
  dog.postMessage(ms === null || Number.isFinite(ms) ? ms : 0);
}
