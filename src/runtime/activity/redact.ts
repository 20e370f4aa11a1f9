import type { Json, JsonObject } from "../../base/index.ts";
import { REDACTED } from "../vault/scrub.ts";

/** More names than this say nothing to anybody. */
const MOST = 100;
const LONGEST_VALUES = 8000;

/**
 * The arguments of a call as the log has them: the names that the tool's schema knows, without their values. A name that
 * it does not know may itself be anything, and is only counted.
 */
export function redactArguments(schema: JsonObject, input: JsonObject): JsonObject {
  const { properties } = schema;
  const known = typeof properties === "object" && properties !== null ? properties : {};
  const names = Object.keys(input);
  const told = names.filter((name) => Object.hasOwn(known, name)).slice(0, MOST);
  const redacted: JsonObject = Object.fromEntries(told.map((name): [string, Json] => [name, REDACTED]));
  return told.length === names.length ? redacted : { ...redacted, "…": names.length - told.length };
}

/** The arguments with their values, for operators who want them in the log; cut where they are long. */
export function shownArguments(scrubbed: Json): JsonObject {
  const text = JSON.stringify(scrubbed);
  if (text.length > LONGEST_VALUES) return { "…": text.slice(0, LONGEST_VALUES) };
  return typeof scrubbed === "object" && scrubbed !== null && !Array.isArray(scrubbed) ? scrubbed : {};
}
