import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { PGlite } from "@electric-sql/pglite";
import { Bug } from "../../base/index.ts";
import { FOUND_SQL, migrationsKey, missingFrom, PRESENT_SQL } from "../migrations.ts";
import { unpackImage } from "./pglite-image.ts";

const JSONB = 3802;

/** What an image must have been made from to be of use: this PGlite, these migrations. */
export function imageKey(): string {
  // PGlite does not export its package.json, but the file beside its entry point is there to be read.
  const main = createRequire(import.meta.url).resolve("@electric-sql/pglite");
  const { version }: { version: string } = createRequire(main)("../package.json");
  return `pglite ${version}, migrations ${migrationsKey()}`;
}

/** Opens a data directory; jsonb comes back as its text. */
export function openData(directory: string): Promise<PGlite> {
  return PGlite.create({ dataDir: directory, parsers: { [JSONB]: (text: string) => text } });
}

/** Applies what is missing, all in one transaction. Returns the names applied. */
export async function migrateData(db: PGlite): Promise<string[]> {
  const found = await db.query<{ found: boolean }>(FOUND_SQL);
  const present = found.rows[0]?.found ? (await db.query<{ name: string }>(PRESENT_SQL)).rows : [];
  const missing = missingFrom(present.map(({ name }) => name));
  if (missing.length > 0) {
    await db.transaction(async (tx) => {
      for (const { sql } of missing) await tx.exec(sql);
    });
  }
  return missing.map(({ name }) => name);
}

/**
 * Makes the data directory if there is none: beside its place, then renamed, so that a process killed on the way leaves
 * nothing that looks like a registry. The caller holds the lock.
 * @throws Bug when the directory holds something else
 */
export async function ensureData(directory: string): Promise<void> {
  const fresh = `${directory}.new`;
  rmSync(fresh, { recursive: true, force: true });
  if (existsSync(`${directory}/PG_VERSION`)) return;
  if (existsSync(directory) && readdirSync(directory).length > 0) {
    throw new Bug("the folder holds something that is not a registry");
  }
  if (!unpackImage(fresh, imageKey())) {
    const db = await openData(fresh);
    await migrateData(db);
    await db.close();
  }
  rmSync(directory, { recursive: true, force: true });
  renameSync(fresh, directory);
}
