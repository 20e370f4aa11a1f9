/**
 * PGlite in a thread of its own: PostgreSQL's work blocks whichever thread it is on, and here it overlaps with reading and
 * generating; ending the thread gives half a gigabyte of memory back at once.
 */
import { parentPort, workerData } from "node:worker_threads";
import type { PGlite } from "@electric-sql/pglite";
import { Bug, UserError } from "../../base/index.ts";
import { failureOf } from "../failure.ts";
import { ensureData, migrateData, openData } from "./pglite-data.ts";
import type { Reply, Request } from "./pglite-thread.ts";

const { directory }: { directory: string } = workerData;
const port = parentPort;
if (!port) throw new Bug("the registry's thread has no parent");

async function open(): Promise<{ db: PGlite; applied: string[] }> {
  await ensureData(directory);
  const db = await openData(directory);
  const applied = await migrateData(db);
  // Whoever had a lease is dead: only one process at a time opens this registry.
  await db.query("select private.break_leases(), private.break_calls()");
  return { db, applied };
}

const opened = open();

async function answer(request: Request): Promise<string | null> {
  const { db, applied } = await opened;
  if (request.kind === "open") return JSON.stringify(applied);
  if (request.kind === "close") {
    await db.close();
    return null;
  }
  const { sql, values, role, claims } = request;
  // The session is the superuser's: each call puts on its caller's role for as long as its transaction lasts.
  const { rows } = await db.transaction(async (tx) => {
    await tx.query("select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)", [
      role,
      claims,
    ]);
    return tx.query<{ result: string | null }>(sql, [...values]);
  });
  return rows[0]?.result ?? null;
}

// One after the other: closing waits for what was asked before.
let before: Promise<unknown> = Promise.resolve();
port.on("message", (request: Request) => {
  before = before
    .then(() => answer(request))
    .then((value): Reply => ({ id: request.id, value }))
    .catch((error: unknown): Reply => {
      const user =
        error instanceof UserError ? { code: error.code, message: error.message, hint: error.hint } : null;
      return { id: request.id, user, failure: failureOf(error) };
    })
    .then((reply) => port.postMessage(reply));
});
