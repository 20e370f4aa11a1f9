import jsonata from "jsonata";
import type { Json, JsonObject } from "../../../base/index.ts";

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

/** Bounds of one expression, as JSONata has them: milliseconds, depth of calls, length of a list. */
export type ExpressionBounds = Required<Pick<jsonata.JsonataOptions, "timeout" | "stack" | "sequence">>;

/** What JSONata says when a bound is reached: depth, time, lengths; and when V8's stack is used up. */
const LIMITS = new Set(["D1011", "D1012", "D2014", "D2015", "U1001"]);
const MAX_KEPT = 5000;
const TOO_LARGE: MappingReply = { failed: "its result is too large", limit: true };

/** Compiles expressions, each once; what is not to be run is refused by `look`, which throws. */
export function compiler(
  bounds: ExpressionBounds,
  look: (expression: jsonata.Expression, text: string) => void = () => {},
): (text: string) => jsonata.Expression {
  const kept = new Map<string, jsonata.Expression>();
  return (text) => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    const expression = jsonata(text, bounds);
    look(expression, text);
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(text, expression);
    return expression;
  };
}

/** Evaluates a mapping; a field whose expression finds nothing is left out. Never throws. */
export async function evaluate(
  job: MappingJob,
  compile: (text: string) => jsonata.Expression,
): Promise<MappingReply> {
  try {
    const value = await fields(job.mapping, job, compile);
    // A text of many parts takes next to no memory before it is written out.
    if (sizeOf(value, job.max) > job.max) return TOO_LARGE;
    // JSON has no functions, and none of the marks that JSONata leaves on its lists.
    const json = JSON.stringify(value ?? null) ?? "null";
    return json.length <= job.max ? { json } : TOO_LARGE;
  } catch (error) {
    const { code, message } = Object(error);
    return {
      failed: typeof message === "string" ? message : String(code),
      limit: LIMITS.has(code) || error instanceof RangeError,
    };
  }
}

/** Characters of the texts and keys of a value, and one for each other part; counts no further than past `max`. */
export function sizeOf(value: unknown, max: number): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 1;
  let size = 1;
  for (const [key, inner] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
    size += (typeof key === "string" ? key.length : 0) + sizeOf(inner, max - size);
    if (size > max) break;
  }
  return size;
}

async function fields(
  mapping: Json,
  job: MappingJob,
  compile: (text: string) => jsonata.Expression,
): Promise<unknown> {
  if (typeof mapping === "string") return compile(mapping).evaluate(job.value, { params: job.params });
  if (typeof mapping !== "object" || mapping === null || Array.isArray(mapping)) return mapping;
  const pairs: [string, unknown][] = [];
  for (const [key, inner] of Object.entries(mapping)) pairs.push([key, await fields(inner, job, compile)]);
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
}
