import { matches, type Signature } from "./signature.ts";

/** Folders to be compared with their signatures, in a form that threads share. */
export interface Comparison {
  /** Absolute path of the folder that holds them. */
  readonly root: string;
  /** Joined with `/`, which no name has: one string is cheaper to hand over than ten thousand. */
  readonly names: string;
  readonly layouts: readonly (readonly string[])[];
  /** Of each folder: its layout among `layouts`, and where its numbers begin in `stats`. */
  readonly layout: Uint32Array;
  readonly from: Uint32Array;
  readonly stats: Float64Array;
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

/**
 * Makes what threads share.
 * @param stats the numbers of all the folders' signatures
 */
export function comparisonOf(
  root: string,
  names: readonly string[],
  folders: readonly { readonly signature: Signature }[],
  stats: Float64Array,
): Comparison {
  const layouts = new Map<readonly string[], number>();
  const layout = new Uint32Array(folders.length);
  const from = new Uint32Array(folders.length);
  folders.forEach(({ signature }, at) => {
    const index = layouts.get(signature.layout) ?? layouts.size;
    layouts.set(signature.layout, index);
    layout[at] = index;
    from[at] = signature.from;
  });
  return {
    root,
    names: names.join("/"),
    layouts: [...layouts.keys()],
    layout,
    from,
    stats,
    found: new Uint8Array(new SharedArrayBuffer(folders.length)),
    next: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
  };
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
