import type { Clock, Diagnostic } from "../base/index.ts";
import type { Change } from "../registry/index.ts";

/** What became, or would become, of one connector. */
export type ConnectorOutcome = "created" | "updated" | "unchanged" | "archived" | "restored" | "invalid";

export interface FileAction {
  /** Relative to the working directory, with forward slashes. */
  readonly path: string;
  readonly action: "create" | "update" | "unchanged" | "delete";
}

export interface ConnectorReport {
  readonly slug: string;
  readonly outcome: ConnectorOutcome;
  readonly digest: string | null;
  readonly files: readonly FileAction[];
  readonly changes: readonly Change[];
}

/** What `plan` and `run` say; `--format json` prints it as it is, after `format_version`. */
export interface ReconcileReport {
  readonly ok: boolean;
  readonly summary: { readonly [outcome in ConnectorOutcome]: number };
  /** Those with something to say (not unchanged, or with a file that is), sorted by slug. */
  readonly connectors: readonly ConnectorReport[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What `check` says; `--format json` prints it as it is, after `format_version`. */
export interface CheckReport {
  readonly ok: boolean;
  readonly summary: { readonly connectors: number; readonly errors: number; readonly warnings: number };
  readonly diagnostics: readonly Diagnostic[];
}

/** Where things are; the paths are absolute. */
export interface Workspace {
  readonly cwd: string;
  /** The folder that holds the connectors' folders. */
  readonly connectors: string;
  /** `connectors` relative to `cwd`, with forward slashes: what reports and diagnostics print. */
  readonly display: string;
  /** Where the cache is kept; it may vanish at any time. */
  readonly cacheDir: string;
}

export interface ReconcileOptions {
  /** Whose connectors these are. */
  readonly source: string;
  /** How many connectors may be archived however many that is; 0 leaves it to the budget of a fifth. */
  readonly allowArchive: number;
  /** Whether the report says what changed per row and field; costly in bulk. `plan` always does. */
  readonly withChanges: boolean;
  /** Whether the report also lists connectors about which there is nothing to say. */
  readonly withUnchanged?: boolean;
  /** Only these folders, present or gone; nothing is decided about the others. */
  readonly slugs?: readonly string[];
  readonly clock: Clock;
  /** Who takes the lease, as others will read it. */
  readonly holder: string;
  readonly onProgress?: (done: number, total: number) => void;
}
