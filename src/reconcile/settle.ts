import { GENERATED_PATHS } from "../generate/index.ts";
import { compareGenerated, type Folder } from "./files.ts";
import { COLUMNS, type Signature, sign, stillSince } from "./signature.ts";

/** Longer than a tick of the usual file systems' clocks: what was written before that wait is not young any more. */
export const PATIENCE_MS = 25;

/** The generated files, as a signature's layout writes them. */
export const GENERATED: ReadonlySet<string> = new Set(GENERATED_PATHS.map((path) => `/${path}`));

/** What our own writing changes: the generated files, and the folder that lists them. */
const OURS = new Set(["", ...GENERATED]);

/**
 * The folder's signature once its generated files are in place: null when anything else has changed since it was read,
 * "young" while a change by somebody else could still look like ours.
 */
export function settledSignature(
  folder: Folder,
  wanted: Readonly<Record<string, string>>,
  before: Signature,
): Signature | "young" | null {
  const after = sign(folder.path);
  if (after === null || !sameButOurs(before, after)) return null;
  const now = Date.now();
  const { actions, problems } = compareGenerated(folder, wanted);
  if (problems.length > 0 || actions.some(({ action }) => action !== "unchanged")) return null;
  const still = stillSince(after);
  if (still <= now) return after;
  return still <= now + PATIENCE_MS ? "young" : null;
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
