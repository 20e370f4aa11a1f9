import type { Json, JsonObject, RuntimeCode } from "../base/index.ts";
import type { Execution, Manifest, Rest } from "../manifest/index.ts";

// What the parts of the runtime know of each other: the gate, the vault and the servers on one side, the executors on
// the other. Types and one error; nothing here does work.

/** An account of a connector, ready to use. Values of secrets leave it only through these calls, never through JSON. */
export interface Connection {
  /** The connector's slug. */
  readonly connector: string;
  /** `default`, or the account's name. */
  readonly account: string;
  /** The values of the manifest's `account_fields`, for `{{account.NAME}}`. Defaults are filled in by whoever needs them. */
  readonly fields: Readonly<Record<string, string>>;
  /** A secret by its KEY (`ACCESS_TOKEN`), null where the vault has none. docs/runtime.md lists the KEYs. */
  secret(key: string): Promise<string | null>;
  /** OAuth: throws away the access token that the provider refused and gives a fresh one; null where there is no way. */
  refresh(refused: string): Promise<string | null>;
  /** Blacks out every secret value that this connection has given away, in any of its usual encodings. */
  scrub(text: string): string;
}

/**
 * What went wrong in a tool or its provider. The message may go to an agent as it is: whoever throws one has put it
 * through `Connection.scrub`.
 */
export class ToolFailure extends Error {
  override readonly name = "ToolFailure";
  readonly code: RuntimeCode;
  /** What to do about it, as one plain sentence. */
  readonly hint: string;
  /** Whether a request that may change something may have reached the provider: the outcome is then not known. */
  readonly sent: boolean;
  constructor(
    code: RuntimeCode,
    message: string,
    hint: string,
    options: { sent?: boolean; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = hint;
    this.sent = options.sent ?? false;
  }
}

/** What one call may cost; an absent bound has the executor's default. */
export interface Bounds {
  /** Milliseconds for the whole call, all its steps, waits and retries included. */
  readonly timeMs?: number;
  /** Bytes of one answer, before it is decompressed and after. */
  readonly responseBytes?: number;
  /** Bytes of one request's body. */
  readonly requestBytes?: number;
  /**
   * Sent with every request that is not a read as `Idempotency-Key`; with it, a write may be tried again. One call has
   * one key, and each of its steps one that is derived from it.
   */
  readonly idempotencyKey?: string;
}

/** What a tool answered: the value that goes to the agent, with `connector` and `account` in it. */
export interface Outcome {
  readonly value: Json;
}

/** One thing that a call would do, as people and receipts may see it: no credential is in it. */
export type PlannedStep =
  | {
      readonly kind: "http";
      /** The step's name, or null. */
      readonly as: string | null;
      readonly method: Rest["method"];
      /** Without the query fields that carry a credential. */
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      /** What is encoded into the body; null where there is none. */
      readonly body: Json;
      /** Names of headers, query fields and cookies that a credential will be put into. */
      readonly credentials: readonly string[];
    }
  | { readonly kind: "sql"; readonly as: string | null; readonly query: string; readonly params: JsonObject }
  | { readonly kind: "handler"; readonly as: null; readonly handler: string; readonly input: JsonObject }
  | {
      readonly kind: "applescript";
      readonly as: string | null;
      readonly script: string;
      readonly args: readonly string[];
    }
  /** A step whose request needs the answer of an earlier one: it can't be told before that is there. */
  | { readonly kind: "later"; readonly as: string | null; readonly needs: string };

/** What can be run: a tool, or `auth.whoami` under a name of its own. */
export type Runnable = Execution & {
  readonly name: string;
  readonly side_effecting: boolean;
  readonly idempotent: boolean;
};

/**
 * Runs one tool, or `auth.whoami`. The input is validated already, its defaults filled in.
 * @throws ToolFailure and nothing else but bugs
 */
export type Execute = (
  manifest: Manifest,
  tool: Runnable,
  input: JsonObject,
  connection: Connection,
  bounds: Bounds,
  signal: AbortSignal,
) => Promise<Outcome>;

/**
 * The same up to the first request: what would be sent, credentials left out.
 * @throws ToolFailure where the call would fail before anything is sent
 */
export type Preview = (
  manifest: Manifest,
  tool: Runnable,
  input: JsonObject,
  connection: Connection,
) => Promise<readonly PlannedStep[]>;

/** What runs tools; `createExecutor` of src/runtime/execution makes one, and one process needs one. */
export interface Executor {
  readonly execute: Execute;
  readonly preview: Preview;
  /** Closes connections and ends children; calls that run are cut off. */
  close(): Promise<void>;
}

/** What the executor is told once, by whoever starts it. */
export interface ExecutorSettings {
  /**
   * Hosts (`intranet.example`, `127.0.0.1:8080`, `[::1]:8080`) that the operator's config names: for them private
   * addresses and `http:` are allowed. One without a port is meant on every port. As a manifest knows https alone, one
   * that has no TLS is written with its scheme: `http://127.0.0.1:8080`.
   */
  readonly allowedHosts?: readonly string[];
  /**
   * The text of the `service.ts` that was approved with this manifest, compared with the digest of the approval by
   * whoever gives it; null where there is none. Without it, tools with a `handler` are refused.
   */
  readonly service?: (manifest: Manifest) => Promise<string | null>;
}
