import type { Json, JsonObject } from "../../base/index.ts";
import type { FieldStyle } from "../../manifest/index.ts";
import { flagAt, get, isMap, listAt, mapAt, put, textAt, textOf } from "../json.ts";
import type { Notes } from "../notes.ts";
import { chooseMedia } from "./body.ts";
import { type Document, pointerTo } from "./document.ts";
import type { Body, Dialect, Parameter, Place } from "./model.ts";
import { noteOthers, readParameters } from "./openapi3.ts";

/** Fields of a parameter that are not part of its schema. */
const NOT_SCHEMA = new Set([
  "name",
  "in",
  "required",
  "description",
  "collectionFormat",
  "allowEmptyValue",
  "schema",
]);

const STYLES: Readonly<Record<string, FieldStyle>> = {
  ssv: "space",
  tsv: "tab",
  pipes: "pipe",
  multi: "form",
};

/** How Swagger 2.0 says what an operation takes. */
export function swagger2(document: Document, notes: Notes): Dialect {
  const { root } = document;
  const names = Object.keys(mapAt(root, "definitions"));
  return {
    schemes: mapAt(root, "securityDefinitions"),
    schemaNames: names.map((name) => ({ name, pointer: pointerTo("definitions", name) })),
    readInput: (operation, shared, where) => {
      const nodes = [...shared, ...listAt(operation, "parameters")];
      const consumes = [listAt(operation, "consumes"), listAt(root, "consumes")].find(
        (list) => list.length > 0,
      );
      const types = (consumes ?? []).flatMap((type) => textOf(type) ?? []);
      return {
        parameters: readParameters(document, nodes, where, notes, parameter),
        body: readBody(document, nodes, types, where, notes),
      };
    },
  };
}

function parameter(node: JsonObject, name: string, place: Place): Parameter {
  const style = listStyle(node);
  return {
    name,
    in: place,
    required: flagAt(node, "required") || place === "path",
    description: textAt(node, "description"),
    schema: schemaOf(node),
    style: place === "query" && style !== "form" ? style : null,
  };
}

/** The schema of a parameter, which stands in its own fields; some documents use the newer spelling. */
function schemaOf(node: JsonObject): Json {
  const schema = get(node, "schema");
  if (schema !== undefined && get(node, "type") === undefined) return schema;
  return Object.fromEntries(Object.entries(node).filter(([key]) => !NOT_SCHEMA.has(key)));
}

/** How a list is written; null where it is none. */
function listStyle(node: JsonObject): FieldStyle | null {
  if (get(node, "type") !== "array") return null;
  return STYLES[textAt(node, "collectionFormat") ?? "csv"] ?? "comma";
}

function readBody(
  document: Document,
  raw: readonly Json[],
  types: readonly string[],
  where: string,
  notes: Notes,
): Body | null {
  const nodes = raw.map((node) => document.follow(node)).filter(isMap);
  const fields = nodes.filter((node) => textAt(node, "in") === "formData" && textAt(node, "name") !== null);
  const whole = nodes.findLast((node) => textAt(node, "in") === "body");
  if (fields.length > 0) {
    if (whole !== undefined) notes.add("the body", where, "it has form fields besides; these are sent");
    return formBody(fields, types, where, notes);
  }
  if (whole === undefined) return null;
  const media = chooseMedia(types.length === 0 ? ["application/json"] : types);
  if (media === null) return null;
  noteOthers(media.others, media.chosen, where, notes);
  return {
    required: flagAt(whole, "required"),
    description: textAt(whole, "description"),
    mediaType: media.chosen.type,
    encoding: media.chosen.encoding,
    schema: schemaOf(whole),
    styles: {},
    files: [],
  };
}

function formBody(
  fields: readonly JsonObject[],
  types: readonly string[],
  where: string,
  notes: Notes,
): Body {
  const properties: JsonObject = {};
  const required = new Set<string>();
  const styles: Record<string, FieldStyle> = {};
  const files: string[] = [];
  for (const field of fields) {
    const name = textAt(field, "name") ?? "";
    const description = get(field, "description");
    const schema = schemaOf(field);
    put(properties, name, isMap(schema) && description !== undefined ? { ...schema, description } : schema);
    if (flagAt(field, "required")) required.add(name);
    const style = listStyle(field);
    if (get(field, "type") === "file") files.push(name);
    else if (style !== null && style !== "form") put(styles, name, style);
  }
  const multipart = files.length > 0 || types.some((type) => type.startsWith("multipart/"));
  const mediaType = multipart ? "multipart/form-data" : "application/x-www-form-urlencoded";
  const encoding = multipart ? "multipart" : "form";
  const others = types.filter((type) => type !== mediaType);
  noteOthers(others, { type: mediaType, encoding }, where, notes);
  const schema: JsonObject = { type: "object", properties, required: [...required] };
  return { required: required.size > 0, description: null, mediaType, encoding, schema, styles, files };
}
