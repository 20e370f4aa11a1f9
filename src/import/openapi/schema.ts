import type { Json, JsonObject } from "../../base/index.ts";
import { patternProblem } from "../../manifest/index.ts";
import { flagAt, get, isMap, put, textOf } from "../json.ts";
import { identifier, isForbiddenKey, wordSet } from "../names.ts";
import type { Notes } from "../notes.ts";
import { describe } from "../text.ts";
import { isBytes } from "./body.ts";
import type { Document } from "./document.ts";
import { readType, toType } from "./types.ts";

const SCHEMA = wordSet(`
  additionalProperties contains contentSchema else if items not propertyNames then
  unevaluatedItems unevaluatedProperties
`);
const SCHEMA_LISTS = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const NUMBERS = new Set(["maximum", "minimum", "multipleOf"]);
const COUNTS = wordSet(`
  maxContains maxItems maxLength maxProperties minContains minItems minLength minProperties
`);
const TEXTS = new Set(["format", "contentEncoding", "contentMediaType"]);
const FLAGS = new Set(["deprecated", "uniqueItems"]);
/** Nothing of a request is lost without these: they tell of responses, XML, documentation, or what a $ref has replaced. */
const NOT_OF_A_REQUEST = wordSet(`
  readOnly writeOnly xml externalDocs $schema $comment $defs definitions $id $anchor nullable
  x-nullable required exclusiveMaximum exclusiveMinimum type title
`);
/** Examples longer than this fill a list of tools and teach nothing. */
const MAX_EXAMPLE = 100;
/** Values of an enumeration: more than a list of all currencies, languages or time zones has. */
const MAX_ENUM = 1000;
/** Schemas within schemas before the inner one becomes a shared one of its own: a file nests 64 levels at most. */
const MAX_NESTING = 16;

/** Where a shared schema comes from: its name, and what to convert. */
interface Shared {
  readonly name: string;
  readonly value: Json;
  readonly where: string;
}

/**
 * Turns schemas of any OpenAPI version, as requests use them, into JSON Schema 2020-12. What a reference leads to becomes
 * a shared schema, so that circles stay what they are; only what some request reaches is converted.
 */
export class Schemas {
  readonly #document: Document;
  readonly #notes: Notes;
  /** Pointer → what is shared under which name. */
  readonly #shared = new Map<string, Shared>();
  readonly #names = new Map<string, string>();
  readonly #waiting: Shared[] = [];

  constructor(document: Document, notes: Notes, names: ReadonlyMap<string, string>) {
    this.#document = document;
    this.#notes = notes;
    for (const [pointer, name] of names) this.#names.set(pointer, name);
  }

  /** The shared schemas that the schemas converted so far reach, by name. */
  finish(): Map<string, JsonObject> {
    const done = new Map<string, JsonObject>();
    for (let next = this.#waiting.pop(); next !== undefined; next = this.#waiting.pop()) {
      done.set(next.name, this.convert(next.value, next.where));
    }
    return done;
  }

  /** Converts one schema. `where` names its place in notes. */
  convert(raw: Json | undefined, where: string, nesting = 0): JsonObject {
    if (raw === false) return { not: {} };
    if (raw === undefined || raw === null || raw === true) return {};
    if (!isMap(raw)) {
      this.#notes.add("a schema that is none", where, "anything is accepted there");
      return {};
    }
    if (nesting > MAX_NESTING) return this.#share(where, raw, where);
    const schema: JsonObject = {};
    const ref = get(raw, "$ref");
    if (typeof ref === "string") Object.assign(schema, this.#reference(ref, where));
    for (const [keyword, value] of typeFirst(raw)) {
      if (keyword !== "$ref") this.#keyword(schema, raw, keyword, value, where, nesting);
    }
    this.#limits(schema, raw);
    this.#required(schema, raw);
    return allowNull(schema, flagAt(raw, "nullable") || flagAt(raw, "x-nullable"));
  }

  /** Whether a schema is of what only the server sets. */
  isReadOnly(raw: Json): boolean {
    return flagAt(raw, "readOnly") || flagAt(this.#document.follow(raw), "readOnly");
  }

  #reference(ref: string, where: string): JsonObject {
    const target = this.#document.resolve(ref);
    if (target !== null && (isMap(target.value) || typeof target.value === "boolean")) {
      return this.#share(target.pointer, target.value, target.pointer.replace(/^#\//, ""));
    }
    const outside = target === null && !ref.startsWith("#");
    const why = outside ? "only the document itself is read" : "it leads to nothing";
    this.#notes.add(`what "${ref}" says`, where, `${why}; anything is accepted there`);
    return {};
  }

  #share(pointer: string, value: Json, where: string): JsonObject {
    let shared = this.#shared.get(pointer);
    if (shared === undefined) {
      shared = { name: this.#nameOf(pointer), value, where };
      this.#shared.set(pointer, shared);
      this.#waiting.push(shared);
    }
    return { $ref: `#/schemas/${shared.name}` };
  }

  /** Components have their names already; what is deeper is named by the last words of its pointer. */
  #nameOf(pointer: string): string {
    const known = this.#names.get(pointer);
    if (known !== undefined) return known;
    const wish = identifier(pointer.split("/").slice(-3).join("_"), 50);
    const taken = new Set(this.#names.values());
    const name = taken.has(wish) ? identifier(`${wish}_${pointer}`, 60) : wish;
    this.#names.set(pointer, name);
    return name;
  }

  #keyword(
    out: JsonObject,
    raw: JsonObject,
    keyword: string,
    value: Json,
    where: string,
    nesting: number,
  ): void {
    if (keyword === "type") this.#type(out, value, where);
    else if (keyword === "properties") this.#properties(out, value, where, nesting);
    else if (keyword === "title") this.#title(out, raw, value, where);
    else if (keyword === "description") put(out, keyword, describe(value, where, this.#notes));
    else if (keyword === "items" && Array.isArray(value)) {
      // No schema for any of its items: each may be anything.
      if (value.length === 0) return;
      out.prefixItems = value.map((item) => this.convert(item, `${where}/items`, nesting + 1));
    } else if (SCHEMA.has(keyword)) out[keyword] = this.#inner(value, `${where}/${keyword}`, nesting);
    else if (SCHEMA_LISTS.has(keyword)) this.#list(out, keyword, value, where, nesting);
    else if (keyword === "patternProperties") this.#patterns(out, value, where, nesting);
    else if (keyword === "dependentSchemas" && isMap(value)) {
      out[keyword] = mapOf(value, (name, item) => this.convert(item, `${where}/${name}`, nesting + 1));
    } else this.#plain(out, raw, keyword, value, where);
  }

  #plain(out: JsonObject, raw: JsonObject, keyword: string, value: Json, where: string): void {
    if (NUMBERS.has(keyword) || COUNTS.has(keyword)) this.#number(out, keyword, value, where);
    else if (keyword === "format" && value === "binary") out.contentEncoding = "base64";
    else if (TEXTS.has(keyword)) {
      setText(out, keyword, value);
      // 3.1 says so of bytes; here they are always given as base64.
      if (keyword === "contentMediaType" && isBytes(String(value))) out.contentEncoding ??= "base64";
    } else if (FLAGS.has(keyword)) {
      if (value === true || value === "true") out[keyword] = true;
    } else if (keyword === "pattern") this.#pattern(out, value, where);
    else if (keyword === "enum") this.#enum(out, raw, value, where);
    else if (keyword === "const" || keyword === "default") out[keyword] = toType(value, get(raw, "type"));
    else if (keyword === "example" || keyword === "examples") setExamples(out, keyword, value);
    else if (keyword === "dependentRequired" && isMap(value)) {
      out[keyword] = mapOf(value, (_, names) => textsOf(names));
    } else if (!NOT_OF_A_REQUEST.has(keyword) && !keyword.startsWith("x-")) {
      const why = "JSON Schema has no such keyword, or it can't be used here";
      this.#notes.add(`the keyword ${keyword}`, where, why);
    }
  }

  #inner(value: Json, where: string, nesting: number): Json {
    if (typeof value === "boolean") return value;
    if (value === "true" || value === "false") return value === "true";
    return this.convert(value, where, nesting + 1);
  }

  #list(out: JsonObject, keyword: string, value: Json, where: string, nesting: number): void {
    if (Array.isArray(value) && value.length > 0) {
      out[keyword] = value.map((item) => this.convert(item, `${where}/${keyword}`, nesting + 1));
    } else this.#notes.add(`the keyword ${keyword}`, where, "it wants a list of schemas");
  }

  #properties(out: JsonObject, value: Json, where: string, nesting: number): void {
    if (!isMap(value)) {
      if (value !== null) this.#notes.add("the keyword properties", where, "it wants a map of schemas");
      return;
    }
    const properties: JsonObject = {};
    for (const [name, item] of Object.entries(value)) {
      if (this.isReadOnly(item)) continue;
      if (isForbiddenKey(name)) {
        this.#notes.add(`the field ${name}`, where, "no file of a connector may hold a key of that name");
      } else put(properties, name, this.convert(item, `${where}/${name}`, nesting + 1));
    }
    out.properties = properties;
  }

  /** A title that only repeats the name of its field says nothing. */
  #title(out: JsonObject, raw: JsonObject, value: Json, where: string): void {
    const text = textOf(value);
    if (text === null || get(raw, "description") !== undefined) return;
    const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
    if (plain(text) !== plain(where.split("/").at(-1) ?? "")) out.title = describe(text, where, this.#notes);
  }

  #type(out: JsonObject, value: Json, where: string): void {
    const { type, format, encoding, unknown } = readType(value);
    if (type !== null) out.type = type;
    if (format !== null) out.format ??= format;
    if (encoding !== null) out.contentEncoding ??= encoding;
    if (unknown !== null) this.#notes.add(`the type ${unknown}`, where, "JSON Schema has no such type");
  }

  #number(out: JsonObject, keyword: string, value: Json, where: string): void {
    const number = typeof value === "string" ? Number(value) : value;
    const good =
      typeof number === "number" &&
      Number.isFinite(number) &&
      (!COUNTS.has(keyword) || (Number.isInteger(number) && number >= 0)) &&
      (keyword !== "multipleOf" || number > 0);
    if (!good) this.#notes.add(`the keyword ${keyword}`, where, "its value is not a number that it can have");
    // What a double can't hold is no limit worth the name: it is what 64 bits hold.
    else if (!Number.isInteger(number) || Number.isSafeInteger(number)) out[keyword] = number;
  }

  /** Exclusive limits were flags once and are numbers now. */
  #limits(out: JsonObject, raw: JsonObject): void {
    for (const [exclusive, inclusive] of LIMITS) {
      const value = get(raw, exclusive);
      if (typeof value === "number" || (typeof value === "string" && /^[-\d]/.test(value))) {
        this.#number(out, exclusive, value, exclusive);
      } else if (value === true && out[inclusive] !== undefined) {
        out[exclusive] = out[inclusive];
        delete out[inclusive];
      }
    }
  }

  #required(out: JsonObject, raw: JsonObject): void {
    const listed = textsOf(get(raw, "required") ?? []);
    const properties = get(raw, "properties");
    // An older spelling: each field says for itself that it is required.
    const marked = Object.entries(isMap(properties) ? properties : {})
      .filter(([, item]) => get(item, "required") === true)
      .map(([name]) => name);
    const kept = out.properties;
    const names = [...new Set([...listed, ...marked])].filter(
      (name) =>
        !isForbiddenKey(name) && (get(properties, name) === undefined || get(kept, name) !== undefined),
    );
    if (names.length > 0) out.required = names;
  }

  #pattern(out: JsonObject, value: Json, where: string): void {
    const pattern = usablePattern(textOf(value) ?? "");
    if (pattern !== null) out.pattern = pattern;
    else this.#notes.add(`the pattern ${textOf(value)}`, where, NO_PATTERN);
  }

  #patterns(out: JsonObject, value: Json, where: string, nesting: number): void {
    if (!isMap(value)) return;
    const patterns: JsonObject = {};
    for (const [written, item] of Object.entries(value)) {
      const pattern = usablePattern(written);
      if (pattern === null) this.#notes.add(`the pattern ${written}`, where, NO_PATTERN);
      else put(patterns, pattern, this.convert(item, where, nesting + 1));
    }
    if (Object.keys(patterns).length > 0) out.patternProperties = patterns;
  }

  #enum(out: JsonObject, raw: JsonObject, value: Json, where: string): void {
    if (!Array.isArray(value) || value.length === 0) {
      this.#notes.add("the keyword enum", where, "it wants a list of values");
      return;
    }
    const values = value.map((item) => toType(item, get(raw, "type")));
    const different = [...new Set(values)];
    if (different.length <= MAX_ENUM) out.enum = different;
    else {
      const why = `a list of ${different.length} helps nobody to choose; any value is accepted there`;
      this.#notes.add("the keyword enum", where, why);
    }
  }
}

const NO_PATTERN = "it can't be run in linear time, or not everywhere";

/**
 * A pattern that runs in linear time, and as JSON Schema has it: with the flag u, which knows no needless escapes. Null if
 * there is none.
 */
function usablePattern(written: string): string | null {
  const pattern = written.replace(/\\([^\p{L}\p{N}^$\\.*+?()[\]{}|/-])/gu, "$1");
  if (pattern === "" || isForbiddenKey(pattern) || patternProblem(pattern) !== null) return null;
  try {
    return new RegExp(pattern, "u").source === "" ? null : pattern;
  } catch {
    return null;
  }
}

const LIMITS = [
  ["exclusiveMaximum", "maximum"],
  ["exclusiveMinimum", "minimum"],
] as const;

/** The keywords of a schema in their order, but for the type, which people read first. */
function typeFirst(raw: JsonObject): [string, Json][] {
  const entries = Object.entries(raw);
  return [...entries.filter(([key]) => key === "type"), ...entries.filter(([key]) => key !== "type")];
}

/** Lets a schema be null besides, as older versions say by a flag. */
function allowNull(schema: JsonObject, nullable: boolean): JsonObject {
  if (!nullable) return schema;
  const { type } = schema;
  if (Array.isArray(schema.enum) && !schema.enum.includes(null)) schema.enum = [...schema.enum, null];
  if (typeof type === "string") schema.type = [type, "null"];
  else if (Array.isArray(type)) schema.type = type.includes("null") ? type : [...type, "null"];
  else if (["$ref", "allOf", "anyOf", "oneOf"].some((key) => schema[key] !== undefined)) {
    const { description, ...rest } = schema;
    const kept = description === undefined ? {} : { description };
    return { ...kept, anyOf: [rest, { type: "null" }] };
  }
  return schema;
}

function mapOf(map: JsonObject, change: (key: string, value: Json) => Json): JsonObject {
  const out: JsonObject = {};
  for (const [key, value] of Object.entries(map)) if (!isForbiddenKey(key)) put(out, key, change(key, value));
  return out;
}

function textsOf(value: Json): string[] {
  return Array.isArray(value) ? [...new Set(value.filter((item) => typeof item === "string"))] : [];
}

function setText(out: JsonObject, keyword: string, value: Json): void {
  const text = textOf(value);
  if (text !== null) out[keyword] ??= text;
}

function setExamples(out: JsonObject, keyword: string, value: Json): void {
  const list = keyword === "examples" && Array.isArray(value) ? value : [value];
  const short = list.filter(
    (item) => item !== null && typeof item !== "object" && String(item).length <= MAX_EXAMPLE,
  );
  if (short.length > 0) out.examples ??= short.slice(0, 3);
}
