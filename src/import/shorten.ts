import type { Json, JsonObject } from "../base/index.ts";
import { isMap, put } from "./json.ts";
import { cut } from "./text.ts";

/** Keywords whose value maps names to schemas: a field may be called `examples`. */
const MAPS: ReadonlySet<string> = new Set(["properties", "patternProperties", "dependentSchemas"]);
/** Keywords whose value is data. */
const DATA: ReadonlySet<string> = new Set(["enum", "const", "default", "examples"]);

/** A copy of a schema, each schema within it as `change` gives it, the inner ones first. */
function mapSchema(schema: JsonObject, change: (schema: JsonObject) => JsonObject): JsonObject {
  const inner = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(inner);
    return isMap(value) ? mapSchema(value, change) : value;
  };
  const out: JsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    if (DATA.has(key)) out[key] = value;
    else if (!MAPS.has(key) || !isMap(value)) put(out, key, inner(value));
    else {
      const map: JsonObject = {};
      for (const [name, item] of Object.entries(value)) put(map, name, inner(item));
      out[key] = map;
    }
  }
  return change(out);
}

/** A schema whose descriptions have at most a number of characters, and that has no examples. */
export function shorten(schema: JsonObject, length: number): JsonObject {
  return mapSchema(schema, ({ examples: _, title, description, ...rest }) => {
    if (length === 0) return rest;
    const texts: JsonObject = {};
    if (title !== undefined) texts.title = title;
    if (typeof description === "string") texts.description = cut(description, length);
    return { ...rest, ...texts };
  });
}

/** A schema that accepts any object where it referred to one of some shared schemas. */
export function openReferences(schema: JsonObject, names: ReadonlySet<string>): JsonObject {
  return mapSchema(schema, (one) => {
    const { $ref, ...rest } = one;
    const name = typeof $ref === "string" ? $ref.replace("#/schemas/", "") : null;
    return name === null || !names.has(name) ? one : rest;
  });
}
