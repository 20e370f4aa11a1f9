import { parentPort } from "node:worker_threads";
import { compiler, evaluate, type MappingJob } from "./evaluate.ts";

// Evaluates mappings in a thread of its own, so that one that never ends can be stopped with it.

/** The thread as a whole has a bound of its own, in case that these are never looked at. */
const compile = compiler({ timeout: 2000, stack: 500, sequence: 1_000_000 });

parentPort?.on("message", (job: MappingJob) => {
  void evaluate(job, compile).then((reply) => parentPort?.postMessage(reply));
});
