import type { Json, JsonObject } from "../base/index.ts";
import type { GovernanceFace } from "./people-contract.ts";
import type { RuntimeFace } from "./runtime-contract.ts";

/**
 * Who calls. Each face has a database role of its own: `sentinel_writer`, `authenticated` with the admin claim,
 * `sentinel_runtime`.
 */
export type Caller =
  | { readonly face: "machine" }
  | { readonly face: "human"; readonly name: string }
  | { readonly face: "runtime" };

/**
 * All that the product needs of a database: calling one SQL function of `supabase/migrations` with named arguments and
 * getting its jsonb result. One call is one transaction.
 */
export interface Driver {
  readonly kind: "pglite" | "postgres" | "supabase";
  /** Where the registry is, for people: a folder or a URL without its password. */
  readonly location: string;
  /**
   * @throws RegistryRefusal when a rule of the registry says no; nothing was changed.
   * @throws RegistryUnavailable when the database can't be reached or the reply was lost.
   */
  call(fn: string, args: JsonObject, caller: Caller): Promise<Json>;
  /** Brings the schema up to date; safe to call at any time by any number of processes. Supabase's is done by its CLI. */
  migrate(): Promise<MigrationReport>;
  close(): Promise<void>;
}

export interface MigrationReport {
  /** Names of the migrations applied by this call, in order. */
  readonly applied: readonly string[];
  /** How many the registry has now. */
  readonly total: number;
}

export type RevisionStatus = "draft" | "approved" | "rejected" | "deprecated" | "archived";

/** What the planner needs to know of one registered connector. */
export interface Fingerprint {
  readonly slug: string;
  readonly source: string;
  readonly status: RevisionStatus;
  readonly version: string | null;
  /** Digest of the current revision. */
  readonly digest: string;
  readonly approved_version: string | null;
  readonly approved_digest: string | null;
}

export interface Fingerprints {
  /** Digest of digests over this source's connectors that are not archived; see `sourceState`. */
  readonly state: string;
  /** All registered connectors, of every source, sorted by slug; null when `state` is the one that the caller knew. */
  readonly connectors: readonly Fingerprint[] | null;
}

/** One connector as it goes to the registry. The registry derives its rows from the manifest, nothing else. */
export interface BatchEntry {
  readonly digest: string;
  /** The normal form (`Manifest`). */
  readonly manifest: JsonObject;
  /** Hashes of the files that the manifest uses: path → SHA-256. */
  readonly files: { readonly [path: string]: string };
  /** The texts of those of them that approved tools are run from: path → text, kept by their SHA-256. */
  readonly contents?: { readonly [path: string]: string };
}

/** One difference in a row's machine columns. */
export interface Change {
  readonly table: string;
  /** The row's natural key within its provider, e.g. a scope's name; the slug for the provider's own row. */
  readonly key: string;
  /** The column; null when the whole row comes (`from` null) or goes (`to` null). */
  readonly field: string | null;
  readonly from: Json;
  readonly to: Json;
}

export type Outcome = "created" | "updated" | "unchanged" | "restored" | "archived" | "refused";

export interface Applied {
  readonly slug: string;
  readonly outcome: Outcome;
  /** Why it was refused: a code of the closed list and a sentence; null otherwise. */
  readonly refusal: { readonly code: string; readonly message: string } | null;
  /** Only when asked for. */
  readonly changes: readonly Change[];
}

export interface Lease {
  /** The fencing token: rises with every new holder; the registry refuses writes under an older one. */
  readonly token: number;
  readonly holder: string;
}

/** The machine face: registers what folders say; can never approve, decide a firearm or read a secret. */
export interface MachineFace {
  /** `sentinel_fingerprints`. @param known the state that the caller has, to be spared the rows. */
  fingerprints(source: string, known?: string): Promise<Fingerprints>;
  /** `sentinel_lookup`: the connectors of any source that have one of the slugs, or would share its vault keys. */
  lookup(slugs: readonly string[]): Promise<readonly Fingerprint[]>;
  /** `sentinel_diff`: what `apply` would change, per row and field. Changes nothing. */
  diff(source: string, batch: readonly BatchEntry[]): Promise<readonly Applied[]>;
  /** `sentinel_lease`: takes or renews the source's lease. @throws RegistryRefusal `registry.lease_held`. */
  lease(source: string, holder: string, ttlSeconds: number, token?: number): Promise<Lease>;
  /** `sentinel_release`: gives the lease back; a lease that is another's by now is left alone. */
  release(source: string, token: number): Promise<void>;
  /**
   * `sentinel_apply`: registers a batch, idempotent by digest: the same call again changes nothing.
   * A connector that a rule refuses (another source's slug, an approved version with other content) is reported and
   * skipped, its neighbours are registered. @throws RegistryRefusal `registry.lease_lost`.
   */
  apply(
    source: string,
    token: number,
    batch: readonly BatchEntry[],
    withChanges: boolean,
  ): Promise<readonly Applied[]>;
  /** `sentinel_archive`: marks connectors as gone, keeping every decision. @param allow how many may go at most. */
  archive(
    source: string,
    token: number,
    slugs: readonly string[],
    allow: number,
  ): Promise<readonly Applied[]>;
}

/** Why a draft can't be approved yet. */
export interface Blocker {
  readonly code: "metric_unmapped" | "firearm_untyped" | "tool_without_executor";
  readonly key: string;
  readonly message: string;
}

/** `sentinel status`: one line of it. */
export interface ProviderBrief {
  readonly provider_slug: string;
  readonly display_name: string;
  readonly status: RevisionStatus;
  readonly is_approved: boolean;
  readonly version: string | null;
  readonly digest: string;
  readonly approved_digest: string | null;
  readonly source: string;
  readonly scopes: number;
  readonly tools: number;
  readonly metrics: number;
  readonly blockers: number;
}

/** `sentinel show`: everything that is registered of one connector, human decisions included. */
export interface ProviderDetail extends JsonObject {
  provider_slug: string;
  display_name: string;
  status: RevisionStatus;
  is_approved: boolean;
  version: string | null;
  digest: string;
  approved_digest: string | null;
  source: string;
  manifest: JsonObject;
  scopes: JsonObject[];
  tools: JsonObject[];
  metrics: JsonObject[];
  kpi_mappings: JsonObject[];
  blockers: JsonObject[];
}

export interface ScopeDecision {
  readonly requires_firearm: boolean;
  /** A row of `firearm_types`; needed when a firearm is required. */
  readonly firearm_type: string | null;
}

/** The human face. Every call is on record under the person's name. */
export interface HumanFace {
  /** Grants, agents' tokens, accounts, secrets and the activity log. */
  readonly governance: GovernanceFace;
  /** `review_list`, sorted by slug. Also open to the machine face, which may read but not decide. */
  list(): Promise<readonly ProviderBrief[]>;
  /** `review_show`. Likewise. @throws RegistryRefusal `registry.unknown_provider`. */
  show(slug: string): Promise<ProviderDetail>;
  /** `review_diff`: the waiting draft against the approved revision, per row and field; all of it when none is approved. */
  diff(slug: string): Promise<readonly Change[]>;
  /** `review_set_scopes`: decides the firearms of one or many scopes; null: of all. Returns how many rows changed. */
  setScopes(slug: string, scopes: readonly string[] | null, decision: ScopeDecision): Promise<number>;
  /** `review_map_kpi`: maps a raw metric to a core KPI; null unmaps it. */
  mapKpi(slug: string, raw: string, coreKpi: string | null): Promise<void>;
  /** `review_approve`. @throws RegistryRefusal `registry.stale_digest`, `registry.blocked` (details: the blockers). */
  approve(slug: string, digest: string): Promise<void>;
  /** `review_reject`. */
  reject(slug: string, digest: string, reason: string): Promise<void>;
  /** `review_deprecate`: what was approved is served no longer. */
  deprecate(slug: string, reason: string): Promise<void>;
  /** `review_vocabulary`: firearm types, licences, core KPIs, generic metrics: what a person may choose from. */
  vocabulary(): Promise<JsonObject>;
}

/** The registry's API as the rest of the house sees it. */
export interface Registry {
  readonly driver: Driver;
  readonly machine: MachineFace;
  readonly runtime: RuntimeFace;
  human(name: string): HumanFace;
  close(): Promise<void>;
}
