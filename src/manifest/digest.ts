import canonicalize from "canonicalize";
import { Bug, type Json, type JsonObject, sha256 } from "../base/index.ts";
import { EMPTY_INPUT, NAMING_RULE } from "./normalise.ts";
import type { Manifest } from "./types.ts";

/**
 * What each field of the normal form is when nothing was written; null where it is not named here. Leaving out exactly
 * these loses nothing: two normal forms have one digest only if they are equal.
 */
const DEFAULTS: Readonly<Record<string, Json>> = {
  platform: "all",
  naming_rule: NAMING_RULE,
  requires_firearm: false,
  optional: false,
  aggregation: "sum",
  side_effecting: false,
  destructive: false,
  idempotent: false,
  in: "header",
  prefix: "",
  grant: "authorization_code",
  pkce: true,
  encoding: "json",
  database: "local_path",
  input: EMPTY_INPUT,
};

/** Fields that are an empty list or map when nothing was written. */
const COLLECTIONS = new Set([
  ...[
    "scopes",
    "kpis",
    "budgets",
    "utm_capabilities",
    "tools",
    "schemas",
    "allowed_variables",
    "static_params",
    "account_fields",
    "values",
    "also",
    "files",
    "args",
    "query_styles",
    "body_styles",
  ],
  ...["authorization_links", "file_extensions", "query", "headers", "variables", "params"],
]);

/** Fields whose value is the author's own names and JSON: kept whole. */
const FREE = new Set([
  ...["input", "output", "schemas", "static_params", "query", "headers", "variables", "params"],
  ...["body", "mapping", "static", "query_styles", "body_styles"],
]);

/**
 * The content address of a connector: SHA-256 of the RFC 8785 form of the normal form without what was not written
 * (nulls, empty collections, defaults: so that a later optional field changes no existing digest), and of the files
 * that it uses.
 * @param files path → SHA-256 of each file that the manifest uses
 * @returns 64 lower-case hex digits
 */
export function digestOf(manifest: Manifest, files: Readonly<Record<string, string>>): string {
  return sha256(canonicalText({ manifest: compact(manifest), files }));
}

/**
 * The RFC 8785 form of a value. It is `JSON.stringify` of sorted keys, which takes half the library's time; where a key
 * would not stay where it was sorted to, the library does it.
 */
export function canonicalText(value: Json): string {
  const sorted = sortKeys(value);
  const text = sorted === null ? canonicalize(value) : JSON.stringify(sorted);
  if (text === undefined) throw new Bug("a value has no canonical form");
  return text;
}

/** A copy with sorted keys; null where an object can't keep their order: numbers come first, `__proto__` is none. */
function sortKeys(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items: Json[] = [];
    for (const item of value) {
      const sorted = sortKeys(item);
      if (sorted === null && item !== null) return null;
      items.push(sorted);
    }
    return items;
  }
  const copy: JsonObject = {};
  for (const key of Object.keys(value).sort()) {
    const item = value[key];
    if (item === undefined || key === "__proto__" || /^[0-9]/.test(key)) return null;
    const sorted = sortKeys(item);
    if (sorted === null && item !== null) return null;
    copy[key] = sorted;
  }
  return copy;
}

/** The normal form without the fields that are as if nothing had been written. */
function compact(manifest: Manifest): JsonObject {
  return compactFields(manifest);
}

function compactFields(fields: object): JsonObject {
  const kept: JsonObject = {};
  for (const [key, value] of Object.entries(fields)) {
    if (isDefault(key, value)) continue;
    // Under `auth`, scopes are a map of the author's names.
    const whole = FREE.has(key) || (key === "scopes" && !Array.isArray(value));
    kept[key] = whole ? value : compactValue(value);
  }
  return kept;
}

function compactValue(value: Json): Json {
  if (Array.isArray(value)) return value.map(compactValue);
  return typeof value === "object" && value !== null ? compactFields(value) : value;
}

function isDefault(key: string, value: Json): boolean {
  if (value === null) return true;
  if (typeof value !== "object") return value === DEFAULTS[key];
  if (key === "input") return Object.keys(value).length === 3 && canonicalize(value) === EMPTY_TEXT;
  return COLLECTIONS.has(key) && Object.keys(value).length === 0;
}

const EMPTY_TEXT = canonicalize(EMPTY_INPUT);
