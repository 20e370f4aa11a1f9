import { createRequire } from "node:module";
import { load } from "js-yaml";
import { type Json, UserError } from "../base/index.ts";
import { get } from "./json.ts";
import { keepNames } from "./merge-names.ts";
import { type Files, idOf, isYaml, type Part, type Parts, putTogether, takeApart } from "./merge-parts.ts";
import { type Conflict, type Maybe, mergeValues, type Preference, same } from "./merge-values.ts";
import { entryYaml, toYaml } from "./yaml.ts";

const require = createRequire(import.meta.url);

/** What a repeated import comes to. */
export interface Merged {
  /** The files as they shall be; null: the file goes. Files that the import has no part in are not among them. */
  readonly files: Readonly<Record<string, string | null>>;
  /** What the next import is merged with: this one, with the names that tools keep. */
  readonly base: Files;
  /** What a person and the new import changed in different ways; with any, nothing is to be written. */
  readonly conflicts: readonly Conflict[];
  /** Parts that came in, went, or changed by the new import, and parts that a person's change kept as they are. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  readonly kept: readonly string[];
}

/** The three versions of a folder: as imported last, as it is, as imported now. */
export interface Versions {
  readonly base: Files;
  readonly folder: Files;
  readonly imported: Files;
}

/**
 * Merges a new import into a folder that people may have changed since the last one: their changes stay, the import's
 * come in, and what both changed differently is a conflict. Comments and spelling stay wherever the import changed
 * nothing.
 * @param display what the folder is called in messages
 * @param prefer whose word counts in a conflict; null: it stays one
 */
export function mergeImport(versions: Versions, display: string, prefer: Preference = null): Merged {
  const folder = takeApart(versions.folder, display);
  const { base, imported } = keepNames(
    takeApart(versions.base, display),
    folder,
    takeApart(versions.imported, display),
  );
  const now = { ...versions, imported: { ...versions.imported, ...rejoined(imported) } };
  const merger = new Merger(base, folder, imported, prefer);
  const parts = merger.merge();
  const readme = mergeReadme(now, merger.conflicts, prefer);
  const preambles = new Map([...imported.preambles, ...folder.preambles]);
  let yaml = putTogether(parts, preambles);
  if (!says(yaml, parts)) yaml = putTogether(parts.map(rewritten), preambles);
  const gone = Object.keys(versions.folder).filter((path) => isYaml(path) && !Object.hasOwn(yaml, path));
  const { conflicts, added, removed, changed, kept } = merger;
  const files = { ...yaml, ...readme, ...Object.fromEntries(gone.map((path) => [path, null])) };
  return { files: unchanged(now) ?? files, base: now.imported, conflicts, added, removed, changed, kept };
}

/** The files of a folder that was taken apart. */
function rejoined({ parts, preambles }: Parts): Record<string, string> {
  return putTogether([...parts.values()], preambles);
}

/** Where one side has changed nothing, the other's files are the result, to the byte. */
function unchanged({ base, folder, imported }: Versions): Record<string, string | null> | null {
  const paths = Object.keys(base);
  const isSame = (one: Files): boolean => paths.every((path) => one[path] === base[path]);
  if (isSame(imported) && Object.keys(imported).length === paths.length) return {};
  const more = Object.keys(folder).some((path) => isYaml(path) && base[path] === undefined);
  if (more || !isSame(folder)) return null;
  const gone = paths.filter((path) => imported[path] === undefined);
  return { ...imported, ...Object.fromEntries(gone.map((path) => [path, null])) };
}

class Merger {
  readonly conflicts: Conflict[] = [];
  readonly added: string[] = [];
  readonly removed: string[] = [];
  readonly changed: string[] = [];
  readonly kept: string[] = [];
  readonly #base: Parts;
  readonly #folder: Parts;
  readonly #imported: Parts;
  readonly #prefer: Preference;

  constructor(base: Parts, folder: Parts, imported: Parts, prefer: Preference) {
    this.#base = base;
    this.#folder = folder;
    this.#imported = imported;
    this.#prefer = prefer;
  }

  merge(): Part[] {
    const order = mergedOrder([...this.#folder.parts.keys()], [...this.#imported.parts.keys()]);
    const parts = order.flatMap((id) => this.#part(id) ?? []);
    return inFiles(parts);
  }

  #part(id: string): Part | null {
    const base = this.#base.parts.get(id);
    const folder = this.#folder.parts.get(id);
    const imported = this.#imported.parts.get(id);
    if (folder === undefined) return imported === undefined ? null : this.#missing(id, base, imported);
    if (imported === undefined) return this.#vanished(id, base, folder);
    const path = idOf(folder);
    const value = mergeValues(base?.value, folder.value, imported.value, path, this.conflicts, this.#prefer);
    const edited = base !== undefined && !same(base.value, folder.value);
    if (edited && !same(value, imported.value)) this.kept.push(id);
    if (!same(value, folder.value)) this.changed.push(id);
    const file = folder.file === base?.file ? imported.file : folder.file;
    return { ...folder, file, value: value ?? null, text: textOf(base, folder, imported, value) };
  }

  /** What a person took out stays out; what was not there before comes in. */
  #missing(id: string, base: Part | undefined, imported: Part): Part | null {
    if (base === undefined) {
      this.added.push(id);
      return imported;
    }
    this.kept.push(id);
    return null;
  }

  /** What the import no longer has goes, unless a person added or changed it. */
  #vanished(id: string, base: Part | undefined, folder: Part): Part | null {
    if (base === undefined) return folder;
    if (!same(base.value, folder.value)) {
      if (this.#prefer === null) this.conflicts.push({ path: id, folder: "changed by hand", imported: null });
      if (this.#prefer !== "import") return folder;
    }
    this.removed.push(id);
    return null;
  }
}

/** The lines of a merged part: those of the side that has them right, a merge of lines, or written anew. */
function textOf(base: Part | undefined, folder: Part, imported: Part, value: Maybe): string {
  if (same(value, folder.value)) return folder.text;
  if (base?.text.trim() === folder.text.trim() && same(value, imported.value)) return imported.text;
  const lines = mergeLines(base?.text ?? "", folder.text, imported.text);
  const { section, name } = folder;
  if (lines !== null && same(valueIn(lines, folder), value)) return lines;
  return partYaml(section, name, value ?? null);
}

/** A part as the import itself writes it, not indented. */
function partYaml(section: string, name: string | null, value: Json): string {
  return name === null ? toYaml({ [section]: value }) : entryYaml(section, name, value);
}

/** The merge of three texts line by line, or null where both sides changed the same lines. */
function mergeLines(base: string, folder: string, imported: string): string | null {
  const texts = [folder, base, imported].map((text) => text.split("\n"));
  const longest = Math.max(...texts.map((lines) => lines.length));
  if (longest > MAX_LINES) return null;
  // Changes on lines that touch would count as one: a mark between the lines keeps them apart. Comparing takes time
  // by the square of equal lines, so a long text goes without.
  const [ours, was, theirs] = texts.map((lines) =>
    longest > MAX_MARKED ? lines : lines.flatMap((line) => [line, MARK]),
  );
  const { diff3Merge }: typeof import("node-diff3") = require("node-diff3");
  const regions = diff3Merge(ours ?? [], was ?? [], theirs ?? [], { excludeFalseConflicts: true });
  if (regions.some(({ conflict }) => conflict)) return null;
  return regions
    .flatMap(({ ok }) => ok ?? [])
    .filter((line) => line !== MARK)
    .join("\n");
}

const MAX_LINES = 5000;
const MAX_MARKED = 300;
/** No line of a file: line ends are what lines are split at. */
const MARK = "\n";

/** What a part's lines say, or undefined when they say nothing that a part can. */
function valueIn(text: string, { section, name }: Part): Maybe {
  try {
    const value: Json = JSON.parse(JSON.stringify(load(text) ?? null));
    if (Array.isArray(value)) return value[0];
    return get(value, name ?? section);
  } catch {
    return undefined;
  }
}

/** The order of both: the folder's, with what is new after what it follows in the import. */
function mergedOrder(folder: readonly string[], imported: readonly string[]): string[] {
  const order = [...folder];
  const present = new Set(order);
  let previous: string | null = null;
  for (const id of imported) {
    if (!present.has(id)) {
      order.splice(previous === null ? 0 : order.indexOf(previous) + 1, 0, id);
      present.add(id);
    }
    previous = id;
  }
  return order;
}

/** Parts in the order in which their files hold them: within a file, those of one field together. */
function inFiles(parts: readonly Part[]): Part[] {
  const groups = new Map<string, Part[]>();
  for (const part of parts) {
    const key = `${part.file === "manifest.yaml" ? "" : part.file}\n${part.section}`;
    const group = groups.get(key) ?? [];
    group.push(part);
    groups.set(key, group);
  }
  const byFile = [...groups.values()].flat();
  return byFile.sort((a, b) => rank(a) - rank(b));
}

function rank({ file, section }: Part): number {
  if (file !== "manifest.yaml") return 2;
  return section === "tools" ? 1 : 0;
}

function rewritten(part: Part): Part {
  return { ...part, text: partYaml(part.section, part.name, part.value) };
}

/** Whether files, read again, say what their parts do: lines that were put together by hand may not. */
function says(files: Files, parts: readonly Part[]): boolean {
  try {
    const read = takeApart(files, "merged").parts;
    return read.size === parts.length && parts.every((part) => same(read.get(idOf(part))?.value, part.value));
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

const README = "README.md";

/** The README is merged by its sections, each as lines. */
function mergeReadme(versions: Versions, conflicts: Conflict[], prefer: Preference): Record<string, string> {
  const sections = (files: Files): Map<string, string> => {
    const parts = (files[README] ?? "").split(/^(?=## )/m);
    return new Map(parts.map((text) => [text.startsWith("## ") ? (text.split("\n", 1)[0] ?? "") : "", text]));
  };
  const [base, folder, imported] = [versions.base, versions.folder, versions.imported].map(sections);
  if (base === undefined || folder === undefined || imported === undefined) return {};
  const out = mergedOrder([...folder.keys()], [...imported.keys()]).map((key) => {
    const [was, ours, theirs] = [base.get(key), folder.get(key), imported.get(key)];
    if (ours === theirs || theirs === was) return ours ?? "";
    if (ours === was) return theirs ?? "";
    const lines = mergeLines(was ?? "", ours ?? "", theirs ?? "");
    if (lines !== null) return lines;
    if (prefer === null)
      conflicts.push({ path: `${README} ${key}`.trim(), folder: "changed by hand", imported: "changed" });
    return (prefer === "import" ? theirs : ours) ?? "";
  });
  return { [README]: out.join("") };
}
