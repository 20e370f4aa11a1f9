import type { Json, JsonObject } from "../../base/index.ts";
import type { Manifest, Tool } from "../../manifest/index.ts";
import type { Receipt, RuntimeFace } from "../../registry/index.ts";
import type { Recorder } from "../activity/recorder.ts";
import type { Bounds, Connection, Executor, PlannedStep } from "../seams.ts";
import type { Vault } from "../vault/vault.ts";
import type { Approved, ApprovedConnectors } from "./approved.ts";
import type { CallKeys } from "./keys.ts";

/** What a runtime may do: read; change things; destroy things too. */
export type Mode = "readonly" | "write" | "admin";

/**
 * Checks arguments against a tool's input schema and fills in its defaults.
 * @throws ToolFailure `call.invalid_input`
 */
export type Validate = (manifest: Manifest, tool: Tool, input: JsonObject) => JsonObject;

/** What a gate is made of. */
export interface GateOptions {
  readonly runtime: RuntimeFace;
  readonly approved: ApprovedConnectors;
  readonly vault: Vault;
  readonly executor: Executor;
  readonly recorder: Recorder;
  readonly validate: Validate;
  readonly mode: Mode;
  readonly bounds?: Bounds;
  /** How long a begun call counts as alive without a sign of life from its process. */
  readonly leaseSeconds?: number;
  /** How long a call waits for another one under the same key, or on the same thing. */
  readonly waitMs?: number;
  /** How long a key that was made from arguments stands for the same call. */
  readonly windowSeconds?: number;
  /** Whether the log has the values of arguments, scrubbed, and not their names only. */
  readonly logValues?: boolean;
  /** Told what a `runtime.internal` was, without secrets: agents are not. */
  readonly onBug?: (what: string) => void;
}

/** One call, as an agent makes it. */
export interface CallRequest {
  readonly agent: string;
  readonly connector: string;
  /** The content that is meant; absent: whichever is approved. */
  readonly digest?: string;
  readonly tool: string;
  /** null: the only one that there is. */
  readonly account: string | null;
  readonly input: JsonObject;
  /** The agent's idempotency key; null: made from the arguments. */
  readonly key: string | null;
  readonly signal: AbortSignal;
}

/** What an agent gets. */
export interface CallAnswer {
  readonly value: Json;
  readonly connector: string;
  readonly account: string;
  /** Of a side effect; null for a read. */
  readonly receipt: Receipt | null;
  /** The same call was made before, and this is its receipt: nothing was sent now. */
  readonly replayed: boolean;
}

/** How a mode says no. */
export type ModeRefusal = "mode.readonly" | "mode.admin_needed";

/** What a call would do. */
export interface CallPlan {
  readonly connector: string;
  readonly digest: string;
  readonly tool: string;
  readonly account: string;
  readonly side_effecting: boolean;
  readonly destructive: boolean;
  readonly idempotent: boolean;
  readonly scopes: readonly string[];
  /** Of the runtime that would make the call. */
  readonly mode: Mode;
  /** The code with which this mode refuses the call; null: it lets it through. */
  readonly refused: ModeRefusal | null;
  /** Whether the agent has to hold a firearm. */
  readonly needs_firearm: boolean;
  readonly key: string;
  readonly steps: readonly PlannedStep[];
}

/** A call whose revision, tool, arguments and account are known. */
export interface Prepared {
  readonly request: CallRequest;
  readonly approved: Approved;
  readonly tool: Tool;
  readonly input: JsonObject;
  readonly connection: Connection;
  /** What the registry would tell the call apart by; worked out when it is asked for. */
  readonly keys: () => CallKeys;
}
