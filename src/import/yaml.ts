import {
  COLLECTION_STYLE,
  DEFAULT_SCALAR_STYLE_RULES,
  type Document,
  dump,
  type Node,
  SCALAR_STYLE,
  type ScalarStyleRule,
} from "js-yaml";
import type { Json } from "../base/index.ts";
import { isMap, textAt } from "./json.ts";

/** A list or map of at most this many characters stands on one line. */
const MAX_FLOW = 100;

/** Texts on one line in double quotes, longer ones as blocks; keys bare where every reader takes them for text. */
const style: ScalarStyleRule = (layout) => {
  if (layout.isKey || layout.node.tag !== "tag:yaml.org,2002:str") return;
  const block = layout.node.value.includes("\n") && !layout.flowOnly;
  layout.style = block ? SCALAR_STYLE.LITERAL_BLOCK : SCALAR_STYLE.DOUBLE_QUOTED;
};

/**
 * Writes a value as YAML of the subset that manifests are read in, in the style of the connectors that people write: the
 * same value gives the same bytes.
 */
export function toYaml(value: Json): string {
  return dump(value, {
    noRefs: true,
    lineWidth: -1,
    quoteStyle: "double",
    flowBracketPadding: true,
    scalarStyleRules: [style, ...Object.values(DEFAULT_SCALAR_STYLE_RULES)],
    transform: foldShort,
  });
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
  return toYaml(field === "schemas" ? { [name]: entry } : [entry]);
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

/** Gives every list and map that is short enough, and holds no long text, a line of its own. */
function foldShort(documents: Document[]): void {
  for (const { contents } of documents) {
    if (contents === null) continue;
    widthOf(contents);
    if (contents.kind === "mapping" || contents.kind === "sequence") contents.style = COLLECTION_STYLE.BLOCK;
  }
}

/** The characters that a node takes on one line, as far as that matters: Infinity where it can't stand on one. */
function widthOf(node: Node): number {
  if (node.kind === "alias") return Number.POSITIVE_INFINITY;
  if (node.kind === "scalar") {
    // `1.e-7` is no number to JSON, nor to our reader.
    if (node.tag === "tag:yaml.org,2002:float") node.value = node.value.replace(".e", "e");
    return node.value.includes("\n") ? Number.POSITIVE_INFINITY : node.value.length + 2;
  }
  let width = 4;
  if (node.kind === "sequence") for (const item of node.items) width += widthOf(item) + 2;
  else for (const { key, value } of node.items) width += widthOf(key) + widthOf(value) + 2;
  node.style = width <= MAX_FLOW ? COLLECTION_STYLE.FLOW : COLLECTION_STYLE.BLOCK;
  return width;
}
