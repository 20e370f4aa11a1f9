import { lstatSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { type Diagnostic, diagnostic, errno, WHOLE_FILE } from "../base/index.ts";
import type { Workspace } from "./types.ts";

/** `unusable`: it can't be read or is no folder, so nothing is known of what is gone. */
export type RootState = "present" | "empty" | "missing" | "unusable";

/** What stands in the folder of connectors. */
export interface Scan {
  readonly root: RootState;
  /**
   * Names, in no order, of everything that could be meant as a connector, however unusable: reading it says what is wrong with
   * it, and what stands here is not gone.
   */
  readonly names: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Lists the folder of connectors. Never throws for what it finds there.
 * @param asIs says of a name that it counts whatever stands there: somebody will look at it, or nobody cares
 */
export function scanRoot(workspace: Workspace, asIs: (name: string) => boolean = () => false): Scan {
  const { connectors, display } = workspace;
  let names: string[];
  try {
    // Without their kinds: making objects of ten thousand entries takes longer than listing them.
    const entries = readdirSync(connectors);
    names = entries.filter((name) => !isMangled(name) && (asIs(name) || stands(connectors, name)));
    if (entries.some(isMangled)) names.push(...mangled(connectors));
  } catch (error) {
    return rootProblem(display, errno(error));
  }
  if (names.length > 0) return { root: "present", names, diagnostics: [] };
  const message = `There is no connector in ${display}.`;
  return { root: "empty", names: [], diagnostics: [diagnostic("root.empty", display, WHOLE_FILE, message)] };
}

/** Says of names, asked in their order, whether they are among sorted ones: a table of ten thousand would take longer. */
export function among(sorted: readonly string[]): (name: string) => boolean {
  let at = 0;
  return (name) => {
    let next = sorted[at];
    while (next !== undefined && next < name) {
      at += 1;
      next = sorted[at];
    }
    return next === name;
  };
}

function isHidden(name: string): boolean {
  return name.startsWith(".") && !name.startsWith("..");
}

/** Whether a name is not UTF-8, and comes with replacement characters: nothing is found by it. */
function isMangled(name: string): boolean {
  return name.includes("\ufffd");
}

/** Such names of what is no regular file; two of them may read the same. */
function mangled(connectors: string): Set<string> {
  const entries = readdirSync(connectors, { withFileTypes: true });
  const odd = entries.filter((entry) => isMangled(entry.name) && !isHidden(entry.name) && !entry.isFile());
  return new Set(odd.map(({ name }) => name));
}

/** Looks up a few names without listing the folder: those that are there. `root` is never `empty`. */
export function scanNames(workspace: Workspace, names: readonly string[]): Scan {
  const { connectors, display } = workspace;
  try {
    if (!statSync(connectors).isDirectory()) return rootProblem(display, "ENOTDIR");
  } catch (error) {
    return rootProblem(display, errno(error));
  }
  const present = [...new Set(names)].filter((name) => stands(connectors, name));
  return { root: "present", names: present, diagnostics: [] };
}

/** Regular files (the schema, a README) and hidden entries are no connectors; links and devices are meant as such. */
export function stands(connectors: string, name: string): boolean {
  if (isHidden(name)) return false;
  if (basename(name) !== name) return false;
  try {
    const stats = lstatSync(join(connectors, name), { throwIfNoEntry: false });
    return stats !== undefined && !stats.isFile();
  } catch {
    return true; // there, but unreadable: reading it says why
  }
}

function rootProblem(display: string, code: string | null): Scan {
  const found = (root: RootState, finding: Diagnostic): Scan => ({ root, names: [], diagnostics: [finding] });
  switch (code) {
    case "ENOENT":
      return found(
        "missing",
        diagnostic("root.missing", display, WHOLE_FILE, `There is no folder ${display}.`),
      );
    case "ENOTDIR":
      return found(
        "unusable",
        diagnostic("root.not_a_folder", display, WHOLE_FILE, `${display} is not a folder.`),
      );
    default: {
      const message = `${display} can't be read (${code ?? "unknown error"}).`;
      return found("unusable", diagnostic("root.unreadable", display, WHOLE_FILE, message));
    }
  }
}
