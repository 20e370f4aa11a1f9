import type { Json, JsonObject } from "../base/index.ts";
import { cleanEntries, cleanJson } from "./literal.ts";

const SHARED = "#/schemas/";

/** Keywords of JSON Schema 2020-12 whose value is a schema, or a list of schemas. */
const HOLDS_SCHEMAS = new Set([
  "additionalProperties",
  "allOf",
  "anyOf",
  "contains",
  "contentSchema",
  "else",
  "if",
  "items",
  "not",
  "oneOf",
  "prefixItems",
  "propertyNames",
  "then",
  "unevaluatedItems",
  "unevaluatedProperties",
]);

/** Keywords at which clients expect true or false; elsewhere some can't read these as the schemas that they are. */
const MAY_BE_BOOLEAN = new Set(["additionalProperties", "unevaluatedItems", "unevaluatedProperties"]);

/** Keywords whose value maps names to schemas: a property may be called `$ref` or `default` and still be a schema. */
const MAPS_NAMES = new Set(["$defs", "definitions", "dependentSchemas", "patternProperties", "properties"]);

/** The manifest's shared schemas as `$defs`, and how to write a tool's schema against them. */
export interface SharedSchemas {
  /** All of them that any schema written so far reaches; empty when there is none. */
  readonly defs: () => JsonObject;
  /** A tool's `input` or `output`: an object's schema whose references point to `#/$defs/Name`. */
  readonly localise: (schema: JsonObject) => JsonObject;
}

/**
 * Prepares shared schemas for one connector. `#/schemas/Name` becomes `#/$defs/Name`; a reference to `#/…` within a
 * shared schema means that schema, so it becomes `#/$defs/Name/…`. The definitions are kept once for all tools (each
 * tool of a large API reaches nearly all of them); the runtime gives every tool the ones that it reaches.
 */
export function shareSchemas(
  schemas: { [name: string]: JsonObject },
  tools: readonly JsonObject[],
): SharedSchemas {
  const names = freeNames(Object.keys(schemas), tools);
  const waiting: string[] = [];
  const reached = new Map<string, Json>();

  const pointer = (ref: string, root: string): string => {
    if (!ref.startsWith(SHARED)) return /^#(?:\/|$)/.test(ref) ? root + ref.slice(1) : ref;
    const [name = "", ...inside] = ref.slice(SHARED.length).split("/");
    const local = names.get(name);
    // The reader of manifests refuses a reference to nothing; here it stays as it was written.
    if (local === undefined) return ref;
    if (!reached.has(name)) {
      reached.set(name, null);
      waiting.push(name);
    }
    return ["#/$defs", local, ...inside].join("/");
  };

  const write = (schema: Json, root: string, keyword = ""): Json => {
    if (Array.isArray(schema)) return schema.map((one) => write(one, root));
    if (typeof schema === "boolean" && !MAY_BE_BOOLEAN.has(keyword)) return schema ? {} : { not: {} };
    if (schema === null || typeof schema !== "object") return cleanJson(schema);
    return cleanEntries(schema, (key, value) => {
      if (key === "$ref" && typeof value === "string") return cleanJson(pointer(value, root));
      if (HOLDS_SCHEMAS.has(key)) return write(value, root, key);
      if (MAPS_NAMES.has(key) && value !== null && typeof value === "object" && !Array.isArray(value)) {
        return cleanEntries(value, (_name, member) => write(member, root));
      }
      return cleanJson(value);
    });
  };

  const finish = (): JsonObject => {
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const schema = schemas[name];
      if (schema !== undefined) reached.set(name, write(schema, `#/$defs/${names.get(name)}`));
    }
    const named = [...reached].map(([name, schema]): [string, Json] => [names.get(name) ?? name, schema]);
    return cleanEntries(Object.fromEntries(named), (_name, schema) => schema);
  };

  const localise = (schema: JsonObject): JsonObject => {
    const written = write({ ...schema, type: "object" }, "#");
    return written !== null && typeof written === "object" && !Array.isArray(written) ? written : {};
  };
  return { defs: finish, localise };
}

/** The name under `$defs` of each shared schema: its own, or one that no tool's own `$defs` use. */
function freeNames(names: readonly string[], tools: readonly JsonObject[]): Map<string, string> {
  const taken = new Set(tools.flatMap((schema) => Object.keys(schema.$defs ?? {})));
  const local = new Map<string, string>();
  for (const name of [...names].sort()) {
    let free = name;
    while (taken.has(free)) free = `${free}_shared`;
    taken.add(free);
    local.set(name, free);
  }
  return local;
}
