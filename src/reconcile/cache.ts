import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Diagnostic, diagnostic, errno, sha256, WHOLE_FILE } from "../base/index.ts";
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
  /** Digests of the registered revisions of folders that can't be read: a guess that the registry confirms or not. */
  readonly lastGood: Map<string, string>;
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
}

const FILE = "folders.bin";
const CHECKSUM = 64;
/** Checksum in hex, then the length of the text in decimal, right-aligned. */
const HEAD = CHECKSUM + 12;
const TEMPORARY = /^folders-[0-9]+\.tmp$/;

/** A cache that knows nothing. */
export function emptyCache(): Cache {
  return { folders: new Map(), lastGood: new Map() };
}

/**
 * Reads the cache; damage, another format or another stamp reads as empty.
 * @param stamp what made the content: see `toolStamp`
 */
export function loadCache(directory: string, stamp: string): Cache {
  try {
    const bytes = readFileSync(join(directory, FILE));
    if (sha256(bytes.subarray(CHECKSUM)) !== bytes.toString("latin1", 0, CHECKSUM)) return emptyCache();
    const end = HEAD + Number(bytes.toString("latin1", CHECKSUM, HEAD));
    const columns: Columns = JSON.parse(bytes.toString("utf8", HEAD, end));
    return columns.stamp === stamp ? decode(columns, bytes.subarray(end)) : emptyCache();
  } catch {
    return emptyCache();
  }
}

function decode(columns: Columns, rest: Buffer): Cache {
  const numbers = new Float64Array(rest.length / 8);
  rest.copy(new Uint8Array(numbers.buffer));
  const layouts = columns.layouts.map((layout) => layout.split("\0"));
  const warnings = new Map(columns.warnings);
  const cache = emptyCache();
  let offset = 0;
  for (const [at, slug] of columns.slugs.entries()) {
    const layout = layouts[columns.layout[at] ?? -1];
    if (layout === undefined) return emptyCache();
    const end = offset + layout.length * COLUMNS;
    cache.folders.set(slug, {
      signature: { layout, stats: numbers.subarray(offset, end) },
      digest: columns.digests[at] ?? "",
      warnings: warnings.get(slug) ?? [],
    });
    offset = end;
  }
  for (const [slug, digest] of columns.lastGood) cache.lastGood.set(slug, digest);
  return cache;
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
    writeFileSync(temporary, Buffer.concat([Buffer.from(sha256(body)), body]), { flag: "wx" });
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
  };
  const numbers: number[] = [];
  for (const slug of slugs) {
    const folder = folders.get(slug);
    if (folder === undefined) continue;
    const { layout, stats } = folder.signature;
    const key = layout.join("\0");
    columns.layout.push(layouts.get(key) ?? layouts.size);
    layouts.set(key, layouts.get(key) ?? layouts.size);
    columns.digests.push(folder.digest);
    if (folder.warnings.length > 0) columns.warnings.push([slug, [...folder.warnings]]);
    for (let at = 0; at < stats.length; at += 1) numbers.push(stats[at] ?? 0);
  }
  columns.layouts = [...layouts.keys()];
  const text = Buffer.from(JSON.stringify(columns));
  const length = String(text.length).padStart(HEAD - CHECKSUM);
  return Buffer.concat([Buffer.from(length), text, new Uint8Array(new Float64Array(numbers).buffer)]);
}

/** Removes what killed processes left of their unfinished caches. */
export function sweepCache(directory: string): void {
  try {
    for (const name of readdirSync(directory)) {
      if (TEMPORARY.test(name) && !isRunning(Number(/[0-9]+/.exec(name)?.[0]))) {
        removeQuietly(join(directory, name));
      }
    }
  } catch {
    // No folder yet, or one that can't be written: saving says so if it matters.
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errno(error) !== "ESRCH";
  }
}
