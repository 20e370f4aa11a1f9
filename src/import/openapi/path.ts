import type { JsonObject } from "../../base/index.ts";
import { put } from "../json.ts";
import { isForbiddenKey } from "../names.ts";
import type { Notes } from "../notes.ts";
import type { Operation, Parameter } from "./model.ts";

/** A path as a manifest has it, and what stood behind its question mark. */
export interface PathTemplate {
  readonly path: string;
  readonly query: JsonObject;
  /** The parameters that have their place now. */
  readonly placed: ReadonlySet<Parameter>;
}

const PLACEHOLDER = /\{(\+?)([^{}/]+?)(\*?)\}/g;

/**
 * Turns a path such as `/pets/{id}?view={view}#x` into a template. A query that stands in it becomes fields; a fragment
 * goes, for it never reaches a server.
 * @param argument the argument of each parameter
 */
export function pathTemplate(
  operation: Operation,
  argument: ReadonlyMap<Parameter, string>,
  notes: Notes,
): PathTemplate {
  const { path: written, identity, parameters } = operation;
  const [beforeHash = "", fragment] = split(written, "#");
  const [way = "", search] = split(beforeHash, "?");
  if (fragment !== undefined) notes.add("the fragment of a path", identity, "a fragment is never sent");
  const placed = new Set<Parameter>();
  const fill = (name: string, places: readonly string[], inPath: boolean): string | null => {
    const parameter = places
      .map((place) => parameters.find((one) => one.name === name && one.in === place))
      .find((one) => one !== undefined);
    const bound = parameter === undefined ? undefined : argument.get(parameter);
    if (parameter === undefined || bound === undefined) return null;
    placed.add(parameter);
    const value = `{{ params.${bound} }}`;
    if (inPath && parameter.style === "label") return `.${value}`;
    return inPath && parameter.style === "matrix" ? `;${literal(name)}=${value}` : value;
  };
  const inside = way
    .split("/")
    .filter((part) => !/^(?:\.|%2e){1,2}$/i.test(part))
    .join("/");
  if (inside !== way) notes.add("the dots of a path", identity, "a path does not lead out of its base_url");
  let path = replacePlaceholders(inside, (name, reserved) => {
    if (reserved)
      notes.add(
        `slashes in the path parameter ${name}`,
        identity,
        "a parameter can't leave its place in a path",
      );
    return fill(name, ["path", "query"], true);
  });
  if (!path.startsWith("/")) {
    notes.add(`the path ${written} as it is written`, identity, "a path starts with a slash");
    path = `/${path}`;
  }
  const query: JsonObject = {};
  for (const pair of (search ?? "").split("&").filter((text) => text !== "")) {
    const [key = "", value = ""] = split(pair, "=");
    const name = decode(key);
    const only = /^\{([^{}]+)\}$/.exec(value)?.[1];
    const template = only === undefined ? null : fill(only, ["query", "path"], false);
    if (isForbiddenKey(name))
      notes.add(`the query field ${name}`, identity, "no file of a connector may hold a key of that name");
    else put(query, name, template ?? decode(value).replaceAll(/\{\{|\{%|\}\}/g, ""));
  }
  return { path, query, placed };
}

/** The parts of a text before and after the first separator. */
function split(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

function replacePlaceholders(way: string, fill: (name: string, reserved: boolean) => string | null): string {
  let out = "";
  let last = 0;
  for (const match of way.matchAll(PLACEHOLDER)) {
    const [whole, plus, name = ""] = match;
    out += literal(way.slice(last, match.index)) + (fill(name, plus === "+") ?? literal(whole));
    last = match.index + whole.length;
  }
  return out + literal(way.slice(last));
}

/** A stretch of a path as it stands, with what a path or a template can't hold written as %XX. */
function literal(text: string): string {
  return text.replace(/[^\x21-\x7e]|[{}"<>\\^`|]/gu, (character) => {
    try {
      return encodeURIComponent(character);
    } catch {
      return "";
    }
  });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
