import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { type Diagnostic, diagnostic, errno, WHOLE_FILE } from "../base/index.ts";
import { sourceState } from "../registry/index.ts";
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
  readonly folders: Map<string, CachedFolder>;
  /** The numbers of the signatures that came from the file, in memory that threads share. */
  readonly stats: Float64Array;
  /** Digests of the registered revisions of folders that can't be read: a guess that the registry confirms or not. */
  readonly lastGood: Map<string, string>;
  /** The source's state if exactly all this is registered; null where nobody has worked it out. */
  readonly state: string | null;
}

/** The text part of the file: columns, as ten thousand small objects would take longer to parse than to make anew. */
interface Columns {
  stamp: string;
  slugs: string[];
  digests: string[];
  /** Distinct layouts, each as its entries joined with NUL; a folder names its own by index. */
  layouts: string[];
  layout: number[];
  warnings: [string, Diagnostic[]][];
  lastGood: [string, string][];
  state: string;
}

const FILE = "folders.bin";
/** Two numbers in decimal, right-aligned: the checksum of all that follows the first, and the length of the text. */
const NUMBER = 12;
const HEAD = 2 * NUMBER;
/** Some two thousand folders. */
const LARGE_BYTES = 500_000;

/** A cache that knows nothing. */
export function emptyCache(): Cache {
  return { folders: new Map(), lastGood: new Map(), stats: new Float64Array(), state: null };
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
    const columns: Columns = JSON.parse(bytes.toString("utf8", HEAD, end));
    return columns.stamp === stamp ? decode(columns, bytes.subarray(end)) : emptyCache();
  } catch {
    return emptyCache();
  }
}

function decode(columns: Columns, rest: Buffer): Cache {
  const stats = new Float64Array(new SharedArrayBuffer(rest.length));
  rest.copy(new Uint8Array(stats.buffer));
  const layouts = columns.layouts.map((layout) => layout.split("\0"));
  const warnings = new Map(columns.warnings);
  const cache: Cache = { ...emptyCache(), stats, state: columns.state };
  let offset = 0;
  for (const [at, slug] of columns.slugs.entries()) {
    const layout = layouts[columns.layout[at] ?? -1];
    if (layout === undefined) return emptyCache();
    cache.folders.set(slug, {
      signature: { layout, stats, from: offset },
      digest: columns.digests[at] ?? "",
      warnings: warnings.get(slug) ?? [],
    });
    offset += layout.length * COLUMNS;
  }
  for (const [slug, digest] of columns.lastGood) cache.lastGood.set(slug, digest);
  return cache;
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
  cache: Cache,
): Diagnostic | null {
  const body = encode(stamp, cache);
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

function encode(stamp: string, { folders, lastGood }: Cache): Buffer {
  const slugs = [...folders.keys()].sort();
  const layouts = new Map<string, number>();
  const columns: Columns = {
    stamp,
    slugs,
    digests: [],
    layouts: [],
    layout: [],
    warnings: [],
    lastGood: [...lastGood],
    state: "",
  };
  const entries = slugs.reduce((sum, slug) => sum + (folders.get(slug)?.signature.layout.length ?? 0), 0);
  const numbers = new Float64Array(entries * COLUMNS);
  let offset = 0;
  for (const slug of slugs) {
    const folder = folders.get(slug);
    if (folder === undefined) continue;
    const { layout, stats, from } = folder.signature;
    const key = layout.join("\0");
    const index = layouts.get(key) ?? layouts.size;
    layouts.set(key, index);
    columns.layout.push(index);
    columns.digests.push(folder.digest);
    if (folder.warnings.length > 0) columns.warnings.push([slug, [...folder.warnings]]);
    const end = from + layout.length * COLUMNS;
    for (let at = from; at < end; at += 1, offset += 1) numbers[offset] = stats[at] ?? Number.NaN;
  }
  columns.layouts = [...layouts.keys()];
  const standing = Array.from(folders, ([slug, { digest }]) => ({ slug, digest }));
  columns.state = sourceState([...standing, ...Array.from(lastGood, ([slug, digest]) => ({ slug, digest }))]);
  const text = Buffer.from(JSON.stringify(columns));
  return Buffer.concat([field(text.length), text, new Uint8Array(numbers.buffer)]);
}

function field(value: number): Buffer {
  return Buffer.from(String(value).padStart(NUMBER));
}
