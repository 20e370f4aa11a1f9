import { parentPort, workerData } from "node:worker_threads";
import { Bug } from "../base/index.ts";
import type { Reading } from "./judge.ts";
import { readConnector } from "./read.ts";

/** What a worker is started with. */
export interface WorkerStart {
  readonly root: string;
  readonly display: string;
  /** One 32-bit number: how many readings the worker has finished since it started. */
  readonly progress: SharedArrayBuffer;
}

/** The messages of a worker: one when it is ready, then the readings (as JSON) of each list of slugs it was sent. */
export type WorkerAnswer = { readonly ready: true } | { readonly readings: string };

const start: WorkerStart = workerData;
const progress = new Int32Array(start.progress);
if (parentPort === null) throw new Bug("worker.ts is to be started as a worker");
const port = parentPort;

async function read(slugs: readonly string[]): Promise<void> {
  const readings: Reading[] = [];
  for (const slug of slugs) {
    readings.push(await readConnector(start.root, start.display, slug));
    Atomics.add(progress, 0, 1);
  }
  // As JSON: it crosses over in half the time that a structured clone of so many small objects takes.
  const answer: WorkerAnswer = { readings: JSON.stringify(readings) };
  port.postMessage(answer);
}

// One list after the other: the progress that is counted names the folder that is being read.
let turn = Promise.resolve();
port.on("message", (slugs: readonly string[]) => {
  turn = turn.then(() => read(slugs));
});
const ready: WorkerAnswer = { ready: true };
port.postMessage(ready);
