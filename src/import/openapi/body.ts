import type { Json, JsonObject } from "../../base/index.ts";
import type { FieldStyle, Rest } from "../../manifest/index.ts";
import { get, isMap, listAt, mapAt, textAt } from "../json.ts";
import type { Document } from "./document.ts";

/** A kind of body, and how it is sent. */
export interface Media {
  readonly type: string;
  readonly encoding: Rest["encoding"];
}

/** Media types in the order in which they are chosen, for what an agent can write best. */
const CHOICES: readonly (readonly [RegExp, Rest["encoding"]])[] = [
  [/^application\/json$/, "json"],
  [/^(?:text|application)\/(?:.*\+|x-)?json$|^application\/json-|^application\/\*$|^\*\/\*$|^\*$/, "json"],
  [/^application\/x-www-form-urlencoded$/, "form"],
  [/^multipart\/form-data$/, "multipart"],
  [/^text\/plain$/, "text"],
  [/^text\/|[/+]xml$|^application\/(?:graphql|yaml|x-yaml|javascript|sql|jwt|x-ndjson|jsonl)/, "text"],
  [/./, "binary"],
];

/** What is a media type at all; it may come to stand in a header, where braces would be a template. */
const MEDIA_TYPE = /^\s*(?:\*|[\w!#$&^.+*-]+\/[\w!#$&^.+*-]+)\s*(?:;[^{}\r\n]*)?$/;

/** The one of a body's media types that is sent, how the document writes it, and the ones that are not. */
export function chooseMedia(
  types: readonly string[],
): { chosen: Media; written: string; others: string[] } | null {
  for (const [pattern, encoding] of CHOICES) {
    const type = types.find((one) => MEDIA_TYPE.test(one) && pattern.test(essence(one)));
    if (type === undefined) continue;
    const chosen = { type: concrete(type, encoding), encoding };
    return { chosen, written: type, others: types.filter((one) => one !== type) };
  }
  return null;
}

/** A media type as it may be sent: a range such as image/* names none. */
function concrete(type: string, encoding: Rest["encoding"]): string {
  if (!essence(type).includes("*")) return type.trim();
  return encoding === "json"
    ? "application/json"
    : encoding === "text"
      ? "text/plain"
      : "application/octet-stream";
}

/** Whether a media type is of bytes and not of text. */
export function isBytes(mediaType: string): boolean {
  return /^(?:image|audio|video|font)\/|^application\/(?:octet-stream|pdf|zip|gzip|x-tar)$/.test(
    essence(mediaType),
  );
}

/** A media type without its parameters. */
function essence(type: string): string {
  return (type.split(";", 1)[0] ?? "").trim().toLowerCase();
}

/** The fields of a form, through references and compositions. */
export function fieldsOf(
  document: Document,
  schema: Json | undefined,
  depth = 0,
): [name: string, field: Json][] {
  const target = document.follow(schema);
  if (!isMap(target) || depth > 5) return [];
  const inherited = listAt(target, "allOf").flatMap((part) => fieldsOf(document, part, depth + 1));
  return [...inherited, ...Object.entries(mapAt(target, "properties"))];
}

/** Whether a field of a multipart form is a file, or a list of files. */
export function isFile(document: Document, field: Json): boolean {
  const schema = document.follow(field);
  const items = get(schema, "items");
  if (items !== undefined) return isFile(document, items);
  const type = textAt(schema, "type");
  if (type === "file" || textAt(schema, "format") === "binary") return true;
  // As 3.1 has it: bytes that no text encoding is said of.
  const bytes = isBytes(textAt(schema, "contentMediaType") ?? "");
  return bytes && (type === "string" || type === null) && get(schema, "contentEncoding") === undefined;
}

/** Whether a value may be a list or a map, for which it matters how it is written. */
export function isComposite(document: Document, raw: Json): boolean {
  const schema = document.follow(raw);
  const type = get(schema, "type");
  if (Array.isArray(type)) return type.some((one) => one === "array" || one === "object");
  if (typeof type === "string") return type === "array" || type === "object";
  return (
    isMap(schema) &&
    ["items", "properties", "allOf", "anyOf", "oneOf"].some((key) => Object.hasOwn(schema, key))
  );
}

/** How OpenAPI 3 says that a list or map becomes fields; null for the default of a query: each item a field. */
export function fieldStyle(node: JsonObject): FieldStyle | null {
  const style = textAt(node, "style") ?? "form";
  const explode = get(node, "explode") ?? style === "form";
  if (style === "deepObject") return "deep_object";
  if (explode === true) return null;
  return style === "spaceDelimited" ? "space" : style === "pipeDelimited" ? "pipe" : "comma";
}
