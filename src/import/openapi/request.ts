import { type JsonObject, stripHidden } from "../../base/index.ts";
import { type FieldStyle, LIST } from "../../manifest/index.ts";
import { get, put, textOf } from "../json.ts";
import { isForbiddenKey } from "../names.ts";
import type { Notes } from "../notes.ts";
import { BODY } from "./arguments.ts";
import type { Auth } from "./auth.ts";
import { fieldsOf, isComposite } from "./body.ts";
import type { Document } from "./document.ts";
import type { Operation, Parameter } from "./model.ts";
import { pathTemplate } from "./path.ts";

/** A tool's request, and which of the operation's parameters are its arguments. */
export interface Request {
  readonly rest: JsonObject;
  readonly taken: readonly Parameter[];
  readonly takesBody: boolean;
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;
/** Fields that follow from the rest of the request, or would change what it is. */
const SET_BY_SENDER =
  /^(?:accept|content-type|content-length|host|connection|transfer-encoding|upgrade|te|trailer|expect)$/i;
const OVERRIDES = /^x-(?:http-)?method(?:-override)?$/i;

/** Turns an operation into a tool's `rest`. What the manifest can't say of it is noted. */
export function requestOf(
  document: Document,
  operation: Operation,
  argument: ReadonlyMap<Parameter, string>,
  base: string | null,
  auth: Auth,
  notes: Notes,
): Request {
  const { method, identity, parameters, body } = operation;
  const template = pathTemplate(operation, argument, notes);
  const query = template.query;
  const styles: Record<string, FieldStyle> = {};
  const headers: Record<string, string> = {};
  const taken = [...template.placed];
  for (const parameter of parameters) {
    const name = argument.get(parameter);
    if (template.placed.has(parameter) || name === undefined || auth.injects(parameter)) continue;
    const value = constant(document, parameter) ?? `{{ params.${name} }}`;
    const done = place(document, parameter, value, name, { query, styles, headers }, identity, notes);
    if (done && value.startsWith("{{")) taken.push(parameter);
  }
  const bodiless = method === "GET" || method === "HEAD" || method === "TRACE";
  if (body !== null && bodiless) notes.add("the body", identity, `a ${method} carries none`);
  const takesBody = body !== null && !bodiless;
  if (takesBody && body.encoding !== "json" && body.encoding !== "form" && body.encoding !== "multipart") {
    headers["content-type"] = body.mediaType;
  } else if (takesBody && body.encoding === "json" && body.mediaType !== "application/json") {
    headers["content-type"] = body.mediaType;
  }
  const rest: JsonObject = {
    method,
    ...(base === null ? { path: template.path } : { url: `${base}${template.path}` }),
    ...some("query", query),
    ...some("query_styles", styles),
    ...some("headers", headers),
    ...(takesBody ? { body: `{{ params.${BODY} }}` } : {}),
    ...(takesBody && body.encoding !== "json" ? { encoding: body.encoding } : {}),
    ...(takesBody ? some("body_styles", { ...body.styles }) : {}),
    ...(takesBody && body.files.length > 0 ? { files: filesOf(body.files, identity, notes) } : {}),
  };
  return { rest, taken, takesBody };
}

/** The names of files that a manifest can hold: visible, on one line, and not too long. */
function filesOf(names: readonly string[], where: string, notes: Notes): string[] {
  return names
    .filter((name) => {
      const good = stripHidden(name) === name && name.trim() === name && /^[^\r\n]{1,200}$/.test(name);
      if (!good) notes.add(`the file ${name}`, where, "a field of that name can't be named a file");
      return good;
    })
    .slice(0, LIST.short);
}

function some(key: string, map: JsonObject): JsonObject {
  return Object.keys(map).length === 0 ? {} : { [key]: map };
}

/** What a required parameter is when it can be one thing only, as a plain text. */
function constant(document: Document, { required, schema, in: where }: Parameter): string | null {
  if (!required || (where !== "query" && where !== "header")) return null;
  const node = document.follow(schema);
  const values = get(node, "enum");
  const only = get(node, "const") ?? (Array.isArray(values) && values.length === 1 ? values[0] : undefined);
  const text = typeof only === "string" ? textOf(only) : null;
  return text === null || /[{}\r\n]/.test(text) || text.length > 200 ? null : text;
}

/** Puts a parameter where it goes; says whether it could. */
function place(
  document: Document,
  parameter: Parameter,
  value: string,
  argument: string,
  into: { query: JsonObject; styles: Record<string, FieldStyle>; headers: Record<string, string> },
  identity: string,
  notes: Notes,
): boolean {
  const { name, in: where, style } = parameter;
  const lost = (why: string, what = name): false => {
    notes.add(`the ${where} parameter ${what}`, identity, why);
    return false;
  };
  if (isForbiddenKey(name)) return lost("no file of a connector may hold a key of that name");
  switch (where) {
    case "query":
      if (Object.hasOwn(into.query, name)) return lost("the path gives that field already");
      put(into.query, name, value);
      if (style !== null && style !== "label" && style !== "matrix") put(into.styles, name, style);
      return true;
    case "header":
      if (SET_BY_SENDER.test(name)) return lost("whoever sends the request sets it");
      if (OVERRIDES.test(name)) return lost("a request is what it says it is");
      if (!HEADER_NAME.test(name)) return lost("a header can't have that name");
      into.headers[name] = value;
      return true;
    case "querystring":
      return spread(document, parameter, argument, into.query, lost) || lost("its fields are not named");
    case "cookie":
      return lost("a manifest sends no cookies but a credential's");
    default:
      return lost("the path has no place for it");
  }
}

/** A whole query string as one parameter: each field that its schema names becomes a field of the query. */
function spread(
  document: Document,
  { schema }: Parameter,
  argument: string,
  query: JsonObject,
  lost: (why: string, what: string) => void,
): boolean {
  const names = fieldsOf(document, schema).map(([name]) => name);
  const free = names.filter((name) => {
    const good = /^[A-Za-z_]\w*$/.test(name) && !isForbiddenKey(name) && !Object.hasOwn(query, name);
    if (!good) lost("a template can't name it, or it is there already", name);
    return good;
  });
  for (const name of free) put(query, name, `{{ params.${argument}.${name} }}`);
  return free.length > 0;
}

/** Whether a parameter of a path is a list or map whose spelling a manifest can't say. */
export function isOddPath(document: Document, { in: where, style, schema }: Parameter): boolean {
  return where === "path" && style !== null && isComposite(document, schema);
}
