import type { Json, JsonObject } from "../base/index.ts";
import { get, isMap, put } from "./json.ts";

/** One thing that a person and the new import both changed, in different ways. */
export interface Conflict {
  /** Where it is, such as `tools/list_pets.description`. */
  readonly path: string;
  /** What each says, shortened; null: it is gone there. */
  readonly folder: string | null;
  readonly imported: string | null;
}

/** Whose word counts where both changed the same thing; null: nobody's, it is a conflict. */
export type Preference = "folder" | "import" | null;

/** A value, or nothing where there is none. */
export type Maybe = Json | undefined;

/** Whether two values say the same: the order of a map's keys says nothing. */
export function same(a: Maybe, b: Maybe): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => same(item, b[index]));
  }
  if (!isMap(a) || !isMap(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]))
  );
}

/**
 * Merges three versions of a value: what only one side changed is as that side has it, maps and lists of names part by
 * part. What both changed differently is a conflict, and stays as the folder has it unless `prefer` says otherwise.
 */
export function mergeValues(
  base: Maybe,
  folder: Maybe,
  imported: Maybe,
  path: string,
  conflicts: Conflict[],
  prefer: Preference,
): Maybe {
  if (same(folder, imported) || same(imported, base)) return folder;
  if (same(folder, base)) return imported;
  if (isMap(folder) && isMap(imported) && (base === undefined || isMap(base))) {
    return mergeMaps(base ?? {}, folder, imported, path, conflicts, prefer);
  }
  const sets = [base ?? [], folder ?? [], imported ?? []].map(asSet);
  const [was, ours, theirs] = sets;
  if (was && ours && theirs && Array.isArray(folder) && Array.isArray(imported)) {
    const kept = folder.filter((item) => theirs.has(item) || !was.has(item));
    return [...kept, ...imported.filter((item) => !was.has(item) && !ours.has(item))];
  }
  if (prefer === null) conflicts.push({ path, folder: shown(folder), imported: shown(imported) });
  return prefer === "import" ? imported : folder;
}

function mergeMaps(
  base: JsonObject,
  folder: JsonObject,
  imported: JsonObject,
  path: string,
  conflicts: Conflict[],
  prefer: Preference,
): JsonObject {
  const out: JsonObject = {};
  for (const key of new Set([...Object.keys(folder), ...Object.keys(imported)])) {
    const [was, ours, theirs] = [get(base, key), get(folder, key), get(imported, key)];
    const value = mergeValues(was, ours, theirs, `${path}.${key}`, conflicts, prefer);
    if (value !== undefined) put(out, key, value);
  }
  return out;
}

/** The items of a list of different single values; null for anything else. */
function asSet(value: Json): Set<Json> | null {
  if (!Array.isArray(value) || value.some((item) => typeof item === "object" && item !== null)) return null;
  const set = new Set(value);
  return set.size === value.length ? set : null;
}

function shown(value: Maybe): string | null {
  if (value === undefined) return null;
  const text = JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
