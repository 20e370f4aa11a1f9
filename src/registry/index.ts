export type {
  Applied,
  ApplyResult,
  BatchEntry,
  Blocker,
  Caller,
  Change,
  Driver,
  Fingerprint,
  Fingerprints,
  HumanFace,
  Lease,
  MachineFace,
  MigrationReport,
  Outcome,
  ProviderBrief,
  ProviderDetail,
  Registry,
  RevisionStatus,
  ScopeDecision,
} from "./contract.ts";
export { createRegistry } from "./registry.ts";
export { sourceState } from "./state.ts";
