import { setImmediate as turn } from "node:timers/promises";
import type { Cache, CachedFolder } from "./cache.ts";
import { prefixOf } from "./plan.ts";
import type { Scan } from "./scan.ts";
import { matches } from "./signature.ts";
import type { Workspace } from "./types.ts";

/** A tree at a glance: what the cache answers for, and what has to be read. */
export interface Survey {
  readonly scan: Scan;
  readonly served: ReadonlyMap<string, CachedFolder>;
  /** Sorted. */
  readonly dirty: readonly string[];
  readonly crowded: ReadonlySet<string>;
}

/** How many folders are compared between two turns of the event loop: the registry is asked meanwhile. */
const TURN = 500;

/** Compares each folder of a tree with its signature; opens nothing. */
export async function survey(workspace: Workspace, scan: Scan, cache: Cache): Promise<Survey> {
  // Crowded names never get into the cache, so where it knows all names there are none.
  const familiar = scan.names.every((name) => cache.folders.has(name));
  const crowded = familiar ? new Set<string>() : new Names(scan.names).crowded();
  const served = new Map<string, CachedFolder>();
  const dirty: string[] = [];
  for (const [at, name] of scan.names.entries()) {
    if (at % TURN === TURN - 1) await turn();
    const known = cache.folders.get(name);
    // Crowded folders are refused, and where the manifest says their name only reading tells.
    const same =
      known !== undefined &&
      !crowded.has(name) &&
      matches(`${workspace.connectors}/${name}`, known.signature);
    if (same) served.set(name, known);
    else dirty.push(name);
  }
  return { scan, served, dirty: dirty.sort(), crowded };
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
