import type { Json, JsonObject } from "../../base/index.ts";
import { flagAt, get, isMap, listAt, mapAt, textAt, textOf } from "../json.ts";
import type { Notes } from "../notes.ts";
import type { Document } from "./document.ts";
import type { Dialect, Operation, Parameter, Requirement } from "./model.ts";

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
const NOT_CALLED = "they are requests that the provider sends, not operations that can be called";

/** Every operation under `paths`, in the order of the document. Webhooks and callbacks are none: they are noted. */
export function readOperations(document: Document, dialect: Dialect, notes: Notes): Operation[] {
  const operations: Operation[] = [];
  for (const [path, raw] of Object.entries(mapAt(document.root, "paths"))) {
    if (path.startsWith("x-")) continue;
    const item = pathItem(document, raw, path, notes);
    for (const [method, node] of methodsOf(document, item, path, notes)) {
      operations.push(readOperation(dialect, notes, path, item, method, node));
    }
  }
  for (const key of ["webhooks", "x-webhooks"]) {
    const names = Object.keys(mapAt(document.root, key));
    if (names.length > 0) notes.add(`the webhooks ${names.join(", ")}`, key, NOT_CALLED);
  }
  return operations;
}

/** A path's item, with what it refers to below what it says itself. */
function pathItem(document: Document, raw: Json, path: string, notes: Notes): JsonObject {
  const seen = new Set<string>();
  let item: JsonObject = {};
  for (let here = raw; isMap(here); ) {
    item = { ...here, ...item };
    const ref = get(here, "$ref");
    if (typeof ref !== "string") break;
    const target = document.resolve(ref);
    if (target === null || !isMap(target.value) || seen.has(target.pointer)) {
      notes.add("the operations of a path", path, `they are in "${ref}", which is not read`);
      break;
    }
    seen.add(target.pointer);
    here = target.value;
  }
  return item;
}

/** The method of each operation, in capitals, with what is said of it. */
function methodsOf(
  document: Document,
  item: JsonObject,
  path: string,
  notes: Notes,
): [method: string, node: JsonObject][] {
  const known = document.is32 ? [...METHODS, "query"] : METHODS;
  const found = new Map<string, JsonObject>();
  for (const [key, node] of Object.entries(item)) {
    if (!isMap(node)) continue;
    if (known.includes(key)) found.set(key.toUpperCase(), node);
    else if (METHODS.includes(key.toLowerCase())) {
      notes.add(`the operation ${key}`, path, "a method is written in small letters there");
    }
  }
  const additional = document.is32 ? mapAt(item, "additionalOperations") : {};
  for (const [key, node] of Object.entries(additional)) {
    const method = key.toUpperCase();
    if (!isMap(node)) continue;
    if (found.has(method) || !/^[A-Z][A-Z0-9_-]{0,30}$/.test(method)) {
      notes.add(`the additional operation ${key}`, path, "it is there already, or its name is no method");
    } else {
      if (method !== key) notes.add(`the spelling of the method ${key}`, path, `it is sent as ${method}`);
      found.set(method, node);
    }
  }
  return [...found];
}

function readOperation(
  dialect: Dialect,
  notes: Notes,
  path: string,
  item: JsonObject,
  method: string,
  node: JsonObject,
): Operation {
  const identity = `${method} ${path}`;
  const { parameters, body } = dialect.readInput(node, listAt(item, "parameters"), identity);
  const callbacks = Object.keys(mapAt(node, "callbacks"));
  if (callbacks.length > 0) notes.add(`the callbacks ${callbacks.join(", ")}`, identity, NOT_CALLED);
  return {
    method,
    path,
    identity,
    id: textAt(node, "operationId"),
    summary: textAt(node, "summary") ?? textAt(item, "summary"),
    description: textAt(node, "description") ?? textAt(item, "description"),
    tags: listAt(node, "tags").flatMap((tag) => textOf(tag) ?? []),
    deprecated: flagAt(node, "deprecated"),
    parameters: [...parameters, ...undeclared(path, parameters, identity, notes)],
    body,
    security: readSecurity(get(node, "security")),
    servers: serversOf(node) ?? serversOf(item),
  };
}

function serversOf(node: JsonObject): readonly Json[] | null {
  const servers = listAt(node, "servers");
  return servers.length > 0 ? servers : null;
}

/** The names in braces of a path. */
function placeholders(path: string): string[] {
  return [...path.matchAll(/\{\+?([^{}/]+?)\*?\}/g)].map((match) => match[1] ?? "");
}

/** Parameters that a path names and nobody declares. */
function undeclared(
  path: string,
  parameters: readonly Parameter[],
  where: string,
  notes: Notes,
): Parameter[] {
  const known = new Set(parameters.filter(({ in: place }) => place !== "header").map(({ name }) => name));
  const names = [...new Set(placeholders(path))].filter((name) => !known.has(name));
  return names.map((name) => {
    notes.add(`what the path parameter ${name} is`, where, "nothing says it; any text is accepted");
    return { name, in: "path", required: true, description: null, schema: { type: "string" }, style: null };
  });
}

/** What `security` says: alternatives, each of which names schemes that are wanted together; null where it is absent. */
export function readSecurity(value: Json | undefined): Requirement[] | null {
  if (!Array.isArray(value)) return null;
  return value.filter(isMap).map((requirement) => {
    const schemes = Object.entries(requirement).map(([name, scopes]): [string, string[]] => [
      name,
      Array.isArray(scopes) ? scopes.flatMap((scope) => textOf(scope) ?? []) : [],
    ]);
    return new Map(schemes);
  });
}
