import { parentPort } from "node:worker_threads";
import jsonata from "jsonata";
import type { Json, JsonObject } from "../../../base/index.ts";

// Evaluates mappings in a thread of its own, so that one that never ends can be stopped with it.

/** One mapping of one answer. */
export interface MappingJob {
  /** A JSONata expression, or fields of them. */
  readonly mapping: Json;
  readonly value: Json;
  readonly params: JsonObject;
  /** Characters of the result's JSON. */
  readonly max: number;
}

/** The result's JSON, or why there is none. */
export type MappingReply = { readonly json: string } | { readonly failed: string; readonly limit: boolean };

/** Of one expression; the thread as a whole has a bound of its own, in case that this one is never looked at. */
const OPTIONS = { timeout: 2000, stack: 500, sequence: 1_000_000 };
/** What JSONata says when a bound of `OPTIONS` is reached: time, depth, length; and V8 when the stack is used up. */
const LIMITS = new Set(["D1011", "D1012", "D2014", "D2015", "U1001"]);
const MAX_KEPT = 5000;

const compiled = new Map<string, jsonata.Expression>();

function compile(text: string): jsonata.Expression {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  const expression = jsonata(text, OPTIONS);
  if (compiled.size >= MAX_KEPT) compiled.clear();
  compiled.set(text, expression);
  return expression;
}

/** The mapping with each expression evaluated; a field whose expression finds nothing is left out. */
async function evaluate(mapping: Json, job: MappingJob): Promise<unknown> {
  if (typeof mapping === "string") return compile(mapping).evaluate(job.value, { params: job.params });
  if (typeof mapping !== "object" || mapping === null || Array.isArray(mapping)) return mapping;
  const pairs: [string, unknown][] = [];
  for (const [key, inner] of Object.entries(mapping)) pairs.push([key, await evaluate(inner, job)]);
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
}

async function reply(job: MappingJob): Promise<MappingReply> {
  try {
    // JSON has no functions, and none of the marks that JSONata leaves on its lists.
    const json = JSON.stringify((await evaluate(job.mapping, job)) ?? null) ?? "null";
    return json.length <= job.max ? { json } : { failed: "its result is too large", limit: true };
  } catch (error) {
    const { code, message } = Object(error);
    return {
      failed: typeof message === "string" ? message : String(code),
      limit: LIMITS.has(code) || error instanceof RangeError,
    };
  }
}

parentPort?.on("message", (job: MappingJob) => {
  void reply(job).then((answer) => parentPort?.postMessage(answer));
});
