import type { Stats } from "node:fs";
import { GENERATED_PATHS } from "../generate/index.ts";
import type { Folder } from "./files.ts";
import { COLUMNS, type Signature, sign, stillSince } from "./signature.ts";

/** Longer than a tick of the usual file systems' clocks: nothing that was written a moment ago has to wait for more. */
export const PATIENCE_MS = 25;

/** The generated files, as a signature's layout writes them. */
export const GENERATED: ReadonlySet<string> = new Set(GENERATED_PATHS.map((path) => `/${path}`));

/** What our own writing changes: the generated files, and the folder that lists them. */
const OURS = new Set(["", ...GENERATED]);

/**
 * The folder's signature once its generated files are in place: null when anything else has changed since it was read;
 * while a change by somebody else could still look like ours, the moment from which on it could not.
 * @param standing by name, what the generated files looked like when they were as they should be
 */
export function settledSignature(
  folder: Folder,
  standing: ReadonlyMap<string, Stats>,
  before: Signature,
): Signature | number | null {
  const after = sign(folder.path);
  if (after === null || !sameButOurs(before, after) || !areStanding(after, standing)) return null;
  const now = Date.now();
  const still = stillSince(after);
  if (still <= now) return after;
  return still <= now + PATIENCE_MS ? still : null;
}

/** Whether the generated files of a folder are those that stood there, all of them and no other. */
function areStanding({ layout, stats }: Signature, standing: ReadonlyMap<string, Stats>): boolean {
  let count = 0;
  for (const [at, entry] of layout.entries()) {
    if (!GENERATED.has(entry)) continue;
    const stood = standing.get(entry.slice(1));
    const column = at * COLUMNS;
    if (
      stood === undefined ||
      stood.size !== stats[column] ||
      stood.mtimeMs !== stats[column + 1] ||
      stood.ctimeMs !== stats[column + 2] ||
      stood.ino !== stats[column + 3]
    ) {
      return false;
    }
    count += 1;
  }
  return count === standing.size;
}

function sameButOurs(before: Signature, after: Signature): boolean {
  const others = ({ layout }: Signature): number[] =>
    [...layout.keys()].filter((at) => !OURS.has(layout[at] ?? ""));
  const [left, right] = [others(before), others(after)];
  return (
    left.length === right.length &&
    left.every((at, index) => {
      const other = right[index] ?? 0;
      if (before.layout[at] !== after.layout[other]) return false;
      for (let column = 0; column < COLUMNS; column += 1) {
        const was = before.stats[before.from + at * COLUMNS + column];
        if (was !== after.stats[after.from + other * COLUMNS + column]) return false;
      }
      return true;
    })
  );
}
