import {
  boolCoreTag,
  defineMappingTag,
  defineScalarTag,
  loadAll,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  nullCoreTag,
  Schema,
  seqTag,
  strTag,
  YAMLException,
} from "js-yaml";
import { Bug, HIDDEN_CHARACTERS, type Json, UserError } from "../../base/index.ts";
import { put } from "../json.ts";
import type { Notes } from "../notes.ts";
import { duplicateKeys } from "./duplicates.ts";

/** Larger documents describe more than one connector can hold, and reading one would take gigabytes. */
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_YAML_BYTES = 16 * 1024 * 1024;
/** How deep a document may nest; ours recurses. */
const MAX_DEPTH = 400;
/** Values of a document, each counted as often as aliases repeat it. */
const MAX_VALUES = 8_000_000;

/**
 * Reads a description's text as its authors meant it: JSON or YAML, with or without a byte order mark, with keys twice
 * (the last one counts, and is noted), numbers that are not JSON's kept as they are spelt.
 * @throws UserError `import.unreadable` or `import.too_large`
 */
export function readDocument(source: string | Uint8Array, notes: Notes): Json {
  const size = typeof source === "string" ? source.length : source.byteLength;
  if (size > MAX_BYTES) throw tooLarge(`is larger than ${MAX_BYTES / 1024 / 1024} MiB`);
  const text = typeof source === "string" ? source.replace(/^\ufeff/, "") : decode(source);
  const value = /^\s*[[{]/.test(text) ? readJson(text, notes) : readYaml(text, notes);
  assertModestJson(value);
  return value;
}

/** UTF-8 or, as a byte order mark says, UTF-16; what is neither was most likely written on an older Windows. */
function decode(bytes: Uint8Array): string {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (utf16) return new TextDecoder(bytes[0] === 0xff ? "utf-16le" : "utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

function readJson(text: string, notes: Notes): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Trailing commas and the like are fine in YAML, of which JSON is a part.
    return readYaml(text, notes);
  }
  for (const { key, line } of duplicateKeys(text)) noteDuplicate(notes, key, `line ${line}`);
  return value;
}

function noteDuplicate(notes: Notes, key: string, where: string): void {
  notes.add(`the earlier value of the key "${key}"`, where, "the key is there twice; the last one counts");
}

function readYaml(text: string, notes: Notes): unknown {
  if (text.length > MAX_YAML_BYTES)
    throw tooLarge(`is YAML of more than ${MAX_YAML_BYTES / 1024 / 1024} MiB`);
  try {
    // Control characters are not YAML at all, and a description loses nothing with them.
    const clean = text.replace(HIDDEN_CHARACTERS, "");
    const documents = loadAll(clean, {
      schema: schemaFor(notes),
      json: true,
      maxDepth: MAX_DEPTH,
      maxAliases: 10_000,
    });
    if (documents.length > 1)
      notes.add("the documents after the first", "document", "a file describes one API");
    return documents.find((document) => document !== null) ?? null;
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { mark, reason } = error;
    const place = mark === undefined ? "" : `line ${mark.line + 1}, column ${mark.column + 1}: `;
    throw unreadable(`The document is neither JSON nor YAML (${place}${reason}).`);
  }
}

function unreadable(message: string): UserError {
  const hint = "Give a Swagger 2.0 or OpenAPI 3.0, 3.1 or 3.2 document, as JSON or YAML.";
  return new UserError("import.unreadable", message, hint);
}

function tooLarge(how: string): UserError {
  const hint = "Give the description of one API, or cut it down to the part that you need.";
  return new UserError("import.too_large", `The document ${how}.`, hint);
}

/**
 * A number only where JSON would write it the same; `1.0`, `0777` or `2012-01-01` stay as they are spelt, for they may be
 * a version or an enum's word. Whoever needs a number from `1.0` gets it later.
 */
const numberTag = defineScalarTag<number>("tag:yaml.org,2002:float", {
  implicit: true,
  implicitFirstChars: [..."-0123456789"],
  resolve: (source, isExplicit) => {
    const value = Number(source);
    const plain = String(value) === source || /^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/.test(source);
    return (plain || isExplicit) && Number.isFinite(value) ? value : NOT_RESOLVED;
  },
  identify: () => false,
});

/** Any other tag says how to read a text; ours is as it stands. */
function textTag(prefix: string) {
  return defineScalarTag<string>(prefix, {
    matchByTagPrefix: true,
    resolve: (source) => source,
    identify: () => false,
  });
}

type Map = Record<string, unknown>;

/** The core schema of YAML 1.2 with merge keys, keys twice, and tags that nobody asked for. */
function schemaFor(notes: Notes): Schema {
  const addPair = (map: Map, key: unknown, value: unknown): string => {
    const name = typeof key === "object" && key !== null ? JSON.stringify(key) : String(key);
    if (Object.hasOwn(map, name)) noteDuplicate(notes, name, "document");
    put(map, name, value);
    return "";
  };
  const { has, keys, get } = mapTag;
  const map = (name: string, matchByTagPrefix: boolean) =>
    defineMappingTag<Map>(name, {
      create: () => ({}),
      addPair,
      has,
      keys,
      get,
      identify: () => false,
      matchByTagPrefix,
    });
  return new Schema([
    ...[strTag, nullCoreTag, boolCoreTag, numberTag, mergeTag, textTag("!"), textTag("tag:")],
    ...[seqTag, map("tag:yaml.org,2002:map", false), map("!", true), map("tag:", true)],
  ]);
}

/**
 * Refuses what would take for ever: nesting without end (an alias to what holds it), and few values that aliases repeat
 * over and over.
 */
function assertModestJson(root: unknown): asserts root is Json {
  let values = 0;
  const visit = (value: unknown, depth: number): void => {
    if (++values > MAX_VALUES) throw tooLarge(`holds more than ${MAX_VALUES} values`);
    if (typeof value === "object" && value !== null) {
      if (depth > MAX_DEPTH) throw tooLarge(`nests more than ${MAX_DEPTH} levels deep`);
      if (Array.isArray(value)) for (const item of value) visit(item, depth + 1);
      else for (const key in value) visit(Reflect.get(value, key), depth + 1);
    } else if (!["string", "number", "boolean"].includes(typeof value) && value !== null) {
      throw new Bug("a description was read as something that is not JSON");
    }
  };
  visit(root, 0);
}
