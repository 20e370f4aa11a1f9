import { setImmediate as turn } from "node:timers/promises";
import type { Cache, CachedFolder } from "./cache.ts";
import { compareShares, compareUnseen, comparisonOf, SAME } from "./compare.ts";
import type { Helper } from "./helper.ts";
import { prefixOf } from "./plan.ts";
import { type Scan, scanRoot, stands } from "./scan.ts";
import type { Workspace } from "./types.ts";

/** A tree at a glance: what the cache answers for, and what has to be read. */
export interface Survey {
  /** Without those that were taken to stand there as they did, and don't. */
  readonly scan: Scan;
  /** Handed over: the next cache is made of it. */
  readonly served: Map<string, CachedFolder>;
  /** Sorted. */
  readonly dirty: readonly string[];
  readonly crowded: ReadonlySet<string>;
}

/** Compares each folder of a tree with its signature; opens nothing. @param helper takes a part of it, where there is one */
export async function survey(
  workspace: Workspace,
  scan: Scan,
  cache: Cache,
  helper: Helper | null,
): Promise<Survey> {
  // Crowded names never get into the cache, so where it knows all names there are none.
  const familiar = scan.names.every((name) => cache.folders.has(name));
  const crowded = familiar ? new Set<string>() : new Names(scan.names).crowded();
  const dirty: string[] = [];
  const names: string[] = [];
  const folders: CachedFolder[] = [];
  for (const name of scan.names) {
    const folder = cache.folders.get(name);
    // Crowded folders are refused, and where the manifest says their name only reading tells.
    if (folder === undefined || crowded.has(name)) dirty.push(name);
    else {
      names.push(name);
      folders.push(folder);
    }
  }
  const comparison = comparisonOf(workspace.connectors, names, folders, cache.stats);
  helper?.join(comparison);
  // Between two shares the event loop has its turn: the registry is asked meanwhile.
  for (const _ of compareShares(comparison)) await turn();
  compareUnseen(comparison);
  const served = new Map<string, CachedFolder>();
  let gone = false;
  folders.forEach((folder, at) => {
    const name = names[at] ?? "";
    if (comparison.found[at] === SAME) served.set(name, folder);
    else if (stands(workspace.connectors, name)) dirty.push(name);
    else gone = true;
  });
  // Listed anew, as nothing may be left.
  const left = gone ? scanRoot(workspace, (name) => served.has(name)) : scan;
  return { scan: left, served, dirty: dirty.sort(), crowded };
}

/** The names that stand in a folder of connectors, by the vault keys that they would have. */
export class Names {
  readonly #byPrefix = new Map<string, Set<string>>();

  constructor(names: Iterable<string>) {
    for (const name of names) this.add(name);
  }

  add(name: string): void {
    // Other characters make no vault key, and reading says so.
    if (!/^[\w-]+$/.test(name)) return;
    const prefix = prefixOf(name);
    const same = this.#byPrefix.get(prefix);
    if (same === undefined) this.#byPrefix.set(prefix, new Set([name]));
    else same.add(name);
  }

  delete(name: string): void {
    this.#byPrefix.get(prefixOf(name))?.delete(name);
  }

  /** Names that would share their vault keys with another one. @param of only those whose keys one of these would have */
  crowded(of?: readonly string[]): ReadonlySet<string> {
    const groups =
      of === undefined
        ? [...this.#byPrefix.values()]
        : of.map((name) => this.#byPrefix.get(prefixOf(name)) ?? new Set<string>());
    return new Set(groups.filter((group) => group.size > 1).flatMap((group) => [...group]));
  }
}
