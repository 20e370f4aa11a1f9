import type { Json, JsonObject } from "../../base/index.ts";
import type { FieldStyle } from "../../manifest/index.ts";
import { flagAt, get, isMap, listAt, mapAt, put, textAt } from "../json.ts";
import type { Notes } from "../notes.ts";
import { chooseMedia, fieldStyle, fieldsOf, isBytes, isComposite, isFile, type Media } from "./body.ts";
import { type Document, pointerTo, unescapeStep } from "./document.ts";
import type { Body, Dialect, Parameter, Place } from "./model.ts";

/** How OpenAPI 3.0 to 3.2 says what an operation takes. */
export function openapi3(document: Document, notes: Notes): Dialect {
  const components = mapAt(document.root, "components");
  const names = Object.keys(mapAt(components, "schemas"));
  return {
    schemes: mapAt(components, "securitySchemes"),
    schemaNames: names.map((name) => ({ name, pointer: pointerTo("components", "schemas", name) })),
    readInput: (operation, shared, where) => ({
      parameters: readParameters(
        document,
        [...shared, ...listAt(operation, "parameters")],
        where,
        notes,
        parameter,
      ),
      body: readBody(document, get(operation, "requestBody"), where, notes),
    }),
  };

  function parameter(node: JsonObject, name: string, place: Place, where: string): Parameter {
    const [content] = Object.entries(mapAt(node, "content"));
    if (content !== undefined && place !== "query" && place !== "querystring")
      notes.add(`the parameter ${name} as ${content[0]}`, where, `a ${place} has text`);
    if (flagAt(node, "allowReserved"))
      notes.add(`reserved characters of the parameter ${name}`, where, "they are written as %XX");
    const holder = content === undefined ? node : document.follow(content[1]);
    const schema = get(holder, "schema") ?? {};
    return {
      name,
      in: place,
      required: flagAt(node, "required") || place === "path",
      description: textAt(node, "description"),
      schema,
      style: content === undefined ? styleOf(document, node, schema, place) : contentStyle(content[0], place),
    };
  }
}

function contentStyle(mediaType: string, place: Place): Parameter["style"] {
  return place === "query" && /json$/.test(mediaType) ? "json" : null;
}

function styleOf(document: Document, node: JsonObject, schema: Json, place: Place): Parameter["style"] {
  if (place === "path") {
    const style = textAt(node, "style");
    return style === "label" || style === "matrix" ? style : null;
  }
  return place === "query" && isComposite(document, schema) ? fieldStyle(node) : null;
}

const PLACES: readonly string[] = ["path", "query", "querystring", "header", "cookie"] satisfies Place[];

function isPlace(text: string | null): text is Place {
  return text !== null && PLACES.includes(text);
}

/**
 * The parameters of an operation: those of its path, replaced by its own where name and place are the same.
 * @param read makes a parameter of a node in the dialect's own way
 */
export function readParameters(
  document: Document,
  nodes: readonly Json[],
  where: string,
  notes: Notes,
  read: (node: JsonObject, name: string, place: Place, where: string) => Parameter,
): Parameter[] {
  const found = new Map<string, Parameter>();
  for (const raw of nodes) {
    const node = document.follow(raw);
    const name = textAt(node, "name");
    const place = textAt(node, "in");
    if (isMap(node) && name !== null && isPlace(place)) {
      // Names of headers have no case.
      const key = place === "header" ? name.toLowerCase() : name;
      found.set(`${place} ${key}`, read(node, name, place, where));
    } else if (!isMap(node) || (place !== "body" && place !== "formData")) {
      const ref = textAt(raw, "$ref");
      const label = name ?? unescapeStep(ref?.split("/").at(-1) ?? "without a name");
      const why =
        ref === null ? "it does not say where it goes" : `"${ref}" is outside the document, or nothing`;
      notes.add(`the parameter ${label}`, where, why);
    }
  }
  return [...found.values()];
}

function readBody(document: Document, raw: Json | undefined, where: string, notes: Notes): Body | null {
  if (raw === undefined || raw === null) return null;
  const node = document.follow(raw);
  const content = mapAt(node, "content");
  const media = chooseMedia(Object.keys(content));
  if (!isMap(node) || media === null) {
    const ref = textAt(raw, "$ref");
    notes.add("the body", where, ref === null ? "nothing says what it is" : `"${ref}" leads to nothing here`);
    return null;
  }
  noteOthers(media.others, media.chosen, where, notes);
  if (media.written.includes("*") && media.chosen.encoding !== "json") {
    noteOthers([media.written], media.chosen, where, notes);
  }
  // 3.2 shares media types.
  const type = document.follow(content[media.written]);
  const schema = get(type, "schema") ?? {};
  if (get(type, "itemSchema") !== undefined)
    notes.add("what each item of the body is", where, `it is given as the text of ${media.chosen.type}`);
  return {
    required: flagAt(node, "required"),
    description: textAt(node, "description"),
    mediaType: media.chosen.type,
    encoding: media.chosen.encoding,
    schema,
    ...formFields(document, schema, mapAt(type, "encoding"), media.chosen, where, notes),
  };
}

/** Notes the media types that a body could have besides; of a long list the first. */
export function noteOthers(others: readonly string[], chosen: Media, where: string, notes: Notes): void {
  if (others.length === 0) return;
  const shown = others.slice(0, 5).join(", ");
  const more = others.length > 5 ? ` and ${others.length - 5} more` : "";
  notes.add(`a body of ${shown}${more}`, where, `it is sent as ${chosen.type}`);
}

function formFields(
  document: Document,
  schema: Json,
  encodings: JsonObject,
  media: Media,
  where: string,
  notes: Notes,
): Pick<Body, "styles" | "files"> {
  const styles: Record<string, FieldStyle> = {};
  const files: string[] = [];
  if (media.encoding !== "form" && media.encoding !== "multipart") return { styles, files };
  for (const [name, field] of fieldsOf(document, schema)) {
    const encoding = mapAt(encodings, name);
    const type = textAt(document.follow(field), "type");
    // OpenAPI's default for a map in a multipart form is a part of JSON.
    const json =
      /json/.test(textAt(encoding, "contentType") ?? "") ||
      (media.encoding === "multipart" && type === "object");
    const style = json ? "json" : fieldStyle(encoding);
    const contentType = textAt(encoding, "contentType") ?? "";
    const headers = Object.keys(mapAt(encoding, "headers"));
    if (headers.length > 0)
      notes.add(`the headers ${headers.join(", ")} of the part ${name}`, where, "a part has none of its own");
    const file = isFile(document, field) || (type === null && isBytes(contentType));
    if (media.encoding === "multipart" && file) files.push(name);
    else {
      if (style !== null && isComposite(document, field)) put(styles, name, style);
      if (contentType !== "" && !/json|^text\/plain/.test(contentType))
        notes.add(`the type ${contentType} of the part ${name}`, where, "it is sent as text, or as JSON");
    }
  }
  return { styles, files };
}
