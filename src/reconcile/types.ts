import type { Diagnostic } from "../base/index.ts";
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
  /** Sorted by slug. On `run` only those with something to say, unless all were asked for. */
  readonly connectors: readonly ConnectorReport[];
  readonly diagnostics: readonly Diagnostic[];
}
