import { type Json, type JsonObject, UserError } from "../base/index.ts";
import {
  findSecrets,
  MAX_TOOL_FILES,
  MAX_YAML_BYTES,
  nameProblem,
  SCHEMA_COMMENT,
} from "../manifest/index.ts";
import { withinLength, wordsOf } from "./names.ts";
import type { Notes } from "./notes.ts";
import { readmeOf } from "./readme.ts";
import { tidy } from "./tidy.ts";
import type { Draft, DraftTool, Imported } from "./types.ts";
import { toYaml } from "./yaml.ts";

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
  const tools = draft.tools.map(({ tool, group }) => ({
    text: toYaml([tidy(tool, String(tool.name), notes)]),
    group: groupName(group),
    name: String(tool.name),
  }));
  const yaml = layOut(sections(head, schemas), tools, notes);
  const files: Record<string, string> = {};
  for (const [path, text] of Object.entries(yaml)) files[path] = await withoutSecrets(path, text, notes);
  const report = { carried, notCarried: notes.list };
  files["README.md"] = await withoutSecrets("README.md", readmeOf(draft, report), notes);
  return { slug: draft.slug, files, report };
}

interface Written extends Pick<DraftTool, "group"> {
  readonly name: string;
  /** A YAML list of one. */
  readonly text: string;
}

/** The fields of a manifest, an empty line between what takes more than one. */
function sections(head: JsonObject, schemas: JsonObject): string {
  const fields: [string, Json][] = Object.entries(head);
  if (Object.keys(schemas).length > 0) fields.push(["schemas", schemas]);
  let text = `${SCHEMA_COMMENT}\n`;
  let long = false;
  for (const [key, value] of fields) {
    const lines = toYaml({ [key]: value });
    const isLong = lines.trimEnd().includes("\n");
    if (long || isLong) text += "\n";
    text += lines;
    long = isLong;
  }
  return text;
}

function layOut(head: string, tools: readonly Written[], notes: Notes): Record<string, string> {
  if (bytes(head) > FULL) {
    throw tooLarge("The scopes and shared schemas alone are more than a manifest.yaml may hold.");
  }
  if (tools.length === 0) return { "manifest.yaml": head };
  const inline = `${head}\ntools:\n${tools.map(({ text }) => indent(text)).join("\n")}`;
  if (bytes(inline) <= FULL) return { "manifest.yaml": inline };
  const fitting = tools.filter(({ name, text }) => {
    const fits = bytes(text) <= FULL;
    if (!fits) notes.add(`the tool ${name}`, "tools", "it alone is more than a file may hold");
    return fits;
  });
  let files = pack(fitting, ({ group }) => group);
  if (files.size > MAX_TOOL_FILES) files = pack(fitting, () => "tools");
  if (files.size > MAX_TOOL_FILES) throw tooLarge(`The tools fill more than ${MAX_TOOL_FILES} files.`);
  return { "manifest.yaml": head, ...Object.fromEntries([...files].sort()) };
}

/** Fills files with tools, each with those of one group. */
function pack(tools: readonly Written[], groupOf: (tool: Written) => string): Map<string, string> {
  const groups = new Map<string, string[]>();
  for (const tool of tools) {
    const texts = groups.get(groupOf(tool)) ?? [];
    texts.push(tool.text);
    groups.set(groupOf(tool), texts);
  }
  const files = new Map<string, string>();
  for (const [group, texts] of groups) {
    let number = 1;
    let text = "";
    const close = (): void => {
      files.set(`tools/${group}${number === 1 ? "" : `.${number}`}.yaml`, text);
    };
    for (const next of texts) {
      if (text !== "" && bytes(text) + bytes(next) + 1 > FULL) {
        close();
        number++;
        text = "";
      }
      text += text === "" ? next : `\n${next}`;
    }
    close();
  }
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

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
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
