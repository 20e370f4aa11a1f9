import type { Json, JsonObject } from "../base/index.ts";

/** An approved revision, and what people have decided on its scopes. */
export interface ServedRevision {
  readonly slug: string;
  readonly digest: string;
  readonly version: string | null;
  /** The normal form; null when the caller knows this digest already. */
  readonly manifest: JsonObject | null;
  /** Hashes of the files that the manifest uses: path → SHA-256. */
  readonly files: JsonObject;
  /** Scope → `{requires_firearm, firearm_type}`, of those that a person has decided on. */
  readonly decisions: JsonObject;
}

/** What is served. */
export interface Served {
  /** A hash over the approved digests and the decisions; the same as long as nothing changes. */
  readonly state: string;
  /** Sorted by slug; null when `state` is the one that the caller knew. */
  readonly connectors: readonly ServedRevision[] | null;
}

/** An account of a connector as the runtime sees it: no secret, only which there are. */
export interface AccountRow {
  readonly account: string;
  readonly fields: JsonObject;
  /** KEYs of the secrets that the vault has of it. */
  readonly keys: readonly string[];
}

/** A secret as the database has it. */
export interface SealedSecret {
  readonly key_name: string;
  /** Which master key sealed it. */
  readonly key_id: string;
  /** Rises with every write. */
  readonly version: number;
  /** Base64. */
  readonly ciphertext: string;
}

/** The end of the activity log. */
export interface LogHead {
  readonly event_id: number;
  readonly hash: string;
}

/** A call that wants to begin. */
export interface BeginCall {
  readonly agent: string;
  readonly connector: string;
  readonly digest: string;
  readonly tool: string;
  readonly account: string;
  readonly mode: "readonly" | "write" | "admin";
  readonly key: string;
  /** Whether the key was made from the arguments; it then stands for the same call for `window_seconds` only. */
  readonly is_derived: boolean;
  readonly window_seconds: number;
  /** SHA-256 of connector, account, tool and arguments. */
  readonly request_hash: string;
  /** What the call acts on; one call at a time. */
  readonly entity: string;
  /** A new UUID: the call's name, if it is a new one. */
  readonly call_id: string;
  /** A new UUID for each asking process and call, the same when the question is asked again. */
  readonly holder: string;
  readonly lease_seconds: number;
  /** The arguments for the log, redacted. */
  readonly arguments: JsonObject;
  /** The same question was answered with `in_flight` before: it is likely to be so again, and costs the registry less. */
  readonly again?: true;
}

/** The record of a side effect. */
export interface Receipt {
  readonly receipt_id: string;
  readonly call_id: string;
  /** UTC. */
  readonly at: string;
  readonly connector: string;
  readonly account: string;
  readonly tool: string;
  readonly digest: string;
  readonly outcome: "succeeded" | "failed";
  /** Of the failure; null when it succeeded. */
  readonly code: string | null;
  readonly details: JsonObject;
  readonly result: Json;
}

/** What the registry says to a call that wants to begin. */
export type Begun =
  /** Go on; `call_id` is null for a read, which needs no finish. */
  | { readonly outcome: "begun"; readonly call_id: string | null; readonly fence: number }
  /** Another call under this key, or on this entity, is under way: ask again later. */
  | { readonly outcome: "in_flight" }
  | { readonly outcome: "replayed"; readonly receipt: Receipt }
  /** Such a call was begun, and nobody knows how it ended. */
  | { readonly outcome: "unknown"; readonly call_id: string }
  | {
      readonly outcome: "refused";
      readonly code: string;
      readonly message: string;
      readonly details: JsonObject;
    };

/** How a call ended. */
export interface FinishCall {
  readonly call_id: string;
  /** A new UUID, the same when the same is said again: the name of the receipt, if there is to be one. */
  readonly receipt_id: string;
  readonly fence: number;
  /** `not_sent`: nothing has reached the provider, the same key may begin again. */
  readonly outcome: "succeeded" | "failed" | "not_sent" | "unknown";
  readonly code: string | null;
  readonly result: Json;
  readonly details: JsonObject;
}

export interface Finished {
  /** False when the call is another's by now, or has ended otherwise. */
  readonly accepted: boolean;
  /** When the receipt was written, UTC; null where there is none. */
  readonly at: string | null;
}

/** A line for the log on a read or a refusal. */
export interface CallRecord {
  readonly action: "read" | "read_failed" | "refused";
  /** The agent. */
  readonly actor: string;
  readonly provider_id: string;
  readonly digest: string | null;
  readonly details: JsonObject;
}

/** The runtime face: can't change a provider, a decision or a grant, and reads secrets sealed and one by one. */
export interface RuntimeFace {
  /** `runtime_catalogue`. @param known the state that the caller has @param digests slug → digest that it has */
  catalogue(known?: string, digests?: { readonly [slug: string]: string }): Promise<Served>;
  /** `runtime_agent`: whose token this is, by its SHA-256; null when it is nobody's, expired or revoked. */
  agent(tokenHash: string): Promise<string | null>;
  /** `runtime_accounts`, sorted by name. */
  accounts(slug: string): Promise<readonly AccountRow[]>;
  /** `runtime_secret`: of a connector that is served; null when there is none. */
  secret(slug: string, account: string, key: string): Promise<SealedSecret | null>;
  /** `runtime_file`: the text of a file of the approved revision, such as `service.ts`; null when the registry has none. */
  file(slug: string, path: string): Promise<string | null>;
  /**
   * `runtime_renew_secret`: stores a token that OAuth gave for an account.
   * @param secret `version` is the one that the caller saw, 0 where there was none
   * @returns false when another process was faster
   */
  renewSecret(slug: string, account: string, key: string, secret: SealedSecret): Promise<boolean>;
  /** `runtime_lease`: takes or keeps a lease by name; false when another holds it. Time to live 0 gives it back. */
  lease(name: string, holder: string, ttlSeconds: number): Promise<boolean>;
  /** `runtime_begin_call`: checks revision, mode, key and firearms, spends uses, and writes the begin-record, or says no. */
  begin(call: BeginCall): Promise<Begun>;
  /** `runtime_renew_call`: keeps the lease; false when the call is another's by now. */
  renew(callId: string, fence: number, leaseSeconds: number): Promise<boolean>;
  /** `runtime_finish_call`: may be said again. */
  finish(call: FinishCall): Promise<Finished>;
  /** `runtime_settle_calls`: calls whose lease ran out are unknown from now on. Returns how many there were. */
  settle(): Promise<number>;
  /**
   * `runtime_record`: many at once, each under 16 KiB; before them the log takes in what side effects have left for it since
   * the last writing call of anybody. None is a good number too.
   */
  record(events: readonly CallRecord[]): Promise<void>;
  /** The end of the log as the last answer of record told it; null before the first. */
  readonly head: LogHead | null;
}
