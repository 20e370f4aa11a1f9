import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { byCodeUnit, type Diagnostic, diagnostic, errno, WHOLE_FILE } from "../base/index.ts";
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

/** Folders by name. */
export interface Folders extends Iterable<[string, CachedFolder]> {
  readonly size: number;
  get(name: string): CachedFolder | undefined;
  has(name: string): boolean;
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
export class KnownFolders implements Folders, FolderColumns {
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

  *[Symbol.iterator](): Generator<[string, CachedFolder]> {
    for (const name of this.list()) {
      const folder = this.get(name);
      if (folder !== undefined) yield [name, folder];
    }
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

/**
 * Writes the cache in one step. Another process may do the same: the last one wins, and either file is whole.
 * @returns a warning when it could not be written, else null
 */
export function saveCache(
  directory: string,
  display: string,
  stamp: string,
  folders: ReadonlyMap<string, CachedFolder>,
  lastGood: ReadonlyMap<string, string>,
): Diagnostic | null {
  const body = encode(stamp, folders, lastGood);
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

function encode(
  stamp: string,
  folders: ReadonlyMap<string, CachedFolder>,
  lastGood: ReadonlyMap<string, string>,
): Buffer {
  const sorted = [...folders].sort(([a], [b]) => byCodeUnit(a, b));
  const digests = Buffer.from(sorted.map(([, { digest }]) => digest).join(""), "hex");
  const layouts = new Map<string, number>();
  const layout = new Uint32Array(sorted.length);
  const from = new Uint32Array(sorted.length);
  const stats: number[] = [];
  const warnings: [string, readonly Diagnostic[]][] = [];
  sorted.forEach(([name, { signature, warnings: found }], at) => {
    const key = signature.layout.join("\0");
    layouts.set(key, layouts.get(key) ?? layouts.size);
    layout[at] = layouts.get(key) ?? 0;
    from[at] = stats.length;
    const end = signature.from + signature.layout.length * COLUMNS;
    for (let n = signature.from; n < end; n += 1) stats.push(signature.stats[n] ?? Number.NaN);
    if (found.length > 0) warnings.push([name, found]);
  });
  const standing = [...sorted.map(([slug, { digest }]) => ({ slug, digest }))];
  for (const [slug, digest] of lastGood) standing.push({ slug, digest });
  const text: Text = {
    stamp,
    names: sorted.map(([name]) => name).join("/"),
    size: sorted.length,
    layouts: [...layouts.keys()].map((key) => key.split("\0")),
    warnings,
    lastGood: [...lastGood],
    state: sourceState(standing),
  };
  const json = Buffer.from(JSON.stringify(text));
  const columns = [layout, from, new Float64Array(stats)].map(({ buffer }) => new Uint8Array(buffer));
  return Buffer.concat([field(json.length), json, digests, ...columns]);
}

function field(value: number): Buffer {
  return Buffer.from(String(value).padStart(NUMBER));
}
