import type { JsonObject } from "../base/index.ts";
import type { LogHead, SealedSecret } from "./runtime-contract.ts";

/** A permission that a person gave an agent. Times are UTC, to the second. */
export interface Grant {
  readonly grant_id: string;
  readonly agent: string;
  readonly firearm_type: string;
  readonly granted_by: string;
  readonly granted_at: string;
  readonly expires_at: string;
  /** null: any number. */
  readonly max_uses: number | null;
  readonly used_count: number;
  readonly revoked_at: string | null;
  readonly reason: string | null;
  readonly state: "good" | "expired" | "spent" | "revoked";
}

/** A grant that is to be given. */
export interface NewGrant {
  readonly agent: string;
  readonly firearm_type: string;
  readonly seconds: number;
  readonly uses: number | null;
  readonly reason: string | null;
}

/** A token of an agent, without the token. */
export interface AgentToken {
  readonly token_id: string;
  readonly agent: string;
  readonly created_by: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
}

/** Which secrets an account has; never their values. */
export interface SecretName {
  readonly key: string;
  readonly key_name: string;
  readonly key_id: string;
  readonly version: number;
}

/** An account of a connector. */
export interface Account {
  readonly provider_slug: string;
  readonly account: string;
  readonly fields: JsonObject;
  readonly secrets: readonly SecretName[];
}

/** A secret with its owner, sealed. */
export interface OwnedSecret extends SealedSecret {
  readonly provider_slug: string;
  readonly account: string;
  readonly key: string;
}

/** A row of the activity log as it stands in the database, with what the chain's hashes cover. */
export interface LogRow {
  readonly event_id: number;
  /** UTC to the microsecond. */
  readonly at: string;
  readonly actor: string;
  readonly face: string;
  readonly action: string;
  readonly source: string | null;
  readonly provider_id: string | null;
  readonly digest: string | null;
  /** JSON as PostgreSQL prints it. */
  readonly details: string;
  readonly prev_hash: string;
  readonly hash: string;
}

/** Which rows of the log are wanted; in order of their ids, whichever are chosen. */
export interface LogFilter {
  readonly provider?: string | undefined;
  readonly agent?: string | undefined;
  /** ISO 8601. */
  readonly since?: string | undefined;
  /** Rows after this id. */
  readonly after?: number | undefined;
  /** Rows before this id. */
  readonly before?: number | undefined;
  /** At most 5,000. */
  readonly max_rows?: number | undefined;
  /** The last rows rather than the first. */
  readonly newest?: boolean | undefined;
}

export interface LogPage {
  readonly head: LogHead;
  readonly events: readonly LogRow[];
}

/** A receipt as the log's hash of it covers it. */
export interface ReceiptText {
  readonly receipt_id: string;
  readonly text: string;
}

/** A side effect as its row stands. */
export interface CallRow {
  readonly call_id: string;
  readonly agent: string;
  readonly connector: string;
  readonly account: string;
  readonly tool: string;
  readonly digest: string;
  /** Which attempt it is. */
  readonly fence: number;
  readonly state: "begun" | "not_sent" | "unknown" | "done";
  /** Whether the log has the beginning of this attempt. */
  readonly is_logged: boolean;
}

/** Side effects, and how far the log goes that has everything of them but what has just begun. */
export interface CallPage {
  readonly head: LogHead;
  readonly calls: readonly CallRow[];
}

/** What people decide about agents, accounts and secrets, and the record of all. */
export interface GovernanceFace {
  /** `review_grant`. @throws RegistryRefusal `registry.unknown_firearm_type`, `grant.bad_limits`, `agent.bad_name` */
  grant(grant: NewGrant): Promise<Grant>;
  /** `review_revoke`: at once and for good. @throws RegistryRefusal `grant.unknown` */
  revoke(grantId: string): Promise<Grant>;
  /** `review_grants`, sorted by agent and time. */
  grants(agent?: string): Promise<readonly Grant[]>;
  /** `review_create_token`: registers a token by its SHA-256; gives its id. @param seconds null: without an end */
  createToken(agent: string, tokenHash: string, seconds: number | null): Promise<string>;
  /** `review_tokens`. */
  tokens(): Promise<readonly AgentToken[]>;
  /** `review_revoke_token`. @throws RegistryRefusal `agent.unknown_token` */
  revokeToken(tokenId: string): Promise<void>;
  /** `review_set_account`: makes an account, or replaces its fields. */
  setAccount(slug: string, account: string, fields: { readonly [name: string]: string }): Promise<void>;
  /** `review_delete_account`, with its secrets. @throws RegistryRefusal `account.unknown` */
  deleteAccount(slug: string, account: string): Promise<void>;
  /** `review_accounts`. */
  accounts(slug?: string): Promise<readonly Account[]>;
  /** `review_write_secret`: sealed already; makes the account if need be. @throws RegistryRefusal `vault.name_taken` */
  writeSecret(secret: Omit<OwnedSecret, "version">): Promise<void>;
  /** `review_delete_secret`. @throws RegistryRefusal `vault.unknown_secret` */
  deleteSecret(slug: string, account: string, key: string): Promise<void>;
  /** `review_sealed_secrets`: all, for a change of the master key. */
  sealedSecrets(): Promise<readonly OwnedSecret[]>;
  /** `review_reseal_secrets`: those that are still at the version given. Returns how many. */
  resealSecrets(secrets: readonly SealedSecret[]): Promise<number>;
  /** `review_log`. */
  log(filter: LogFilter): Promise<LogPage>;
  /** `review_receipts`, sorted by id. */
  receipts(after?: string): Promise<readonly ReceiptText[]>;
  /** `review_calls`, sorted by id. */
  calls(after?: string): Promise<CallPage>;
}
