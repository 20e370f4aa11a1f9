import type { JsonObject } from "../base/index.ts";
import type { Manifest } from "../manifest/index.ts";
import type { AccountRow } from "../registry/index.ts";
import { failureOf } from "./gate/refusals.ts";
import type { Connection, Executor, Runnable } from "./seams.ts";
import { isObject } from "./serve/answers.ts";
import { DEFAULT_ACCOUNT, wantedSecrets } from "./vault/names.ts";

export type HealthStatus = "healthy" | "degraded" | "needs_setup" | "error";

/** Why something is not healthy. */
export interface HealthReason {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** How an account is. */
export interface AccountHealth {
  readonly account: string;
  readonly status: HealthStatus;
  readonly reasons: readonly HealthReason[];
  /** What `auth.whoami` says: `{id, name, email}`; null where it was not asked, or could not answer. */
  readonly whoami: JsonObject | null;
}

/** How a connector is: as bad as the best of its accounts, and degraded where another one is worse. */
export interface ConnectorHealth {
  readonly connector: string;
  readonly status: HealthStatus;
  readonly reasons: readonly HealthReason[];
  readonly accounts: readonly AccountHealth[];
}

const TIME_MS = 15_000;
/** Failures that pass by themselves. */
const PASSING = /^api\.(?:timeout|unreachable|rate_limited|cancelled|bad_response)$/;
const WORSE: readonly HealthStatus[] = ["healthy", "degraded", "needs_setup", "error"];

/** What is missing before an account can be used: secrets, fields, a file. */
function missing(manifest: Manifest, { keys, fields, account }: AccountRow): HealthReason[] {
  const { auth, account_fields, provider_slug: slug } = manifest;
  const place = account === DEFAULT_ACCOUNT ? slug : `${slug}:${account}`;
  const wanted = wantedSecrets(manifest).filter(({ optional }) => !optional);
  const secrets = wanted.map(({ key }) => key).filter((key) => !keys.includes(key));
  const reasons = secrets.map((key) => ({
    code: "auth.missing",
    message: `There is no ${key} in the vault.`,
    hint: `Store it with \`sentinel vault set ${place} ${key}\`.`,
  }));
  const connected = auth.type !== "oauth2" || keys.includes("ACCESS_TOKEN") || keys.includes("REFRESH_TOKEN");
  if (!connected && secrets.length === 0 && auth.type === "oauth2" && auth.grant === "authorization_code") {
    const hint = `Connect it with \`sentinel connect ${place}\`.`;
    reasons.push({ code: "auth.missing", message: "Nobody has connected the account.", hint });
  }
  const needed = account_fields.filter((field) => field.default === null).map(({ name }) => name);
  for (const name of [...needed, ...(auth.type === "local_path" ? ["path"] : [])]) {
    if (typeof fields[name] === "string") continue;
    const hint = `Set it with \`sentinel account set ${place} ${name}=…\`.`;
    reasons.push({ code: "account.field_missing", message: `The account has no ${name}.`, hint });
  }
  return reasons;
}

/** Looks at one account: whether its secrets are there and can be opened, and who its provider says it is, where that can be asked. */
export async function accountHealth(
  manifest: Manifest,
  row: AccountRow,
  connect: () => Promise<Connection>,
  executor: Executor,
): Promise<AccountHealth> {
  const { account } = row;
  const reasons = missing(manifest, row);
  if (reasons.length > 0) return { account, status: "needs_setup", reasons, whoami: null };
  try {
    const connection = await connect();
    await openSecrets(manifest, row, connection);
    return { account, status: "healthy", reasons: [], whoami: await whoIs(manifest, connection, executor) };
  } catch (error) {
    const { code, message, hint } = failureOf(error);
    return {
      account,
      status: PASSING.test(code) ? "degraded" : "error",
      reasons: [{ code, message, hint }],
      whoami: null,
    };
  }
}

/** Stored is not enough: what is sealed with a master key that is not at hand is of no use. */
async function openSecrets(manifest: Manifest, { keys }: AccountRow, connection: Connection): Promise<void> {
  for (const { key } of wantedSecrets(manifest)) if (keys.includes(key)) await connection.secret(key);
}

async function whoIs(
  manifest: Manifest,
  connection: Connection,
  executor: Executor,
): Promise<JsonObject | null> {
  const { whoami } = manifest.auth;
  if (whoami === null) return null;
  const tool: Runnable = { ...whoami, name: "whoami", side_effecting: false, idempotent: true };
  const [limits, signal] = [{ timeMs: TIME_MS }, AbortSignal.timeout(TIME_MS)];
  const { value } = await executor.execute(manifest, tool, {}, connection, limits, signal);
  return isObject(value) ? value : null;
}

/** A connector's health out of that of its accounts. */
export function together(connector: string, accounts: readonly AccountHealth[]): ConnectorHealth {
  const ranks = accounts.map(({ status }) => WORSE.indexOf(status));
  const best = WORSE[Math.min(...ranks)] ?? "needs_setup";
  const status = best === "healthy" && Math.max(...ranks) > 0 ? "degraded" : best;
  return { connector, status, reasons: accounts.flatMap(({ reasons }) => reasons), accounts };
}
