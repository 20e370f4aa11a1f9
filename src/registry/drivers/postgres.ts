import { setTimeout as sleep } from "node:timers/promises";
import type { Pool, PoolClient } from "pg";
import { type Json, type JsonObject, UserError } from "../../base/index.ts";
import { type Statement, statementOf } from "../call.ts";
import { identityOf } from "../claims.ts";
import type { Caller, Driver, MigrationReport } from "../contract.ts";
import { failureOf, toError, unavailable, userError } from "../failure.ts";
import { FOUND_SQL, migrationNames, missingFrom, PRESENT_SQL } from "../migrations.ts";
import { callInSession } from "./session.ts";
import { tripOf } from "./trip.ts";

const CONNECT_MS = 10_000;
/** The server gives up first; the client's own limit is for a server that has gone silent. */
const STATEMENT_MS = 60_000;
const SILENCE_MS = STATEMENT_MS + 15_000;
/** A paused process may not keep everyone else waiting for its locks. */
const IDLE_IN_TRANSACTION_MS = 30_000;

const MIGRATION_LOCK = 0x5e471e1;
const MIGRATION_WAIT_MS = 60_000;
const LOCK_MS = 3000;

/** Failures of a migration that another one at work explains: waiting and trying again mends them. */
const CONTENTION = /^(55P03|40001|40P01|23505|42710|42P06|42P07|XX000)$/;

class PostgresDriver implements Driver {
  readonly kind = "postgres";
  readonly location: string;
  readonly #url: string;
  #pool: Promise<Pool> | null = null;

  constructor(url: string) {
    this.#url = url;
    this.location = locationOf(url);
  }

  async call(fn: string, args: JsonObject, caller: Caller): Promise<Json> {
    const { sql, values } = statementOf(fn, args);
    const { role, claims } = identityOf(caller);
    const settings = { role, "request.jwt.claims": claims, statement_timeout: `${STATEMENT_MS}` };
    return this.#transaction(async (client): Promise<Json> => {
      // An agent waits for every call of the runtime.
      const known =
        caller.face === "runtime"
          ? await callInSession(client, { sql, values }, () => setting(client, settings, false))
          : undefined;
      const result = known === undefined ? await callOnce(client, { sql, values }, settings) : known;
      return result === null ? null : JSON.parse(result);
    });
  }

  async migrate(): Promise<MigrationReport> {
    const until = performance.now() + MIGRATION_WAIT_MS;
    for (;;) {
      try {
        return await this.#transaction((client) => this.#migrateOnce(client), isContention);
      } catch (error) {
        if (!(error instanceof Contention)) throw error;
        if (performance.now() > until)
          throw unavailable(this.location, `locked by others (${error.message})`, error);
        await sleep(100 + Math.random() * 400);
      }
    }
  }

  async #migrateOnce(client: PoolClient): Promise<MigrationReport> {
    await client.query(
      `begin; ${setting(client, { role: "none", statement_timeout: "0", lock_timeout: `${LOCK_MS}` }, true)}`,
    );
    await client.query("select pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
    const found = await client.query<{ found: boolean }>(FOUND_SQL);
    const present = found.rows[0]?.found ? (await client.query<{ name: string }>(PRESENT_SQL)).rows : [];
    const missing = missingFrom(present.map(({ name }) => name));
    for (const { sql } of missing) await client.query(sql);
    await client.query("commit");
    return { applied: missing.map(({ name }) => name), total: migrationNames().length };
  }

  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = null;
    await (await pool?.catch(() => null))?.end();
  }

  async #transaction<T>(
    work: (client: PoolClient) => Promise<T>,
    isContention: (code: string | null) => boolean = () => false,
  ): Promise<T> {
    let client: PoolClient | undefined;
    try {
      this.#pool ??= openPool(this.#url);
      client = await (await this.#pool).connect();
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      const failure = failureOf(error);
      if (client) await giveBack(client, failure.code);
      if (isContention(failure.code)) throw new Contention(failure.message, { cause: error });
      throw error instanceof UserError ? error : toError(failure, this.location, error);
    }
  }
}

/** After an answer of the server the session is good; after anything else nobody knows, and the pool opens another. */
async function giveBack(client: PoolClient, code: string | null): Promise<void> {
  const answered = code !== null && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) && !/^(08|57P|25P)/.test(code);
  const sound =
    answered &&
    (await client.query("rollback").then(
      () => true,
      () => false,
    ));
  client.release(!sound);
}

class Contention extends Error {}

function isContention(code: string | null): boolean {
  return code !== null && CONTENTION.test(code);
}

/** A call as a transaction that says who calls, and leaves nothing behind: transaction poolers keep nothing longer. */
async function callOnce(client: PoolClient, call: Statement, settings: Settings): Promise<string | null> {
  const [, , result] = await tripOf(client, [
    { sql: "begin", values: [] },
    { sql: setting(client, settings, true), values: [] },
    call,
    { sql: "commit", values: [] },
  ]);
  return result ?? null;
}

interface Settings {
  readonly [name: string]: string;
}

/** Settings as one statement. @param isLocal for the transaction that has just begun, not for the session */
function setting(client: PoolClient, settings: Settings, isLocal: boolean): string {
  const all = { ...settings, idle_in_transaction_session_timeout: `${IDLE_IN_TRANSACTION_MS}` };
  const calls = Object.entries(all).map(
    ([name, value]) => `set_config('${name}', ${client.escapeLiteral(value)}, ${isLocal})`,
  );
  return `select ${calls.join(", ")}`;
}

async function openPool(url: string): Promise<Pool> {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({
    connectionString: url,
    max: 4,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: SILENCE_MS,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    allowExitOnIdle: true,
    application_name: "connector-sentinel",
  });
  // A lost connection is an event besides the failure of whatever was asked on it: without a listener, on the pool for idle
  // ones and on each client for those at work, it ends the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

function locationOf(url: string): string {
  try {
    const { protocol, username, host, pathname } = new URL(url);
    if (protocol !== "postgres:" && protocol !== "postgresql:") throw new TypeError("not a postgres URL");
    return `${protocol}//${username && `${username}@`}${host}${pathname}`;
  } catch {
    // Not even a part of it is shown: nobody knows which part is the password.
    throw userError("registry.bad_url", "The registry's database URL is not a postgres:// URL.");
  }
}

/**
 * The registry in a PostgreSQL 15 or newer, directly or behind a transaction pooler; connects at the first call.
 * The login acts for each face by `set role`: it must be a member of `sentinel_writer`, of `authenticated`, or of both.
 * @throws UserError `registry.bad_url`; from calls `registry.login_failed`, `registry.not_migrated`
 */
export function openPostgres(options: { url: string }): Driver {
  return new PostgresDriver(options.url);
}
