import type { Json } from "../../base/index.ts";
import { textOf } from "../json.ts";

/** The types of JSON Schema, and the words that are written for them. */
const TYPES: Readonly<Record<string, readonly [type: string, format?: string]>> = {
  string: ["string"],
  str: ["string"],
  text: ["string"],
  date: ["string", "date"],
  datetime: ["string", "date-time"],
  "date-time": ["string", "date-time"],
  uuid: ["string", "uuid"],
  uri: ["string", "uri"],
  url: ["string", "uri"],
  email: ["string", "email"],
  integer: ["integer"],
  int: ["integer"],
  int32: ["integer", "int32"],
  int64: ["integer", "int64"],
  long: ["integer", "int64"],
  number: ["number"],
  float: ["number", "float"],
  double: ["number", "double"],
  decimal: ["number"],
  boolean: ["boolean"],
  bool: ["boolean"],
  array: ["array"],
  list: ["array"],
  object: ["object"],
  map: ["object"],
  dict: ["object"],
  hash: ["object"],
  null: ["null"],
};

/** What a `type` says. */
export interface ReadType {
  readonly type: string | string[] | null;
  readonly format: string | null;
  readonly encoding: string | null;
  /** A word that is no type. */
  readonly unknown: string | null;
}

const NOTHING: ReadType = { type: null, format: null, encoding: null, unknown: null };

/** Reads a `type` in any of the spellings that real documents have. */
export function readType(value: Json): ReadType {
  if (Array.isArray(value)) {
    const read = value.map(readType);
    const types = [...new Set(read.flatMap(({ type }) => type ?? []))];
    const unknown = read.find((one) => one.unknown !== null)?.unknown ?? null;
    // A word that is no type may allow anything.
    return { ...NOTHING, type: types.length === 0 || unknown !== null ? null : types, unknown };
  }
  if (value === null) return { ...NOTHING, type: "null" };
  const word = textOf(value)?.toLowerCase() ?? "any";
  if (word === "any") return NOTHING;
  if (word === "file" || word === "binary") return { ...NOTHING, type: "string", encoding: "base64" };
  const known = Object.hasOwn(TYPES, word) ? TYPES[word] : undefined;
  if (known === undefined) return { ...NOTHING, unknown: textOf(value) };
  return { ...NOTHING, type: known[0], format: known[1] ?? null };
}

/** A value as its schema's type wants it: YAML tells `1.0` from text by guessing. */
export function toType(value: Json, type: Json | undefined): Json {
  if (Array.isArray(value) || typeof value === "object" || type === undefined) return value;
  const wanted = readType(type).type;
  if (wanted === "string") return String(value);
  if (typeof value !== "string" || value.trim() === "") return value;
  if (wanted === "number" || wanted === "integer")
    return Number.isFinite(Number(value)) ? Number(value) : value;
  if (wanted === "boolean" && (value === "true" || value === "false")) return value === "true";
  return value;
}
