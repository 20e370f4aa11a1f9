import type { Json, JsonObject } from "../base/index.ts";
import { isMap, textAt } from "./json.ts";

/** A list or map of at most this many characters stands on one line. */
const MAX_FLOW = 100;
/** A name that every reader takes for text. */
const PLAIN_KEY = /^[A-Za-z_$][\w$-]*$/;
/** Words that some reader takes for something else. */
const WORD = /^(?:null|true|false|yes|no|on|off|y|n)$/i;
/** A text that a block can hold as it is: nothing before its first word, and no line end but \n. */
const BLOCK = /^[^\s](?:[^\r]*[^\r\n])?\n?$/;

/**
 * Writes a list or map as YAML of the subset that manifests are read in, in the style of the connectors that people
 * write: texts in double quotes, those of several lines as blocks, what is short on one line. The same value gives the
 * same bytes. js-yaml can write it too; with its tree of nodes it took four times as long and half the memory of an import.
 * @param open whether each map of a list has a line for each field, however short it is: people add fields to it
 */
export function toYaml(value: Json[] | JsonObject, open = false): string {
  return Array.isArray(value) ? listLines(value, "", open) : mapLines(value, "");
}

function mapLines(map: JsonObject, indent: string): string {
  let text = "";
  for (const [key, value] of Object.entries(map)) text += `${indent}${keyText(key)}:${after(value, indent)}`;
  return text;
}

function listLines(list: readonly Json[], indent: string, open = false): string {
  let text = "";
  for (const item of list) {
    if (isMap(item) && (open || flowText(item) === null)) {
      // The first field stands beside the dash.
      text += `${indent}- ${mapLines(item, `${indent}  `).slice(indent.length + 2)}`;
    } else text += `${indent}-${after(item, indent)}`;
  }
  return text;
}

/** What stands after a key or a dash, with the line end. */
function after(value: Json, indent: string): string {
  if (typeof value === "string" && value.includes("\n") && BLOCK.test(value)) {
    const lines = value.replace(/\n$/, "").replace(/^(?=.)/gm, `${indent}  `);
    return ` |${value.endsWith("\n") ? "" : "-"}\n${lines}\n`;
  }
  const flow = flowText(value);
  if (flow !== null) return ` ${flow}\n`;
  return `\n${Array.isArray(value) ? listLines(value, `${indent}  `) : mapLines(isMap(value) ? value : {}, `${indent}  `)}`;
}

/** A value on one line; null where that would be too long, or a text has several lines. Single values always are. */
function flowText(value: Json): string | null {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  let text = "";
  for (const [key, item] of Object.entries(value)) {
    const inner = typeof item === "string" && item.includes("\n") ? null : flowText(item);
    if (inner === null) return null;
    text += `${text === "" ? "" : ", "}${Array.isArray(value) ? "" : `${keyText(key)}: `}${inner}`;
    if (text.length > MAX_FLOW) return null;
  }
  if (Array.isArray(value)) return `[${text}]`;
  return text === "" ? "{}" : `{ ${text} }`;
}

function keyText(key: string): string {
  return PLAIN_KEY.test(key) && !WORD.test(key) ? key : JSON.stringify(key);
}

/** Fields of a manifest whose entries have names, and each stands for itself. */
const ENTRIES = new Set(["tools", "scopes", "account_fields", "schemas"]);

/** The entries of such a field with their names; null for any other field. */
export function namedEntries(field: string, value: Json): [name: string, entry: Json][] | null {
  if (!ENTRIES.has(field)) return null;
  if (Array.isArray(value)) return value.map((item, index) => [textAt(item, "name") ?? String(index), item]);
  return isMap(value) ? Object.entries(value) : null;
}

/** One entry of such a field as YAML, not indented. */
export function entryYaml(field: string, name: string, entry: Json): string {
  return field === "schemas" ? toYaml({ [name]: entry }) : toYaml([entry], field === "tools");
}

/** A field of a manifest as YAML; each entry of one that has entries starts on a line of its own. */
export function fieldYaml(field: string, value: Json): string {
  const entries = namedEntries(field, value);
  if (entries === null || entries.length === 0) return toYaml({ [field]: value });
  const lines = entries.map(([name, entry]) => indent(entryYaml(field, name, entry)));
  return `${field}:\n${lines.join("")}`;
}

/** Text two spaces further in; empty lines stay empty. */
export function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
