export { check, refuseUnknown } from "./check.ts";
export type { PassOptions } from "./context.ts";
export { type Identity, Reconciler } from "./reconciler.ts";
export { plan, run } from "./run.ts";
export { TEMPORARY } from "./signature.ts";
export { PROBE } from "./tidy.ts";
export type {
  CheckReport,
  ConnectorOutcome,
  ConnectorReport,
  FileAction,
  ReconcileOptions,
  ReconcileReport,
  Workspace,
} from "./types.ts";
