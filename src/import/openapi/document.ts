import { type Json, type JsonObject, stripHidden, UserError } from "../../base/index.ts";
import { get, isMap, textAt, textOf } from "../json.ts";

/** The families of descriptions that are read. */
export type Family = "swagger2" | "openapi3";

/** A reference that leads to something within the document. */
export interface Target {
  /** The pointer of what it leads to in the end, through references to references. */
  readonly pointer: string;
  readonly value: Json;
}

/** A description, and where its local references lead. */
export class Document {
  readonly root: JsonObject;
  readonly family: Family;
  /** As written: `2.0`, `3.1.0`. */
  readonly version: string;

  /** @throws UserError `import.not_openapi` */
  constructor(value: Json) {
    const version = textAt(value, "swagger") ?? textAt(value, "openapi");
    if (!isMap(value) || version === null) throw refusal(describe(value));
    if (/^2(?:\.0)?(?:\.\d+)?$/.test(version)) this.family = "swagger2";
    else if (/^3(?:\.[0-2](?:[.-].*)?)?$/.test(version)) this.family = "openapi3";
    else {
      const name = get(value, "swagger") === undefined ? "OpenAPI" : "Swagger";
      throw refusal(`${name} ${shown(version)}`);
    }
    const paths = get(value, "paths");
    if (paths !== undefined && paths !== null && !isMap(paths)) {
      throw new UserError("import.not_openapi", "The document's paths are not a map.", HINT);
    }
    this.root = value;
    this.version = version;
  }

  /** Whether it is OpenAPI 3.2 or later, which knows more methods. */
  get is32(): boolean {
    return this.family === "openapi3" && this.version.startsWith("3.2");
  }

  /**
   * Follows a reference, and the references that it leads to.
   * @returns null where it leads out of the document, to nothing, or in a circle
   */
  resolve(ref: string): Target | null {
    const seen = new Set<string>();
    let pointer = canonical(ref);
    while (pointer !== null && !seen.has(pointer)) {
      seen.add(pointer);
      const value = this.#at(pointer);
      if (value === undefined) return null;
      const next = get(value, "$ref");
      // A reference with fields beside it says something of its own.
      if (typeof next !== "string" || !isMap(value) || Object.keys(value).length > 1)
        return { pointer, value };
      pointer = canonical(next);
    }
    return null;
  }

  /**
   * What stands at a place, through all references; undefined where they lead to nothing or in a circle. What a reference
   * says in its own words (3.1 allows summary and description beside it) counts instead of what it leads to says.
   */
  follow(value: Json | undefined): Json | undefined {
    const own: JsonObject = {};
    const seen = new Set<string>();
    for (let here = value; here !== undefined; ) {
      const ref = get(here, "$ref");
      if (typeof ref !== "string")
        return isMap(here) && Object.keys(own).length > 0 ? { ...here, ...own } : here;
      for (const key of ["summary", "description"]) {
        const text = get(here, key);
        if (text !== undefined) own[key] ??= text;
      }
      const target = this.resolve(ref);
      if (target === null || seen.has(target.pointer)) return undefined;
      seen.add(target.pointer);
      here = target.value;
    }
    return undefined;
  }

  #at(pointer: string): Json | undefined {
    let value: Json | undefined = this.root;
    for (const step of pointer.split("/").slice(1)) {
      const key = unescapeStep(step);
      value = Array.isArray(value) ? value[Number(key)] : get(value, key);
      if (value === undefined) return undefined;
    }
    return value;
  }
}

/** A reference into the document in its one spelling, or null if it leads elsewhere. */
function canonical(ref: string): string | null {
  // `#definitions/Pet` is a slip that is often made, and means nothing else.
  const path = /^#\/?([^/]+\/.*)$/s.exec(ref)?.[1];
  if (path === undefined) return null;
  return pointerTo(...path.split("/").map((step) => unescapeStep(decoded(step))));
}

/** The pointer to a place, by the keys that lead there. */
export function pointerTo(...keys: readonly string[]): string {
  return ["#", ...keys.map((key) => key.replaceAll("~", "~0").replaceAll("/", "~1"))].join("/");
}

/** One step of a JSON pointer as the key that it stands for. */
export function unescapeStep(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    // A stray percent sign stands for itself.
    return step;
  }
}

const HINT = "Give a Swagger 2.0 or OpenAPI 3.0, 3.1 or 3.2 document, as JSON or YAML.";

function refusal(what: string): UserError {
  const message = `The document is ${what}, not Swagger 2.0 or OpenAPI 3.0 to 3.2.`;
  return new UserError("import.not_openapi", message, HINT);
}

/** A version as a message may hold it. */
function shown(version: string): string {
  return stripHidden(version).replace(/\s+/g, " ").trim().slice(0, 40);
}

/** Fields by which other kinds of documents are known. */
const KINDS: readonly (readonly [key: string, name: string])[] = [
  ["asyncapi", "AsyncAPI"],
  ["overlay", "an OpenAPI overlay"],
  ["arazzo", "an Arazzo workflow"],
  ["swaggerVersion", "Swagger"],
  ["discoveryVersion", "a Google discovery document"],
  ["openrpc", "OpenRPC"],
  ["raml", "RAML"],
];

function describe(value: Json): string {
  if (typeof value === "string")
    return value.trimStart().startsWith("<") ? "an HTML or XML page" : "plain text";
  if (!isMap(value)) return value === null ? "empty" : Array.isArray(value) ? "a list" : "a single value";
  for (const [key, name] of KINDS) {
    const version = textOf(get(value, key));
    if (version !== null) return `${name} ${shown(version)}`;
  }
  if (
    get(value, "_postman_id") !== undefined ||
    String(textAt(get(value, "info"), "schema")).includes("postman")
  )
    return "a Postman collection";
  return "a map without the field openapi or swagger";
}
