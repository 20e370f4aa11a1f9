/**
 * The planner: what to do about each connector, from what stands in the folders and what the registry knows.
 * Pure: data in, data out. What it refuses it says in codes; who knows the place in the file adds it.
 */
import { byCodeUnit, type Code } from "../base/index.ts";
import type { Fingerprint } from "../registry/index.ts";
import type { RootState } from "./scan.ts";

/** A connector whose folder reads well. */
export interface Local {
  readonly slug: string;
  readonly digest: string;
  readonly version: string | null;
}

/** What is wrong, and which field of the manifest to blame; null: the tree as a whole. */
export interface Refusal {
  readonly code: Code;
  readonly field: "version" | "provider_slug" | null;
  readonly message: string;
  readonly hint?: string;
}

/** What is to happen to one connector. */
export type Decision =
  | { readonly action: "create" | "update" | "restore" | "unchanged" }
  | { readonly action: "refuse"; readonly refusal: Refusal };

/** The registry's connectors by slug and by vault prefix. */
export class Registered {
  readonly #bySlug = new Map<string, Fingerprint>();
  readonly #byPrefix = new Map<string, Fingerprint[]>();

  constructor(connectors: readonly Fingerprint[]) {
    for (const one of connectors) {
      this.#bySlug.set(one.slug, one);
      const prefix = prefixOf(one.slug);
      const same = this.#byPrefix.get(prefix);
      if (same === undefined) this.#byPrefix.set(prefix, [one]);
      else same.push(one);
    }
  }

  get(slug: string): Fingerprint | undefined {
    return this.#bySlug.get(slug);
  }

  /** The digest that stands registered for a slug of the source, unless it is archived. */
  standing(slug: string, source: string): string | null {
    const known = this.#bySlug.get(slug);
    return known !== undefined && known.source === source && known.status !== "archived"
      ? known.digest
      : null;
  }

  /** Connectors with another slug and the same vault keys. */
  rivals(slug: string): readonly Fingerprint[] {
    return (this.#byPrefix.get(prefixOf(slug)) ?? []).filter((one) => one.slug !== slug);
  }

  /** Those of a source that are not archived, sorted by slug. */
  live(source: string): Fingerprint[] {
    return [...this.#bySlug.values()]
      .filter((one) => one.source === source && one.status !== "archived")
      .sort((a, b) => byCodeUnit(a.slug, b.slug));
  }
}

/** What two slugs must not have in common: their vault keys, which know neither case nor `-`. */
export function prefixOf(slug: string): string {
  return slug.toLowerCase().replaceAll("-", "_");
}

/** Decides about one connector whose folder reads well. */
export function planConnector(local: Local, registered: Registered, source: string): Decision {
  const known = registered.get(local.slug);
  const refusal = ownership(local, known, source) ?? rivalry(local, registered) ?? immutability(local, known);
  if (refusal !== null) return { action: "refuse", refusal };
  if (known === undefined) return { action: "create" };
  if (known.status === "archived") return { action: "restore" };
  return { action: known.digest === local.digest ? "unchanged" : "update" };
}

function ownership({ slug }: Local, known: Fingerprint | undefined, source: string): Refusal | null {
  if (known === undefined || known.source === source || known.status === "archived") return null;
  const message = `${slug} is registered by source "${known.source}"; source "${source}" can't claim it too.`;
  return { code: "registry.slug_taken", field: "provider_slug", message };
}

/** An archived rival counts too: its secrets are still in the vault. Rivals within the tree are refused before. */
function rivalry({ slug }: Local, registered: Registered): Refusal | null {
  const [rival] = registered.rivals(slug);
  if (rival === undefined) return null;
  const what = rival.status === "archived" ? "the archived connector" : "the connector";
  const message = `${slug} would share its vault keys with ${what} ${rival.slug} of source "${rival.source}".`;
  return { code: "registry.vault_prefix_taken", field: "provider_slug", message };
}

function immutability({ slug, digest, version }: Local, known: Fingerprint | undefined): Refusal | null {
  if (known === undefined || version === null || known.approved_version !== version) return null;
  if (known.approved_digest === null || known.approved_digest === digest) return null;
  const message = `Version ${version} of ${slug} was approved with other content, and an approved version never changes.`;
  return { code: "registry.version_immutable", field: "version", message };
}

/** What the planner needs to know to decide who is archived. */
export interface Presence {
  readonly root: RootState;
  /** Everything that stands in the folder, readable or not. */
  readonly names: readonly string[];
  readonly source: string;
  readonly allowArchive: number;
  /** Only these may be archived; the budget counts all that is gone. Absent: all. */
  readonly slugs?: readonly string[];
  /** How many this process has archived of late: many small steps are a big one. */
  readonly archivedOfLate: number;
}

/**
 * Which connectors are archived because their folders are gone: none at all when that would be more than a fifth of what
 * the source has, or any while the folder of connectors is empty or missing, unless `allowArchive` covers them.
 */
export function planArchive(
  registered: Registered,
  presence: Presence,
): { readonly archive: readonly string[]; readonly refusal: Refusal | null } {
  const live = registered.live(presence.source);
  // A folder whose name changed its case is a mistake that reading reports, not a deletion.
  const names = new Set(presence.names.flatMap((name) => [name, name.toLowerCase()]));
  const gone = presence.root === "unusable" ? [] : live.filter(({ slug }) => !names.has(slug));
  const asked = presence.slugs === undefined ? null : new Set(presence.slugs);
  const archive = gone.map(({ slug }) => slug).filter((slug) => asked === null || asked.has(slug));
  if (archive.length === 0) return { archive, refusal: null };

  const before = presence.archivedOfLate;
  const many = (gone.length + before) * 5 > live.length + before;
  const covered = gone.length <= presence.allowArchive;
  if (covered || (!many && presence.root === "present")) return { archive, refusal: null };
  return { archive: [], refusal: budgetRefusal(gone.length, live.length, before, presence.root) };
}

function budgetRefusal(gone: number, live: number, before: number, root: RootState): Refusal {
  const where =
    root === "present" ? "" : root === "empty" ? " (the folder is empty)" : " (the folder is missing)";
  const lately = before === 0 ? "" : `, after ${before} archived a short while ago`;
  return {
    code: "plan.archive_budget",
    field: null,
    message: `${gone} of ${live} connectors are gone${where}${lately}; nothing was changed.`,
    hint: `Bring the folders back, or pass --allow-archive ${gone} if they shall be archived.`,
  };
}
