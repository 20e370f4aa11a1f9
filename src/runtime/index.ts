export {
  type LogFault,
  type ReadLog,
  type Verification,
  verifyChain,
  verifyReceipts,
} from "./activity/chain.ts";
export { type Checkpoint, Checkpoints } from "./activity/checkpoints.ts";
export { type HousekeepingOptions, keepHouse } from "./activity/housekeeping.ts";
export { connectorDataOf, defineConnector } from "./define.ts";
export { createEngine, type Engine, type EngineOptions } from "./engine.ts";
export { ChildFailed, type FromChild, inChild, type ToChild } from "./execution/child.ts";
export { endAfter } from "./execution/watchdog.ts";
export type { Approved, Snapshot } from "./gate/approved.ts";
export type { CallAnswer, CallPlan, CallRequest, GateOptions, Mode, Validate } from "./gate/types.ts";
export type { AccountHealth, ConnectorHealth, HealthReason, HealthStatus } from "./health.ts";
export { type Connect, type Connection, serveConnector } from "./main.ts";
export { PlainError } from "./plain.ts";
export { type CaseEnd, type Rehearsal, rehearse } from "./rehearsal/rehearse.ts";
export { ToolFailure } from "./seams.ts";
export { connectorFace } from "./serve/connector.ts";
export { type HttpOptions, type HttpServing, serveHttp } from "./serve/http.ts";
export { type Expose, Serving, type ServingOptions } from "./serve/serving.ts";
export { type StdioServer, serveOverStdio } from "./stdio.ts";
export type { Connector, ConnectorData, ObjectSchema, ToolData } from "./types.ts";
export { type KeyRing, type KeySources, loadKeyRing } from "./vault/keys.ts";
export { DEFAULT_ACCOUNT, parseAccount, secretName, wantedSecrets } from "./vault/names.ts";
export { type Rotation, rotate } from "./vault/rotate.ts";
export { seal } from "./vault/seal.ts";
export type { Refresh } from "./vault/vault.ts";
