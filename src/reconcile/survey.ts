import type { Cache, CachedFolder } from "./cache.ts";
import { prefixOf } from "./plan.ts";
import { type Scan, scanRoot } from "./scan.ts";
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

/** Lists the tree and compares each folder with its signature; opens nothing. */
export function survey(workspace: Workspace, cache: Cache): Survey {
  const scan = scanRoot(workspace);
  // Crowded names never get into the cache, so where it knows all names there are none.
  const familiar = scan.names.every((name) => cache.folders.has(name));
  const crowded = familiar ? new Set<string>() : crowdedNames(scan.names);
  const served = new Map<string, CachedFolder>();
  const dirty: string[] = [];
  for (const name of scan.names) {
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

/** Names that would share their vault keys with another one of the list. */
export function crowdedNames(names: Iterable<string>): ReadonlySet<string> {
  const first = new Map<string, string>();
  const crowded = new Set<string>();
  for (const name of names) {
    // Other characters make no vault key, and reading says so.
    if (!/^[\w-]+$/.test(name)) continue;
    const prefix = prefixOf(name);
    const other = first.get(prefix);
    if (other === undefined) first.set(prefix, name);
    else crowded.add(other).add(name);
  }
  return crowded;
}
