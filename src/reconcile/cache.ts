import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { Bug, type Diagnostic, diagnostic, errno, WHOLE_FILE } from "../base/index.ts";
import { sourceState } from "../registry/index.ts";
import type { FolderColumns } from "./compare.ts";
import { COLUMNS, type Signature } from "./signature.ts";
import { removeQuietly } from "./tidy.ts";

/** What reading a folder gave when it had the signature, with its generated files in place. */
export interface CachedFolder {
  readonly signature: Signature;
  readonly digest: string;
  readonly warnings: readonly Diagnostic[];
}

/** What is remembered from one run to the next; it only ever spares work. */
export interface Cache {
  readonly folders: KnownFolders;
  /** Digests of the registered revisions of folders that can't be read: a guess that the registry confirms or not. */
  readonly lastGood: ReadonlyMap<string, string>;
  /** The source's state if exactly all this is registered; null where nobody has worked it out. */
  readonly state: string | null;
}

/** The text part of the file. */
interface Text {
  readonly stamp: string;
  /** Sorted, and joined with `/`, which no name has: one string is read faster than ten thousand. */
  readonly names: string;
  readonly size: number;
  /** Distinct layouts; a folder names its own by index. */
  readonly layouts: readonly (readonly string[])[];
  readonly warnings: readonly [string, readonly Diagnostic[]][];
  readonly lastGood: readonly [string, string][];
  readonly state: string;
}

const FILE = "folders.bin";
/** Two numbers in decimal, right-aligned: the checksum of all that follows the first, and the length of the text. */
const NUMBER = 12;
const HEAD = 2 * NUMBER;
/** Some two thousand folders. */
const LARGE_BYTES = 500_000;

const DIGEST_BYTES = 32;

/**
 * Folders as they come from the file: columns that threads share. Where all of them are as they were, which is what a run
 * mostly finds, nobody needs an object for each, and none is made.
 */
export class KnownFolders implements FolderColumns {
  readonly names: string;
  readonly size: number;
  readonly layouts: readonly (readonly string[])[];
  readonly layout: Uint32Array;
  readonly from: Uint32Array;
  readonly stats: Float64Array;
  readonly warnings: ReadonlyMap<string, readonly Diagnostic[]>;
  readonly #digests: Buffer;
  #rows: ReadonlyMap<string, number> | null = null;

  /** @param bytes what follows the text: digests, the columns `layout` and `from`, the numbers of all signatures */
  constructor(
    { names, size, layouts, warnings }: Pick<Text, "names" | "size" | "layouts" | "warnings">,
    bytes: Buffer,
  ) {
    this.names = names;
    this.size = size;
    this.layouts = layouts;
    this.warnings = new Map(warnings);
    this.#digests = bytes.subarray(0, size * DIGEST_BYTES);
    const [layout, from, stats] = [0, 1, 2].map((column) => size * (DIGEST_BYTES + 4 * column));
    this.layout = new Uint32Array(shared(bytes.subarray(layout, from)));
    this.from = new Uint32Array(shared(bytes.subarray(from, stats)));
    this.stats = new Float64Array(shared(bytes.subarray(stats)));
  }

  has(name: string): boolean {
    return this.#row(name) !== undefined;
  }

  get(name: string): CachedFolder | undefined {
    const row = this.#row(name);
    if (row === undefined) return undefined;
    const layout = this.layouts[this.layout[row] ?? -1] ?? [];
    const signature = { layout, stats: this.stats, from: this.from[row] ?? 0 };
    const digest = this.#digests.toString("hex", row * DIGEST_BYTES, (row + 1) * DIGEST_BYTES);
    return { signature, digest, warnings: this.warnings.get(name) ?? [] };
  }

  /** The names, sorted. */
  list(): readonly string[] {
    return this.size === 0 ? [] : this.names.split("/");
  }

  /** The columns of some of them. */
  pick(names: readonly string[]): FolderColumns {
    const rows = Uint32Array.from(names, (name) => this.#row(name) ?? -1);
    const layout = rows.map((row) => this.layout[row] ?? 0);
    const from = rows.map((row) => this.from[row] ?? 0);
    return { names: names.join("/"), layouts: this.layouts, layout, from, stats: this.stats };
  }

  #row(name: string): number | undefined {
    this.#rows ??= new Map(this.list().map((known, row) => [known, row]));
    return this.#rows.get(name);
  }
}

function shared(bytes: Uint8Array): SharedArrayBuffer {
  const copy = new SharedArrayBuffer(bytes.length);
  new Uint8Array(copy).set(bytes);
  return copy;
}

/** A cache that knows nothing. */
export function emptyCache(): Cache {
  const nothing = { names: "", size: 0, layouts: [], warnings: [] };
  return { folders: new KnownFolders(nothing, Buffer.alloc(0)), lastGood: new Map(), state: null };
}

/**
 * Reads the cache; damage, another format or another stamp reads as empty.
 * @param stamp what made the content: see `toolStamp`
 */
export function loadCache(directory: string, stamp: string): Cache {
  try {
    const bytes = readFileSync(join(directory, FILE));
    if (crc32(bytes.subarray(NUMBER)) !== Number(bytes.toString("latin1", 0, NUMBER))) return emptyCache();
    const end = HEAD + Number(bytes.toString("latin1", NUMBER, HEAD));
    const text: Text = JSON.parse(bytes.toString("utf8", HEAD, end));
    if (text.stamp !== stamp) return emptyCache();
    const folders = new KnownFolders(text, bytes.subarray(end));
    return { folders, lastGood: new Map(text.lastGood), state: text.state };
  } catch {
    return emptyCache();
  }
}

/** Whether the cache knows so many folders that comparing them is worth a second thread. */
export function isLarge(directory: string): boolean {
  try {
    return statSync(join(directory, FILE)).size > LARGE_BYTES;
  } catch {
    return false;
  }
}

/** What the next run is to know. */
export interface Remembered {
  /** What stays of what was known. */
  readonly known: KnownFolders;
  readonly kept: readonly string[];
  /** What was learned, in its place or besides. */
  readonly fresh: ReadonlyMap<string, CachedFolder>;
  readonly lastGood: ReadonlyMap<string, string>;
}

/**
 * Writes the cache in one step. Another process may do the same: the last one wins, and either file is whole.
 * @returns a warning when it could not be written, else null
 */
export function saveCache(
  directory: string,
  display: string,
  stamp: string,
  remembered: Remembered,
): Diagnostic | null {
  const body = encode(stamp, remembered);
  const temporary = join(directory, `folders-${process.pid}.tmp`);
  try {
    mkdirSync(directory, { recursive: true });
    rmSync(temporary, { force: true });
    writeFileSync(temporary, Buffer.concat([field(crc32(body)), body]), { flag: "wx" });
    renameSync(temporary, join(directory, FILE));
    return null;
  } catch (error) {
    removeQuietly(temporary);
    const message = `The cache could not be written (${errno(error) ?? "unknown error"}).`;
    return diagnostic("cache.not_written", display, WHOLE_FILE, message);
  }
}

function encode(stamp: string, { known, kept, fresh, lastGood }: Remembered): Buffer {
  const names = [...new Set([...kept, ...fresh.keys()])].sort();
  const layouts = new Layouts();
  const layout = new Uint32Array(names.length);
  const from = new Uint32Array(names.length);
  const stats: ArrayLike<number>[] = [];
  const warnings: [string, readonly Diagnostic[]][] = [];
  const standing: { slug: string; digest: string }[] = [];
  let numbers = 0;
  for (const [at, slug] of names.entries()) {
    const folder = fresh.get(slug) ?? known.get(slug);
    if (folder === undefined) throw new Bug(`nothing is known of ${slug}`);
    const { signature, digest } = folder;
    const length = signature.layout.length * COLUMNS;
    layout[at] = layouts.indexOf(signature.layout);
    from[at] = numbers;
    stats.push(partOf(signature.stats, signature.from, length));
    numbers += length;
    if (folder.warnings.length > 0) warnings.push([slug, folder.warnings]);
    standing.push({ slug, digest });
  }
  const digests = Buffer.from(standing.map(({ digest }) => digest).join(""), "hex");
  const column = new Float64Array(numbers);
  for (const [at, part] of stats.entries()) column.set(part, from[at]);
  for (const [slug, digest] of lastGood) standing.push({ slug, digest });
  const text: Text = {
    stamp,
    names: names.join("/"),
    size: names.length,
    layouts: layouts.list,
    warnings,
    lastGood: [...lastGood],
    state: sourceState(standing),
  };
  const json = Buffer.from(JSON.stringify(text));
  const columns = [layout, from, column].map(({ buffer }) => new Uint8Array(buffer));
  return Buffer.concat([field(json.length), json, digests, ...columns]);
}

/** Distinct layouts, in the order in which they come. */
class Layouts {
  readonly list: (readonly string[])[] = [];
  readonly #byList = new Map<readonly string[], number>();
  readonly #byText = new Map<string, number>();

  indexOf(layout: readonly string[]): number {
    const known = this.#byList.get(layout);
    if (known !== undefined) return known;
    const text = layout.join("\0");
    const index = this.#byText.get(text) ?? this.list.push(layout) - 1;
    this.#byText.set(text, index);
    this.#byList.set(layout, index);
    return index;
  }
}

/** Without a copy where that can be had. */
function partOf(numbers: ArrayLike<number>, from: number, length: number): ArrayLike<number> {
  if (numbers instanceof Float64Array) return numbers.subarray(from, from + length);
  return Array.from({ length }, (_, at) => numbers[from + at] ?? Number.NaN);
}

function field(value: number): Buffer {
  return Buffer.from(String(value).padStart(NUMBER));
}
