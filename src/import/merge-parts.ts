import { CORE_SCHEMA, load, mergeTag, YAMLException } from "js-yaml";
import { type Json, type JsonObject, UserError } from "../base/index.ts";
import { isMap } from "./json.ts";
import { entryYaml, indent, namedEntries, toYaml } from "./yaml.ts";

/** Path within the folder → text. */
export type Files = Readonly<Record<string, string>>;

/** A part of a folder that is merged as one: a field of the manifest, a tool, a scope, a shared schema. */
export interface Part {
  readonly file: string;
  /** The field at the top of the manifest that it is, or is in. */
  readonly section: string;
  /** The name of what it is there; null for the whole field. */
  readonly name: string | null;
  /** Its lines, not indented, with the comments and empty lines before it. */
  readonly text: string;
  readonly value: Json;
}

/** A folder in parts, in the order of its files. */
export interface Parts {
  readonly parts: ReadonlyMap<string, Part>;
  /** Lines before the first field of a file. */
  readonly preambles: ReadonlyMap<string, string>;
}

/** What names a part among all. */
export function idOf({ section, name }: Pick<Part, "section" | "name">): string {
  return name === null ? section : `${section}/${name}`;
}

/** Whether a path is one of the YAML files of a connector. */
export function isYaml(path: string): boolean {
  return path === "manifest.yaml" || /^tools\/[^/]+\.yaml$/.test(path);
}

/**
 * Takes the YAML files of a folder apart.
 * @throws UserError `import.unreadable` when one of them is not YAML
 */
export function takeApart(files: Files, display: string): Parts {
  const parts = new Map<string, Part>();
  const preambles = new Map<string, string>();
  for (const file of Object.keys(files).filter(isYaml).sort(manifestFirst)) {
    const text = files[file] ?? "";
    const value = parse(text, `${display}/${file}`);
    const lines = text.replaceAll("\r\n", "\n").split(/(?<=\n)/);
    if (Array.isArray(value)) {
      const { before, entries } = splitLines(lines, /^- /);
      preambles.set(file, before);
      for (const part of entriesOf(file, "tools", value, entries, 0)) parts.set(idOf(part), part);
    } else if (isMap(value)) {
      const { before, entries } = splitLines(lines, /^["']?[A-Za-z_][\w-]*["']?\s*:/);
      preambles.set(file, before);
      for (const part of fieldsOf(file, value, entries)) parts.set(idOf(part), part);
    }
  }
  return { parts, preambles };
}

function manifestFirst(a: string, b: string): number {
  return Number(b === "manifest.yaml") - Number(a === "manifest.yaml") || (a < b ? -1 : 1);
}

function parse(text: string, display: string): Json {
  try {
    const value: unknown = load(text, {
      schema: CORE_SCHEMA.withTags(mergeTag),
      maxDepth: 200,
      maxAliases: 0,
    });
    return JSON.parse(JSON.stringify(value ?? null));
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const hint = "Run sentinel check on it, mend it, and import again.";
    throw new UserError("import.unreadable", `${display} is not YAML: ${error.reason}.`, hint);
  }
}

/** Lines in stretches that each start where `start` matches, with the comments before them. */
function splitLines(lines: readonly string[], start: RegExp): { before: string; entries: string[] } {
  const entries: string[] = [];
  let before = "";
  let pending = "";
  let depth = 0;
  for (const line of lines) {
    const indent = line.length - line.trimStart().length;
    if (start.test(line)) {
      if (entries.length === 0 && pending.startsWith("#")) {
        // What stands at the top with an empty line after it belongs to the file.
        const edge = pending.lastIndexOf("\n\n");
        before = edge < 0 ? pending : pending.slice(0, edge + 1);
        pending = edge < 0 ? "" : pending.slice(edge + 1);
      }
      entries.push(pending + line);
      pending = "";
      depth = indent;
    } else if (entries.length === 0 || /^\s*(?:#.*)?$/.test(line)) {
      // A comment that stands as deep as what is inside belongs to what is above it.
      if (entries.length > 0 && indent > depth && line.trim() !== "") {
        entries.push((entries.pop() ?? "") + pending + line);
        pending = "";
      } else pending += line;
    } else {
      entries.push((entries.pop() ?? "") + pending + line);
      pending = "";
    }
  }
  if (entries.length > 0) entries.push((entries.pop() ?? "") + pending);
  else before += pending;
  return { before, entries };
}

function fieldsOf(file: string, value: JsonObject, entries: readonly string[]): Part[] {
  const fields = Object.entries(value);
  return fields.flatMap(([section, field], index): Part[] => {
    const own = entries.length === fields.length ? entries[index] : undefined;
    const text = own ?? toYaml({ [section]: field });
    const named = namedEntries(section, field);
    if (named === null) return [{ file, section, name: null, text, value: field }];
    const lines = text.split(/(?<=\n)/);
    const at = lines.findIndex((line) => line.startsWith(section));
    const rest = lines.slice(at + 1);
    const indent = /^ */.exec(rest.find((line) => /^ *[^\s#]/.test(line)) ?? "")?.[0].length ?? 0;
    const start = new RegExp(Array.isArray(field) ? `^ {${indent}}- ` : `^ {${indent}}["']?[A-Za-z_]`);
    const split = splitLines(rest, start);
    if (split.entries.length > 0 && split.before !== "") split.entries[0] = split.before + split.entries[0];
    return entriesOf(file, section, field, split.entries, indent);
  });
}

function entriesOf(
  file: string,
  section: string,
  value: Json,
  entries: readonly string[],
  indent: number,
): Part[] {
  const named = namedEntries(section, value) ?? [];
  return named.map(([name, item], index) => {
    const own = entries.length === named.length ? entries[index] : undefined;
    const text = own === undefined ? entryYaml(section, name, item) : outdent(own, indent);
    return { file, section, name, text, value: item };
  });
}

function outdent(text: string, indent: number): string {
  return indent === 0 ? text : text.replace(new RegExp(`^ {1,${indent}}`, "gm"), "");
}

/** Puts parts together to files again; the inverse of `takeApart`. */
export function putTogether(
  parts: readonly Part[],
  preambles: ReadonlyMap<string, string>,
): Record<string, string> {
  const files = new Map<string, string>();
  const sections = new Map<string, string>();
  const maps = new Set(parts.filter(({ section }) => section !== "tools").map(({ file }) => file));
  for (const part of parts) {
    const { file, section, name } = part;
    const asList = file !== "manifest.yaml" && !maps.has(file);
    let text = files.get(file) ?? preambles.get(file) ?? "";
    if (name === null) text += part.text;
    else if (asList) text += spaced(text, part);
    else {
      if (sections.get(file) !== section)
        text += `${text === "" || text.endsWith("\n\n") ? "" : "\n"}${section}:\n`;
      text += spaced(text, { ...part, text: indent(part.text) });
    }
    sections.set(file, section);
    files.set(file, text.endsWith("\n") ? text : `${text}\n`);
  }
  return Object.fromEntries(files);
}

/** Tools have an empty line between them. */
function spaced(before: string, { section, text }: Pick<Part, "section" | "text">): string {
  const first = before === "" || before.endsWith(`${section}:\n`);
  if (first) return text.replace(/^\n+/, "");
  return section === "tools" && !/^\s*\n/.test(text) && !before.endsWith("\n\n") ? `\n${text}` : text;
}
