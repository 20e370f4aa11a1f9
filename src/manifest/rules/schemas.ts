import type { Json, JsonObject } from "../../base/index.ts";
import { asMap } from "../declared.ts";
import type { Path } from "../finding.ts";
import { didYouMean, follow, show } from "../shape/check.ts";
import { patternProblem } from "./pattern.ts";
import type { Report } from "./rule.ts";

const TYPES = ["array", "boolean", "integer", "null", "number", "object", "string"] as const;
const SCHEMA = new Set([
  ...[
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
  ],
  ...["unevaluatedItems", "unevaluatedProperties"],
]);
const SCHEMA_MAPS = new Set(["$defs", "definitions", "dependentSchemas", "patternProperties", "properties"]);
const SCHEMA_LISTS = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const NUMBERS = new Set(["exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum"]);
const COUNTS = new Set([
  ...["maxContains", "maxItems", "maxLength", "maxProperties", "minContains", "minItems", "minLength"],
  "minProperties",
]);
const TEXTS = new Set([
  "$anchor",
  "$comment",
  "$dynamicAnchor",
  "$dynamicRef",
  "$id",
  "$schema",
  "description",
]);
const MORE_TEXTS = new Set(["contentEncoding", "contentMediaType", "format", "title"]);
const FLAGS = new Set(["deprecated", "readOnly", "uniqueItems", "writeOnly"]);
const OTHERS = ["type", "enum", "const", "default", "examples", "required", "pattern", "multipleOf", "$ref"];
const KEYWORDS: readonly string[] = [
  ...[...SCHEMA, ...SCHEMA_MAPS, ...SCHEMA_LISTS, ...NUMBERS, ...COUNTS, ...TEXTS, ...MORE_TEXTS, ...FLAGS],
  ...["dependentRequired", ...OTHERS],
];
/** Words of OpenAPI that look like a misspelt keyword and are none. */
const FOREIGN = new Set([
  "example",
  "nullable",
  "discriminator",
  "xml",
  "externalDocs",
  "enumNames",
  "order",
]);

/** What a schema is checked within. */
interface Around {
  /** The schema that `#/…` counts from. */
  readonly root: JsonObject;
  /** The manifest's `schemas`. */
  readonly shared: JsonObject;
  readonly report: Report;
}

/**
 * Checks that a value is a JSON Schema of draft 2020-12: the type of each keyword, that each `$ref` leads to something
 * and each pattern runs in linear time. Unknown keywords are allowed, as the draft has it, unless they look misspelt.
 */
export function checkSchema(schema: JsonObject, path: Path, shared: JsonObject, report: Report): void {
  checkMap(schema, path, { root: schema, shared, report });
}

function checkAny(value: Json, path: Path, around: Around): void {
  if (typeof value === "boolean") return;
  const map = asMap(value);
  if (map === null) wrong(path, "a schema (a map, true or false)", value, around);
  else checkMap(map, path, around);
}

function checkMap(schema: JsonObject, path: Path, around: Around): void {
  for (const [keyword, value] of Object.entries(schema)) {
    checkKeyword(keyword, value, [...path, keyword], around);
  }
}

function checkKeyword(keyword: string, value: Json, path: Path, around: Around): void {
  if (SCHEMA.has(keyword)) checkAny(value, path, around);
  else if (SCHEMA_MAPS.has(keyword)) {
    const map = asMap(value);
    if (map === null) wrong(path, "a map of schemas", value, around);
    for (const [name, item] of Object.entries(map ?? {})) {
      if (keyword === "patternProperties") checkPattern(name, [...path, name], "key", around);
      checkAny(item, [...path, name], around);
    }
  } else if (SCHEMA_LISTS.has(keyword)) {
    if (!Array.isArray(value) || value.length === 0) wrong(path, "a list of schemas", value, around);
    else value.forEach((item, index) => void checkAny(item, [...path, index], around));
  } else checkSimple(keyword, value, path, around);
}

function checkSimple(keyword: string, value: Json, path: Path, around: Around): void {
  if (NUMBERS.has(keyword)) expect(typeof value === "number", path, "a number", value, around);
  else if (COUNTS.has(keyword)) {
    const good = typeof value === "number" && Number.isInteger(value) && value >= 0;
    expect(good, path, "a whole number from 0", value, around);
  } else if (TEXTS.has(keyword) || MORE_TEXTS.has(keyword)) {
    expect(typeof value === "string", path, "text", value, around);
  } else if (FLAGS.has(keyword)) expect(typeof value === "boolean", path, "true or false", value, around);
  else checkSpecial(keyword, value, path, around);
}

function checkSpecial(keyword: string, value: Json, path: Path, around: Around): void {
  switch (keyword) {
    case "type":
      checkType(value, path, around);
      break;
    case "required":
      expect(isTextList(value), path, "a list of different field names", value, around);
      break;
    case "enum":
    case "examples":
      expect(Array.isArray(value), path, "a list", value, around);
      break;
    case "multipleOf":
      expect(typeof value === "number" && value > 0, path, "a number above 0", value, around);
      break;
    case "dependentRequired":
      expect(
        Object.values(asMap(value) ?? { none: null }).every(isTextList),
        path,
        "a map of lists",
        value,
        around,
      );
      break;
    case "pattern":
      if (typeof value === "string") checkPattern(value, path, "value", around);
      else wrong(path, "text", value, around);
      break;
    case "$ref":
      if (typeof value === "string") checkRef(value, path, around);
      else wrong(path, "text", value, around);
      break;
    default:
      checkSpelling(keyword, path, around);
  }
}

function checkType(value: Json, path: Path, around: Around): void {
  const types = Array.isArray(value) ? value : [value];
  const known: readonly string[] = TYPES;
  const wrongOne = types.find((type) => typeof type !== "string" || !known.includes(type));
  if (wrongOne === undefined && types.length > 0) return;
  const near = typeof wrongOne === "string" ? didYouMean(wrongOne, TYPES) : null;
  const hint = `${near === null ? "" : `Did you mean ${near}? `}Use one of ${TYPES.join(", ")}.`;
  around.report("schema.invalid", path, `There is no type ${show(wrongOne ?? value)}.`, hint);
}

function checkPattern(pattern: string, path: Path, at: "key" | "value", around: Around): void {
  const problem = patternProblem(pattern);
  if (problem !== null) around.report("schema.pattern", path, problem, undefined, at);
}

function checkRef(ref: string, path: Path, around: Around): void {
  if (resolveRef(ref, around.root, around.shared) !== undefined) return;
  const name = /^#\/schemas\/(.*)$/.exec(ref)?.[1];
  const near = name === undefined ? null : didYouMean(name, Object.keys(around.shared));
  const hint = near === null ? undefined : `Did you mean "#/schemas/${near}"?`;
  around.report("schema.unknown_ref", path, `${show(ref)} points to nothing.`, hint);
}

/** What a `$ref` leads to: a shared schema, or a place within the same one; undefined if nothing. */
export function resolveRef(ref: string, root: JsonObject, shared: JsonObject): Json | undefined {
  if (ref === "#") return root;
  if (!ref.startsWith("#/")) return undefined;
  const steps = ref.slice(2).split("/").map(unescapePointer);
  if (steps.includes(null)) return undefined;
  const path = steps.map((step) => step ?? "");
  return path[0] === "schemas" ? follow(shared, path.slice(1)) : follow(root, path);
}

function unescapePointer(step: string): string | null {
  try {
    return decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    return null;
  }
}

function checkSpelling(keyword: string, path: Path, around: Around): void {
  if (KEYWORDS.includes(keyword) || FOREIGN.has(keyword) || keyword.startsWith("x-")) return;
  const near = didYouMean(keyword, KEYWORDS);
  if (near === null || Math.abs(near.length - keyword.length) > 2) return;
  const message = `${show(keyword)} is not a keyword of JSON Schema.`;
  around.report("schema.invalid", path, message, `Did you mean ${near}?`, "key");
}

function isTextList(value: Json): boolean {
  if (!Array.isArray(value)) return false;
  return value.every((item) => typeof item === "string") && new Set(value).size === value.length;
}

function expect(good: boolean, path: Path, wanted: string, value: Json, around: Around): void {
  if (!good) wrong(path, wanted, value, around);
}

function wrong(path: Path, wanted: string, value: Json, around: Around): void {
  const keyword = String(path.at(-1));
  const hint = `Write ${wanted}.`;
  around.report("schema.invalid", path, `${keyword} wants ${wanted}, not ${show(value)}.`, hint);
}
