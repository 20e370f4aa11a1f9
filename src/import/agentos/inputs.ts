import type { Json, JsonObject } from "../../base/index.ts";
import { flagAt, get, isMap, put, textAt } from "../json.ts";
import { isForbiddenKey } from "../names.ts";
import type { Notes } from "../notes.ts";
import { describe } from "../text.ts";
import type { Use } from "./values.ts";

/** Types of AgentOS and what they are in JSON Schema. A `datetime` may be "tomorrow", so it has no format. */
const TYPES: Readonly<Record<string, string>> = {
  string: "string",
  text: "string",
  datetime: "string",
  date: "string",
  time: "string",
  url: "string",
  enum: "string",
  number: "number",
  float: "number",
  integer: "integer",
  int: "integer",
  boolean: "boolean",
  bool: "boolean",
  array: "array",
  list: "array",
  object: "object",
};

/** Parameters that choose a connector and an account, which a tool of one connector does not need. */
export const ROUTING: ReadonlySet<string> = new Set(["connector", "account"]);

/**
 * The input of a tool: the parameters that its templates read and those that the provider declares itself.
 * @param uses what templates read, and what that tells of it
 * @param own names of parameters that the provider declares itself
 */
export function inputOf(
  params: JsonObject,
  uses: ReadonlyMap<string, Use>,
  own: readonly string[],
  where: string,
  notes: Notes,
): JsonObject {
  const properties: JsonObject = {};
  const required: string[] = [];
  for (const name of new Set([...Object.keys(params), ...uses.keys()])) {
    const use = uses.get(name);
    if ((use === undefined && !own.includes(name)) || isForbiddenKey(name)) continue;
    const declared = get(params, name);
    const known = schemaOf(declared, `${where} ${name}`, notes);
    const schema = known.type === undefined && use?.type != null ? { type: use.type, ...known } : known;
    put(properties, name, declared === undefined && schema.type === undefined ? { type: "string" } : schema);
    const needed = flagAt(declared, "required") || (use?.needed === true && schema.default === undefined);
    if (needed) required.push(name);
  }
  return {
    type: "object",
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...(required.length === 0 ? {} : { required: required.sort() }),
    additionalProperties: false,
  };
}

/** A parameter's description as JSON Schema; `id: string` is short for `id: {type: string}`. */
function schemaOf(source: Json | undefined, where: string, notes: Notes, depth = 0): JsonObject {
  if (typeof source === "string") return TYPES[source] === undefined ? {} : { type: TYPES[source] };
  if (!isMap(source) || depth > 20) return {};
  const schema: JsonObject = {};
  const type = textAt(source, "type");
  const known = TYPES[type ?? ""];
  if (known !== undefined && Object.hasOwn(TYPES, type ?? "")) schema.type = known;
  else if (type !== null)
    notes.add(`the type ${type}`, where, "there is none of that name; any value is taken");
  const description = describe(get(source, "description") ?? null, where, notes);
  if (description !== "") schema.description = description;
  const values = get(source, "values") ?? get(source, "enum");
  if (Array.isArray(values) && values.length > 0 && values.length <= 1000) schema.enum = [...new Set(values)];
  for (const [key, keyword] of [
    ["min", "minimum"],
    ["max", "maximum"],
  ] as const) {
    const bound = get(source, key);
    if (typeof bound === "number" && /^(?:number|integer)$/.test(String(known))) schema[keyword] = bound;
  }
  const value = get(source, "default");
  if (value !== undefined && value !== null) schema.default = value;
  const items = get(source, "items");
  if (known === "array" && items !== undefined) schema.items = schemaOf(items, where, notes, depth + 1);
  const fields = get(source, "properties");
  if (known === "object" && isMap(fields)) {
    schema.properties = {};
    for (const [name, field] of Object.entries(fields)) {
      if (!isForbiddenKey(name)) put(schema.properties, name, schemaOf(field, where, notes, depth + 1));
    }
  }
  return schema;
}
