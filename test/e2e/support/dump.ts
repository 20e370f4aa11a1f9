/** The registry's rows as text: what "the same state" means. Read with the database's own client, not with ours. */
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import { dumpRegistry } from "../../helpers/dump.ts";

type Query = (sql: string) => Promise<Record<string, unknown>[]>;

async function dumpTables(query: Query): Promise<string> {
  return dumpRegistry(async (sql) => {
    const value = Object.values((await query(sql))[0] ?? {})[0];
    return typeof value === "string" ? value : null;
  });
}

/** Where PostgreSQL's own files are below the embedded registry's folder. */
function dataDirectory(registry: string): string {
  if (existsSync(join(registry, "PG_VERSION"))) return registry;
  const found = readdirSync(registry).find((name) => existsSync(join(registry, name, "PG_VERSION")));
  if (found === undefined) throw new Error(`no database in ${registry}`);
  return join(registry, found);
}

async function embedded<T>(registry: string, work: (query: Query) => Promise<T>): Promise<T> {
  // A copy, so that looking changes nothing.
  const copy = mkdtempSync(join(tmpdir(), "sentinel-e2e-dump-"));
  try {
    cpSync(dataDirectory(registry), copy, { recursive: true });
    const database = await PGlite.create({ dataDir: copy });
    try {
      return await work(async (sql) => (await database.query<Record<string, unknown>>(sql)).rows);
    } finally {
      await database.close();
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function server<T>(url: string, work: (query: Query) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(async (sql) => (await client.query<Record<string, unknown>>(sql)).rows);
  } finally {
    await client.end();
  }
}

/** Rows of a query. @param where the embedded registry's folder, or the URL of an administrator. */
export function rows(where: string, sql: string): Promise<Record<string, unknown>[]> {
  const work = (query: Query): Promise<Record<string, unknown>[]> => query(sql);
  return where.startsWith("postgres") ? server(where, work) : embedded(where, work);
}

/** Every row of every registry table. @param where the embedded registry's folder, or the URL of an administrator. */
export function dump(where: string): Promise<string> {
  return where.startsWith("postgres") ? server(where, dumpTables) : embedded(where, dumpTables);
}
