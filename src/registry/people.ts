import type { Json, JsonObject } from "../base/index.ts";
import type {
  Account,
  AgentToken,
  CallPage,
  CallRow,
  GovernanceFace,
  Grant,
  LogFilter,
  LogPage,
  LogRow,
  OwnedSecret,
  ReceiptText,
  SecretName,
} from "./people-contract.ts";
import type { LogHead } from "./runtime-contract.ts";
import { boolean, json, list, nullable, number, object, oneOf, record, type Shape, text } from "./shapes.ts";

/** The shape of the log's end. */
export const logHead = object<LogHead>({ event_id: number, hash: text });

const grant = object<Grant>({
  grant_id: text,
  agent: text,
  firearm_type: text,
  granted_by: text,
  granted_at: text,
  expires_at: text,
  max_uses: nullable(number),
  used_count: number,
  revoked_at: nullable(text),
  reason: nullable(text),
  state: oneOf("good", "expired", "spent", "revoked"),
});

const token = object<AgentToken>({
  token_id: text,
  agent: text,
  created_by: text,
  created_at: text,
  expires_at: nullable(text),
  revoked_at: nullable(text),
});

const secretName = object<SecretName>({ key: text, key_name: text, key_id: text, version: number });

const account = object<Account>({
  provider_slug: text,
  account: text,
  fields: record,
  secrets: list(secretName),
});

const ownedSecret = object<OwnedSecret>({
  provider_slug: text,
  account: text,
  key: text,
  key_name: text,
  key_id: text,
  version: number,
  ciphertext: text,
});

const logRow = object<LogRow>({
  event_id: number,
  at: text,
  actor: text,
  face: text,
  action: text,
  source: nullable(text),
  provider_id: nullable(text),
  digest: nullable(text),
  details: text,
  prev_hash: text,
  hash: text,
});

const logPage = object<LogPage>({ head: logHead, events: list(logRow) });

const receiptText = object<ReceiptText>({ receipt_id: text, text });

const callRow = object<CallRow>({
  call_id: text,
  agent: text,
  connector: text,
  account: text,
  tool: text,
  digest: text,
  fence: number,
  state: oneOf("begun", "not_sent", "unknown", "done"),
  is_logged: boolean,
});

const callPage = object<CallPage>({ head: logHead, calls: list(callRow) });

/** A call of one function under a person's name. */
export type HumanCall = <T>(fn: string, args: JsonObject, shape: Shape<T>) => Promise<T>;

/** The part of the human face that governs agents, accounts and secrets. */
export function createGovernance(call: HumanCall): GovernanceFace {
  const done = async (fn: string, args: JsonObject): Promise<void> => {
    await call(fn, args, json);
  };
  return {
    grant: ({ agent, firearm_type, seconds, uses, reason }) =>
      call("review_grant", { agent, firearm_type, seconds, uses, reason }, grant),
    revoke: (grant_id) => call("review_revoke", { grant_id }, grant),
    grants: (agent) => call("review_grants", { agent: agent ?? null }, list(grant)),
    createToken: (agent, token_hash, seconds) =>
      call("review_create_token", { agent, token_hash, seconds }, text),
    tokens: () => call("review_tokens", {}, list(token)),
    revokeToken: (token_id) => done("review_revoke_token", { token_id }),
    setAccount: (slug, name, fields) => done("review_set_account", { slug, account: name, fields }),
    deleteAccount: (slug, name) => done("review_delete_account", { slug, account: name }),
    accounts: (slug) => call("review_accounts", { slug: slug ?? null }, list(account)),
    writeSecret: ({ provider_slug, account, key, key_name, ciphertext, key_id }) =>
      done("review_write_secret", { slug: provider_slug, account, key, key_name, ciphertext, key_id }),
    deleteSecret: (slug, account, key) => done("review_delete_secret", { slug, account, key }),
    sealedSecrets: () => call("review_sealed_secrets", {}, list(ownedSecret)),
    resealSecrets: (secrets) => {
      const sent: Json[] = secrets.map(({ key_name, key_id, version, ciphertext }) => ({
        key_name,
        key_id,
        version,
        ciphertext,
      }));
      return call("review_reseal_secrets", { secrets: sent }, number);
    },
    log: (filter) => call("review_log", { filter: toFilter(filter) }, logPage),
    receipts: (after) => call("review_receipts", { after: after ?? null, max_rows: 500 }, list(receiptText)),
    calls: (after) => call("review_calls", { after: after ?? null, max_rows: 2000 }, callPage),
  };
}

function toFilter(filter: LogFilter): JsonObject {
  return Object.fromEntries(
    Object.entries(filter).filter(
      (pair): pair is [string, string | number | boolean] => pair[1] !== undefined,
    ),
  );
}
