import { type JsonObject, UserError } from "../base/index.ts";
import {
  findSecrets,
  MAX_TOOL_FILES,
  MAX_YAML_BYTES,
  nameProblem,
  SCHEMA_COMMENT,
} from "../manifest/index.ts";
import { get, isMap, listAt, mapAt } from "./json.ts";
import { withinLength, wordsOf } from "./names.ts";
import type { Notes } from "./notes.ts";
import { readmeOf } from "./readme.ts";
import { cut } from "./text.ts";
import { tidy } from "./tidy.ts";
import type { Draft, DraftTool, Imported } from "./types.ts";
import { entryYaml, fieldYaml, indent, toYaml } from "./yaml.ts";

/** What a file is filled up to: the rest is for people's own lines. */
const FULL = MAX_YAML_BYTES - 8 * 1024;

/**
 * Writes a draft as a connector's folder: manifest.yaml, tools/<group>.yaml where one file can't hold all, and README.md.
 * The same draft gives the same bytes.
 * @throws UserError `import.too_large` where the limits of a folder can't hold it
 */
export async function writeFolder(
  draft: Draft,
  carried: Record<string, number>,
  notes: Notes,
): Promise<Imported> {
  const head = tidy(draft.fields, "manifest.yaml", notes);
  const schemas = Object.fromEntries(
    [...draft.schemas].map(([name, schema]) => [name, tidy(schema, name, notes)]),
  );
  const tools = draft.tools.map(({ tool: written, group }) => {
    const tool = tidy(written, String(written.name), notes);
    const name = String(tool.name);
    return { tool, text: entryYaml("tools", name, tool), group: groupName(group), name };
  });
  const fitting = tools.flatMap((tool) => shrunk(tool, notes));
  const yaml = layOut(head, schemas, fitting, notes);
  const files: Record<string, string> = {};
  for (const [path, text] of Object.entries(yaml)) files[path] = await withoutSecrets(path, text, notes);
  const lost = tools.length - fitting.length;
  const counted = lost === 0 ? carried : { ...carried, tools: (carried.tools ?? 0) - lost };
  const report = { carried: counted, notCarried: notes.list };
  files["README.md"] = await withoutSecrets("README.md", readmeOf(draft, report), notes);
  return { slug: draft.slug, files, report };
}

/** The file of shared schemas that manifest.yaml can't hold; no group is named so. */
const SCHEMAS_FILE = "_schemas";

interface Written extends Pick<DraftTool, "group"> {
  readonly name: string;
  readonly tool: JsonObject;
  /** A YAML list of one. */
  readonly text: string;
}

/** The fields of a manifest, an empty line between what takes more than one. */
function sections(fields: JsonObject): string {
  let text = `${SCHEMA_COMMENT}\n`;
  let long = false;
  for (const [key, value] of Object.entries(fields)) {
    const lines = fieldYaml(key, value);
    const isLong = lines.trimEnd().includes("\n");
    if (long || isLong) text += "\n";
    text += lines;
    long = isLong;
  }
  return text;
}

/** All in manifest.yaml if that can hold it; else the tools in files of their own; else the shared schemas besides. */
function layOut(
  head: JsonObject,
  schemas: JsonObject,
  tools: readonly Written[],
  notes: Notes,
): Record<string, string> {
  const fields = sections(head);
  const withSchemas = Object.keys(schemas).length === 0 ? fields : sections({ ...head, schemas });
  if (tools.length === 0 && bytes(withSchemas) <= FULL) return { "manifest.yaml": withSchemas };
  const inline = `${withSchemas}\ntools:\n${tools.map(({ text }) => indent(text)).join("\n")}`;
  if (bytes(inline) <= FULL) return { "manifest.yaml": inline };
  const manifest = bytes(withSchemas) <= FULL ? withSchemas : fields;
  if (bytes(manifest) > FULL) {
    const short = withShortScopes(head, notes);
    if (short === null) throw tooLarge("The scopes alone are more than a manifest.yaml may hold.");
    return layOut(short, schemas, tools, notes);
  }
  const own = manifest === withSchemas ? new Map<string, string>() : schemaFiles(schemas, notes);
  let files = pack(tools, ({ group }) => group);
  if (files.size + own.size > MAX_TOOL_FILES) files = pack(tools, () => "tools");
  if (files.size + own.size > MAX_TOOL_FILES) {
    throw tooLarge(`The tools fill more than ${MAX_TOOL_FILES} files.`);
  }
  return { "manifest.yaml": manifest, ...Object.fromEntries([...files, ...own].sort()) };
}

/** Lengths to which the descriptions of scopes are cut where a manifest can't hold them. */
const SCOPE_TEXTS = [500, 200, 100, 50, 0];

/** The manifest's fields with the longest descriptions of scopes that fit; null where none do. */
function withShortScopes(head: JsonObject, notes: Notes): JsonObject | null {
  for (const length of SCOPE_TEXTS) {
    const scopes = listAt(head, "scopes").map((scope) => {
      const { description, ...rest } = isMap(scope) ? scope : {};
      return length === 0 || typeof description !== "string"
        ? rest
        : { ...rest, description: cut(description, length) };
    });
    const short = { ...head, scopes };
    if (bytes(sections(short)) > FULL) continue;
    notes.add(
      `the descriptions of scopes after ${length} characters`,
      "scopes",
      "a manifest.yaml can't hold them",
    );
    return short;
  }
  return null;
}

/** A tool that a file can hold: one whose input is too long by itself takes anything for what it is made of. */
function shrunk(tool: Written, notes: Notes): readonly Written[] {
  if (isSmall(tool.text)) return [tool];
  const described = entryYaml("tools", tool.name, withOpenArguments(tool.tool, true));
  const text = isSmall(described)
    ? described
    : entryYaml("tools", tool.name, withOpenArguments(tool.tool, false));
  if (!fits(`the tool ${tool.name}`, text, notes)) return [];
  notes.add("what the arguments are made of", tool.name, "the tool alone is more than a file may hold");
  return [{ ...tool, text }];
}

function withOpenArguments(tool: JsonObject, described: boolean): JsonObject {
  const properties = Object.entries(mapAt(tool.input, "properties")).map(([name, schema]) => {
    const description = described ? get(schema, "description") : undefined;
    return [name, description === undefined ? {} : { description }];
  });
  return { ...tool, input: { ...mapAt(tool, "input"), properties: Object.fromEntries(properties) } };
}

function isSmall(text: string): boolean {
  return bytes(text) <= FULL - 1000;
}

function fits(what: string, text: string, notes: Notes): boolean {
  const good = isSmall(text);
  if (!good) notes.add(what, "tools", "it alone is more than a file may hold");
  return good;
}

/** Files of shared schemas, in the order of their names; one that fills a file alone accepts anything. */
function schemaFiles(schemas: JsonObject, notes: Notes): Map<string, string> {
  const written = Object.entries(schemas).map(([name, schema]) => {
    const text = indent(toYaml({ [name]: schema }));
    return fits(`the schema ${name}`, text, notes) ? text : indent(toYaml({ [name]: {} }));
  });
  const files = fill(written, "", SCHEMAS_FILE);
  return new Map([...files].map(([path, text]) => [path, `schemas:\n${text}`]));
}

/** Fills files with tools, each with those of one group. */
function pack(tools: readonly Written[], groupOf: (tool: Written) => string): Map<string, string> {
  const groups = new Map<string, string[]>();
  for (const tool of tools) {
    const texts = groups.get(groupOf(tool)) ?? [];
    texts.push(tool.text);
    groups.set(groupOf(tool), texts);
  }
  return new Map([...groups].flatMap(([group, texts]) => [...fill(texts, "\n", group)]));
}

/** Fills as many files of a group as its texts need. */
function fill(texts: readonly string[], between: string, group: string): Map<string, string> {
  const files = new Map<string, string>();
  let text = "";
  let size = 0;
  const close = (): void => {
    files.set(`tools/${group}${files.size === 0 ? "" : `.${files.size + 1}`}.yaml`, text);
  };
  for (const next of texts) {
    const more = bytes(next) + between.length;
    if (text !== "" && size + more > FULL) {
      close();
      text = "";
      size = 0;
    }
    text += text === "" ? next : between + next;
    size += more;
  }
  close();
  return files;
}

/** A group's name as that of a file, on every system. */
function groupName(group: string): string {
  const name = withinLength(
    wordsOf(group)
      .join("-")
      .replace(/^[0-9-]+/, ""),
    40,
    group,
  );
  return nameProblem(name) === null ? name : `group-${name}`.replace(/-$/, "");
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}

function tooLarge(message: string): UserError {
  return new UserError(
    "import.too_large",
    message,
    "Import a part: --include tag:NAME, path:/x/* or operation:ID.",
  );
}

/** A text with what looks like a secret blacked out; examples of keys are taken from life more often than not. */
async function withoutSecrets(path: string, text: string, notes: Notes): Promise<string> {
  let clean = text;
  for (let round = 0; round < 5; round++) {
    const found = await findSecrets(clean);
    if (found.length === 0) return clean;
    notes.add("what looks like a secret", path, "no file of a connector holds one; REDACTED stands there");
    for (const { start, end } of [...found].sort((a, b) => b.start - a.start)) {
      clean = `${clean.slice(0, start)}REDACTED${clean.slice(end)}`;
    }
  }
  return clean;
}
