import { lstatSync, readdirSync } from "node:fs";
import { errno } from "../base/index.ts";

/** What the files of a folder looked like from outside: unchanged numbers mean unchanged content, see `stillSince`. */
export interface Signature {
  /** What to put behind the folder's path for each entry: "" (the folder itself), "/manifest.yaml", "/tools", … */
  readonly layout: readonly string[];
  /** Four numbers an entry: size, mtimeMs, ctimeMs, ino; other folders' may stand before and behind. */
  readonly stats: ArrayLike<number>;
  /** Where the folder's numbers begin. */
  readonly from: number;
}

/** How many numbers an entry has. */
export const COLUMNS = 4;

/** More entries than any valid connector has: such a folder is read each time. */
const MAX_ENTRIES = 1000;

/** Our unfinished files; what a killed process left of them is no part of a folder and is removed by the next run. */
export const TEMPORARY = /^\.sentinel-[0-9]+\.tmp$/;

const NO_THROW = { throwIfNoEntry: false } as const;

/** A signature that was just taken. */
export interface Signed extends Signature {
  /** Names of unfinished files of ours that lie in the folder. */
  readonly leftovers: readonly string[];
}

/** Takes the signature of a folder; null when it can't be read or changes under our eyes. @param folder absolute path */
export function sign(folder: string): Signed | null {
  const layout = [""];
  const stats: number[] = [];
  const leftovers: string[] = [];
  try {
    for (let at = 0; at < layout.length; at += 1) {
      const suffix = layout[at] ?? "";
      const found = lstatSync(folder + suffix, NO_THROW);
      if (found === undefined || layout.length > MAX_ENTRIES) return null;
      stats.push(found.size, found.mtimeMs, found.ctimeMs, found.ino);
      // The folder's stat is taken before its listing: an entry that comes between the two shows in the next stat.
      if (found.isDirectory()) list(folder, suffix, layout, leftovers);
      else if (at === 0) return null;
    }
  } catch (error) {
    if (errno(error) === null) throw error;
    return null;
  }
  return { layout, stats, from: 0, leftovers };
}

/** Lists what counts of a folder: the reader looks neither into hidden folders nor into node_modules. */
function list(folder: string, suffix: string, layout: string[], leftovers: string[]): void {
  const entries = readdirSync(folder + suffix, { withFileTypes: true });
  const names: string[] = [];
  for (const entry of entries) {
    const { name } = entry;
    if (entry.isDirectory()) {
      if (!name.startsWith(".") && name !== "node_modules") names.push(name);
    } else if (!TEMPORARY.test(name)) names.push(name);
    else if (suffix === "") leftovers.push(name);
  }
  for (const name of names.sort()) layout.push(`${suffix}/${name}`);
}

/**
 * Whether a folder still has the signature. This is all that an unchanged connector costs, ten thousand times over:
 * one lstat an entry, nothing listed, nothing opened. An entry that came or went shows in its folder's own stat.
 */
export function matches(folder: string, { layout, stats, from }: Signature): boolean {
  try {
    for (let at = 0, column = from; at < layout.length; at += 1, column += COLUMNS) {
      const found = lstatSync(folder + layout[at], NO_THROW);
      if (
        found === undefined ||
        found.mtimeMs !== stats[column + 1] ||
        found.size !== stats[column] ||
        found.ctimeMs !== stats[column + 2] ||
        found.ino !== stats[column + 3]
      ) {
        return false;
      }
    }
    return true;
  } catch {
    return false;
  }
}

/**
 * The moment, in milliseconds since the epoch, from which on a change would have got another ctime than the one that was
 * seen: two changes within one tick of the file system's clock look the same. What was read before that moment may
 * have changed unseen. ctime decides because nobody can set it.
 * @param without entries that are left out
 */
export function stillSince(
  { layout, stats, from }: Signature,
  without: ReadonlySet<string> = new Set(),
): number {
  let still = 0;
  for (let at = 0; at < layout.length; at += 1) {
    if (without.has(layout[at] ?? "")) continue;
    const ctime = stats[from + at * COLUMNS + 2] ?? 0;
    still = Math.max(still, ctime + tick(ctime));
  }
  return still;
}

/** Linux's clock for files ticks every 1 to 10 ms; some file systems count whole seconds, FAT every other one. */
function tick(ctime: number): number {
  return ctime % 1000 === 0 ? 2000 : 20;
}
