import { type Json, type JsonObject, stripHidden } from "../base/index.ts";
import { put } from "./json.ts";
import { isForbiddenKey } from "./names.ts";
import type { Notes } from "./notes.ts";

/**
 * A value as a YAML file of ours may hold it: without characters that can't be seen, keys that are forbidden or that
 * differ in composition only, and numbers that a double can't hold. What goes is noted.
 */
export function tidy(value: JsonObject, where: string, notes: Notes): JsonObject {
  return isTidy(value, 0) ? value : tidyMap(value, where, notes, 0);
}

/** Whether there is nothing to change, as there hardly ever is: then nothing is copied. */
function isTidy(value: Json, depth: number): boolean {
  if (typeof value === "string") return stripHidden(value) === value;
  if (typeof value === "number") return isExact(value) && !Object.is(value, -0);
  if (typeof value !== "object" || value === null) return true;
  if (depth > MAX_NESTING) return false;
  if (Array.isArray(value)) return value.every((item) => isTidy(item, depth + 1));
  for (const key of Object.keys(value)) {
    if (isForbiddenKey(key) || stripHidden(key).normalize("NFC") !== key) return false;
    if (!isTidy(value[key] ?? null, depth + 1)) return false;
  }
  return true;
}

/** Whether a number is one that every reader holds alike. */
function isExact(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}

/** A file nests 64 levels; what is deeper here stands in a list of tools besides. */
const MAX_NESTING = 58;

/** A value that can't be held at all. */
const NONE = Symbol("none");

function tidyAny(value: Json, where: string, notes: Notes, depth: number): Json | typeof NONE {
  if (typeof value === "string") return stripHidden(value);
  if (typeof value === "number") return tidyNumber(value, where, notes);
  if (typeof value === "object" && value !== null && depth > MAX_NESTING) {
    notes.add("what is nested deepest", where, "a file nests 64 levels");
    return NONE;
  }
  if (Array.isArray(value)) {
    return value.map((item) => tidyAny(item, where, notes, depth + 1)).filter((item) => item !== NONE);
  }
  return typeof value === "object" && value !== null ? tidyMap(value, where, notes, depth) : value;
}

function tidyNumber(value: number, where: string, notes: Notes): number | typeof NONE {
  if (isExact(value)) return value === 0 ? 0 : value;
  notes.add(`the number ${value}`, where, "it can't be held exactly");
  return NONE;
}

function tidyMap(map: JsonObject, where: string, notes: Notes, depth: number): JsonObject {
  const out: JsonObject = {};
  for (const [name, item] of Object.entries(map)) {
    const key = stripHidden(name).normalize("NFC");
    if (isForbiddenKey(key) || Object.hasOwn(out, key)) {
      notes.add(`the field ${name}`, where, "no file of a connector may hold a key of that name, or twice");
      continue;
    }
    if (key !== name) notes.add(`the hidden characters of the field ${key}`, where, "no file may hold them");
    const tidied = tidyAny(item, where, notes, depth + 1);
    if (tidied !== NONE) put(out, key, tidied);
  }
  return out;
}
