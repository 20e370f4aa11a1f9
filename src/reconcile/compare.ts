import { statSync } from "node:fs";
import { relative } from "node:path";
import { matches } from "./signature.ts";

/** Folders with their signatures, column by column: a form that threads share. */
export interface FolderColumns {
  /** Joined with `/`, which no name has: one string is cheaper to hand over than ten thousand. */
  readonly names: string;
  readonly layouts: readonly (readonly string[])[];
  /** Of each folder: its layout among `layouts`, and where its numbers begin in `stats`. */
  readonly layout: Uint32Array;
  readonly from: Uint32Array;
  readonly stats: Float64Array;
}

/** Folders to be compared with their signatures. */
export interface Comparison extends FolderColumns {
  /** Path of the folder that holds them. */
  readonly root: string;
  /** Of each folder, shared: UNSEEN, SAME or CHANGED. */
  readonly found: Uint8Array;
  /** Shared: the first folder that nobody has taken. */
  readonly next: Int32Array;
}

const UNSEEN = 0;
export const SAME = 1;
const CHANGED = 2;

/** How many folders a thread takes at a time. */
const SHARE = 100;

/** A comparison that nobody has begun. @param root absolute path of the folder that holds the folders */
export function comparisonOf(root: string, columns: FolderColumns): Comparison {
  const { names, layouts, layout, from, stats } = columns;
  const found = new Uint8Array(new SharedArrayBuffer(layout.length));
  const next = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  return { root: spelled(root), names, layouts, layout, from, stats, found, next };
}

/** The shorter way to say where a folder is: the system walks it anew for each file. */
function spelled(path: string): string {
  const fromHere = relative(process.cwd(), path) || ".";
  return fromHere.length < path.length && isSameFolder(fromHere, path) ? fromHere : path;
}

/** A working directory that was moved away is still the one that short ways begin at. */
function isSameFolder(one: string, other: string): boolean {
  try {
    const [left, right] = [statSync(one), statSync(other)];
    return left.ino === right.ino && left.dev === right.dev;
  } catch {
    return false;
  }
}

/** Compares share after share until all are taken; pauses after each, for whoever wants to do something between. */
export function* compareShares(comparison: Comparison): Generator<void> {
  const { names: joined, found, next } = comparison;
  const names = joined.split("/");
  for (;;) {
    const start = Atomics.add(next, 0, SHARE);
    if (start >= found.length) return;
    for (let at = start; at < Math.min(start + SHARE, found.length); at += 1) {
      found[at] = compareOne(comparison, names[at] ?? "", at);
    }
    yield;
  }
}

/** Those that have been found not to be as they were, so far. */
export function* changedIn({ found }: Comparison): Generator<number> {
  for (let at = found.indexOf(CHANGED); at >= 0; at = found.indexOf(CHANGED, at + 1)) yield at;
}

/** Compares what nobody has seen: another thread took its share, and is slow or gone. */
export function compareUnseen(comparison: Comparison): void {
  const { found } = comparison;
  const names = comparison.names.split("/");
  for (let at = found.indexOf(UNSEEN); at >= 0; at = found.indexOf(UNSEEN, at)) {
    found[at] = compareOne(comparison, names[at] ?? "", at);
  }
}

function compareOne({ root, layouts, layout, from, stats }: Comparison, name: string, at: number): number {
  const signature = { layout: layouts[layout[at] ?? 0] ?? [], stats, from: from[at] ?? 0 };
  return matches(`${root}/${name}`, signature) ? SAME : CHANGED;
}
