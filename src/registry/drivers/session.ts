import type { PoolClient } from "pg";
import type { Statement } from "../call.ts";
import { tripOf } from "./trip.ts";

/** What one connection to the server has been told for good. */
interface Session {
  /** The server process that answers is the one that we are connected to: no pooler hands it to others between calls. */
  readonly isOurs: boolean;
  hasSettings: boolean;
  readonly prepared: Map<string, string>;
}

const sessions = new WeakMap<PoolClient, Session>();

/**
 * Calls as a session has it that is nobody else's: the settings made once, the statement prepared once, so that a call is
 * one message that the server neither parses nor plans. A single statement is a transaction of its own.
 * @param settings the statement that makes them for the session, the same for all its calls
 * @returns the text of the first column; undefined when the session is a pooler's, and nothing was done
 * @throws what `pg` throws
 */
export async function callInSession(
  client: PoolClient,
  { sql, values }: Statement,
  settings: () => string,
): Promise<string | null | undefined> {
  const session = sessions.get(client) ?? (await sessionOf(client));
  if (!session.isOurs) return undefined;
  const name = session.prepared.get(sql);
  const call = {
    sql,
    values,
    name: name ?? `call_${session.prepared.size}`,
    isPrepared: name !== undefined,
  };
  const first = session.hasSettings ? [] : [{ sql: settings(), values: [] }];
  const results = await tripOf(client, [...first, call]);
  session.hasSettings = true;
  session.prepared.set(sql, call.name);
  return results.at(-1) ?? null;
}

/** Poolers give their clients a process number of their own making. */
async function sessionOf(client: PoolClient): Promise<Session> {
  const [pid] = await tripOf(client, [{ sql: "select pg_backend_pid()", values: [] }]);
  const told: unknown = Reflect.get(client, "processID");
  const session: Session = { isOurs: `${told}` === pid, hasSettings: false, prepared: new Map() };
  sessions.set(client, session);
  return session;
}
