import type { Clock, Diagnostic, Logger, LogLevel } from "../base/index.ts";
import type { Reconciler, Workspace } from "../reconcile/index.ts";
import type { Registry } from "../registry/index.ts";
import type { OpenEvents } from "./events.ts";

/** What may change while the daemon runs (SIGHUP). */
export interface Tuning {
  /** How long to wait after the first event of a change, so that a save of many files is one pass. */
  readonly settleMs: number;
  /** How often to look at everything by content, as events get lost; spread by a tenth. */
  readonly rescanSeconds: number;
  /** How often to look when no events come; a large tree is looked at less often. */
  readonly pollSeconds: number;
  /** How many connectors one pass may archive, see `ReconcileOptions`. */
  readonly allowArchive: number;
  readonly logLevel: LogLevel;
}

export const DEFAULT_TUNING: Tuning = {
  settleMs: 40,
  rescanSeconds: 300,
  pollSeconds: 2,
  allowArchive: 0,
  logLevel: "info",
};

/** The outcome of reading the configuration again. */
export type Reloaded =
  | { readonly ok: true; readonly tuning: Tuning }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export interface WatchOptions {
  readonly workspace: Workspace;
  readonly registry: Registry;
  readonly source: string;
  /** Who this is, for those who stand by and for the record: name of the machine and process. */
  readonly holder: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly tuning?: Partial<Tuning>;
  /** The folder of `watch.json` (`.sentinel`); absolute. */
  readonly stateDir: string;
  /** Port of the health server on 127.0.0.1; 0: any; null: none. */
  readonly healthPort: number | null;
  /** Reads the configuration again, on SIGHUP. */
  readonly reload: () => Promise<Reloaded>;
  /** Stops the daemon as SIGTERM does. */
  readonly signal?: AbortSignal;
  /** Lives of things that a test shortens. */
  readonly leaseSeconds?: number;
  /** After so long without work an embedded registry is closed, so that others get in. */
  readonly idleCloseSeconds?: number;
  /** Where events come from, when not from the file system. */
  readonly openEvents?: OpenEvents;
  /** What does the work, when not the reconciler of this workspace. */
  readonly reconciler?: Pick<Reconciler, "run" | "close">;
}
