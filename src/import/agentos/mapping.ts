import type { Json, JsonObject } from "../../base/index.ts";
import { isMap, put } from "../json.ts";
import { toJsonata } from "./jsonata.ts";
import type { Answer, Scope } from "./jsonata-code.ts";
import { type Expression, parse } from "./notation.ts";
import { NotationError } from "./tokens.ts";

/** What a mapping needs to know of its tool. */
export interface MappingOptions {
  /** Parameters that are given with every call and are texts. */
  readonly texts?: ReadonlySet<string>;
  readonly answer?: Answer;
}

/** Tells why a field of a mapping could not be translated. */
export type Lost = (field: string, why: string) => void;

/** A mapping that was read: expressions, and fields of them. */
type Read = { readonly expression: Expression } | { readonly fields: readonly (readonly [string, Read])[] };

/**
 * Translates a mapping of AgentOS to one of a manifest, with the same result. Where its paths begin with `[]`, the answer
 * is a list, and each of its items becomes one of the result: that is one expression. Otherwise the fields stay fields.
 * @returns null where nothing of it can be translated
 */
export function translateMapping(source: Json, options: MappingOptions, lost: Lost): Json {
  const read = readMapping(source, "", lost);
  if (read === null) return null;
  const scope: Scope = {
    base: "",
    row: null,
    texts: options.texts ?? new Set(),
    answer: options.answer ?? "any",
  };
  const rows = readsRows(read);
  if (!rows) return fieldsOf(read, scope, "", lost);
  if ("fields" in read) {
    const text = rowText(read, { ...scope, row: "" }, "", "", lost);
    return text === null ? null : ofList(`[$[$ != null].${text}]`);
  }
  const { expression } = read;
  if (expression.kind === "path") return translated(expression, scope, "", lost);
  const text = translated(expression, { ...scope, row: "$v" }, "", lost);
  return text === null ? null : ofList(`[$map($[$ != null], function($v) {${text}})[]]`);
}

/** One thing is a list of itself; rows of a text would be made up: it is an error page. */
function ofList(rows: string): string {
  return `$type($) in ["array", "object", "null"] ? ${rows} : $error("The answer is no list")`;
}

function readMapping(source: Json, field: string, lost: Lost): Read | null {
  if (isMap(source)) {
    const fields = Object.entries(source).flatMap(([name, value]): [string, Read][] => {
      const read = readMapping(value, field === "" ? name : `${field}.${name}`, lost);
      return read === null ? [] : [[name, read]];
    });
    return fields.length === 0 && Object.keys(source).length > 0 ? null : { fields };
  }
  if (Array.isArray(source)) {
    lost(field, "a mapping has no lists");
    return null;
  }
  // A number or a truth value stands for itself.
  if (typeof source !== "string") return { expression: { kind: "literal", value: source } };
  try {
    return { expression: parse(source) };
  } catch (error) {
    lost(field, why(error));
    return null;
  }
}

/** Whether each item of the answer becomes one of the result. */
function readsRows(read: Read): boolean {
  return "fields" in read
    ? read.fields.some(([, inner]) => readsRows(inner))
    : startsWithEach(read.expression);
}

function startsWithEach(expression: Expression): boolean {
  switch (expression.kind) {
    case "path":
      return expression.steps[0]?.kind === "each";
    case "not":
      return startsWithEach(expression.value);
    case "binary":
      return startsWithEach(expression.left) || startsWithEach(expression.right);
    case "choice":
      return [expression.condition, expression.yes, expression.no].some(startsWithEach);
    case "object":
      return expression.fields.some(([, value]) => startsWithEach(value));
    default:
      // What jq collects has its own items.
      return false;
  }
}

function fieldsOf(read: Read, scope: Scope, field: string, lost: Lost): Json {
  if ("expression" in read) return translated(read.expression, scope, field, lost);
  const fields: JsonObject = {};
  for (const [name, inner] of read.fields) {
    const value = fieldsOf(inner, scope, field === "" ? name : `${field}.${name}`, lost);
    if (value !== null) put(fields, name, value);
  }
  return fields;
}

/** The fields of one item as an object of JSONata, one on each line. */
function rowText(read: Read, scope: Scope, indent: string, field: string, lost: Lost): string | null {
  if ("expression" in read) return translated(read.expression, scope, field, lost);
  const inner = `${indent}  `;
  const lines = read.fields.flatMap(([name, value]) => {
    const text = rowText(value, scope, inner, field === "" ? name : `${field}.${name}`, lost);
    return text === null ? [] : [`${inner}${JSON.stringify(name)}: ${text}`];
  });
  return lines.length === 0 ? null : `{\n${lines.join(",\n")}\n${indent}}`;
}

function translated(expression: Expression, scope: Scope, field: string, lost: Lost): string | null {
  try {
    return toJsonata(expression, scope);
  } catch (error) {
    lost(field, why(error));
    return null;
  }
}

function why(error: unknown): string {
  if (error instanceof NotationError) return error.message;
  throw error;
}
