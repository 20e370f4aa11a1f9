import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { CODES, PACKAGE_ROOT, UserError } from "../base/index.ts";

const FOLDER = new URL("supabase/migrations/", PACKAGE_ROOT);

/** One file of `supabase/migrations`. It records its own name in `private.sentinel_migrations`. */
export interface Migration {
  /** The file's name without `.sql`. */
  readonly name: string;
  readonly sql: string;
}

/** The names of all migrations, in order. */
export function migrationNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".sql"))
    .map((file) => file.slice(0, -".sql".length))
    .sort();
}

/** All migrations, in order. */
function readMigrations(): Migration[] {
  return migrationNames().map((name) => ({
    name,
    sql: readFileSync(new URL(`${name}.sql`, FOLDER), "utf8"),
  }));
}

/** SHA-256 over the migrations' names and contents. */
export function migrationsKey(): string {
  const hash = createHash("sha256");
  for (const { name, sql } of readMigrations()) hash.update(`${name}\0${sql}\0`);
  return hash.digest("hex");
}

/**
 * The migrations that a registry lacks.
 * @param present the names that it has
 * @throws UserError `registry.too_new` when it has one that we don't know
 */
export function missingFrom(present: readonly string[]): Migration[] {
  const ours = readMigrations();
  const foreign = present.filter((name) => !ours.some((migration) => migration.name === name));
  if (foreign.length > 0) {
    const message = `The registry has the migration ${foreign.join(", ")}, which this version does not know.`;
    throw new UserError("registry.too_new", message, CODES["registry.too_new"].remedy);
  }
  return ours.filter(({ name }) => !present.includes(name));
}

/** Whether a database has a registry: one boolean, `found`. */
export const FOUND_SQL = "select to_regclass('private.sentinel_migrations') is not null as found";
/** The names of a registry's migrations, one in each row. */
export const PRESENT_SQL = "select name from private.sentinel_migrations order by name";
