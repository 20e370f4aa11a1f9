import { endAfter } from "../watchdog.ts";
import { doAll, tell, tellText } from "../wire.ts";
import { compiler, evaluate, type MappingJob } from "./evaluate.ts";

// Evaluates mappings in a process of its own, one after the other: one that never ends, or needs more memory than there
// is, ends nothing else.

/** The process as a whole has a bound of its own, in case that these are never looked at. */
const compile = compiler({ timeout: 2000, stack: 500, sequence: 1_000_000 });
/** After this, whoever should have ended it is gone. */
const MAX_MS = 10_000;

await doAll(async (job: MappingJob) => {
  endAfter(MAX_MS);
  const reply = await evaluate(job, compile);
  endAfter(null);
  if ("json" in reply) tellText(`{"done":${reply.json}}`);
  else tell({ failed: { code: reply.limit ? "mapping.limit" : "mapping.failed", message: reply.failed } });
});
