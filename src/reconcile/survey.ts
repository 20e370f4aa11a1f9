import { setImmediate as turn } from "node:timers/promises";
import type { Cache, KnownFolders } from "./cache.ts";
import { changedIn, compareShares, compareUnseen, comparisonOf, SAME } from "./compare.ts";
import type { Helper } from "./helper.ts";
import { prefixOf } from "./plan.ts";
import { among, type Scan, scanRoot, stands } from "./scan.ts";
import type { Workspace } from "./types.ts";

/** A tree at a glance: what the cache answers for, and what has to be read. */
export interface Survey {
  /** Without those that were taken to stand there as they did, and don't. */
  readonly scan: Scan;
  /** What the cache answers for. */
  readonly served: readonly string[];
  /** Sorted. */
  readonly dirty: readonly string[];
  readonly crowded: ReadonlySet<string>;
}

/**
 * Compares each folder of a tree with its signature; opens nothing.
 * @param helper takes a part of it, where there is one
 * @param onDirty reads what differs while the helper goes on; of the last ones only the result tells
 */
export async function survey(
  workspace: Workspace,
  scan: Scan,
  cache: Cache,
  helper: Helper | null,
  onDirty: (name: string) => Promise<unknown> = async () => {},
): Promise<Survey> {
  const { folders } = cache;
  const whole = knowsExactly(cache, scan);
  const { names, dirty, crowded } = whole ? { ...NOTHING, names: scan.names } : sortOut(scan.names, folders);
  const comparison = comparisonOf(workspace.connectors, whole ? folders : folders.pick(names));
  helper?.join(comparison);
  await Promise.all(dirty.map(onDirty));
  const told = new Set<number>();
  // Between two shares the event loop has its turn: the registry is asked meanwhile, and what differs is read.
  for (const _ of compareShares(comparison)) {
    const more = Array.from(changedIn(comparison)).filter((at) => !told.has(at));
    for (const at of more) told.add(at);
    await Promise.all(more.map((at) => onDirty(names[at] ?? "")));
    await turn();
  }
  compareUnseen(comparison);
  // A copy, as the helper may be late with what was done in its place.
  const found = Uint8Array.from(comparison.found);
  const served = names.filter((_, at) => found[at] === SAME);
  const differ = names.filter((_, at) => found[at] !== SAME);
  const there = differ.filter((name) => stands(workspace.connectors, name));
  // Listed anew, as nothing may be left.
  const left = there.length < differ.length ? scanRoot(workspace, among(served)) : scan;
  return { scan: left, served, dirty: [...dirty, ...there].sort(), crowded };
}

/** Whether a folder of connectors lists what the cache knows, and nothing else: the system lists by name, as the cache does. */
export function knowsExactly({ folders }: Cache, { names }: Scan): boolean {
  return names.length === folders.size && names.join("/") === folders.names;
}

const NOTHING = { dirty: [], crowded: new Set<string>() } as const;

/** Names that the cache knows, and what has to be read whatever the folder looks like. */
function sortOut(
  all: readonly string[],
  folders: KnownFolders,
): {
  readonly names: readonly string[];
  readonly dirty: readonly string[];
  readonly crowded: ReadonlySet<string>;
} {
  // Crowded names never get into the cache, so where it knows all names there are none.
  const crowded = all.every((name) => folders.has(name)) ? new Set<string>() : new Names(all).crowded();
  // Crowded folders are refused, and where the manifest says their name only reading tells.
  const isKnown = (name: string): boolean => folders.has(name) && !crowded.has(name);
  return { names: all.filter(isKnown), dirty: all.filter((name) => !isKnown(name)).sort(), crowded };
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
