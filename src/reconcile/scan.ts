import { type Dirent, lstatSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
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

/** Lists the folder of connectors. Never throws for what it finds there. */
export function scanRoot(workspace: Workspace): Scan {
  const { connectors, display } = workspace;
  let entries: Dirent[];
  try {
    entries = readdirSync(connectors, { withFileTypes: true });
  } catch (error) {
    return rootProblem(display, errno(error));
  }
  // Names that are not UTF-8 come with replacement characters: two of them may read the same.
  const names = new Set<string>();
  for (const entry of entries) if (isCandidate(entry.name, entry)) names.add(entry.name);
  if (names.size > 0) return { root: "present", names: [...names], diagnostics: [] };
  const message = `There is no connector in ${display}.`;
  return { root: "empty", names: [], diagnostics: [diagnostic("root.empty", display, WHOLE_FILE, message)] };
}

/** Looks up a few names without listing the folder: those that are there. `root` is never `empty`. */
export function scanNames(workspace: Workspace, names: readonly string[]): Scan {
  const { connectors, display } = workspace;
  try {
    if (!statSync(connectors).isDirectory()) return rootProblem(display, "ENOTDIR");
  } catch (error) {
    return rootProblem(display, errno(error));
  }
  const present = [...new Set(names)].filter((name) => {
    try {
      const stats = lstatSync(join(connectors, name), { throwIfNoEntry: false });
      return stats !== undefined && isCandidate(name, stats);
    } catch {
      return true; // there, but unreadable: reading it says why
    }
  });
  return { root: "present", names: present, diagnostics: [] };
}

/** Regular files (the schema, a README) and hidden entries are no connectors; links and devices are meant as such. */
function isCandidate(name: string, kind: { isFile(): boolean }): boolean {
  const hidden = name.startsWith(".") && !name.startsWith("..");
  return !hidden && !kind.isFile();
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
