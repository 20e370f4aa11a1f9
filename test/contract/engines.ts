import { openPglite } from "../../src/registry/drivers/pglite.ts";
import { openPostgres } from "../../src/registry/drivers/postgres.ts";
import { openSupabase } from "../../src/registry/drivers/supabase.ts";
import { createRegistry, type Registry } from "../../src/registry/index.ts";
import { startLite } from "../helpers/lite.ts";
import { pgliteFolder } from "../helpers/pglite.ts";
import { type PostgresServer, serversMissing, startPostgres } from "../helpers/postgres.ts";
import { admin, type Postgrest, postgrestMissing, startPostgrest, token } from "../helpers/postgrest.ts";

/** One statement as the superuser; its rows. */
export type Sql = (statement: string) => Promise<Record<string, unknown>[]>;

/** A registry of its own, as a test sees it. */
export interface Fixture {
  readonly registry: Registry;
  /** Runs statements as the superuser in one session, past every driver. */
  sql<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** The project's web address, where there is one, for attacks through it. */
  readonly project: Postgrest | null;
  close(): Promise<void>;
}

/** One way to have a registry. */
export interface Engine {
  readonly name: string;
  /** Why it can't run here, or null. */
  readonly missing: string | null;
  /** A new registry with the migrations in it. */
  open(): Promise<Fixture>;
}

let server: Promise<PostgresServer> | null = null;

/** Stops what the engines have started. */
export async function stopEngines(): Promise<void> {
  const started = server;
  server = null;
  await (await started)?.stop();
}

async function openEmbedded(): Promise<Fixture> {
  const folder = pgliteFolder();
  const registry = createRegistry(openPglite({ directory: folder.directory }));
  return {
    registry,
    project: null,
    sql: async (work) => {
      await registry.driver.migrate();
      await registry.close();
      return folder.asSuperuser((db) =>
        work(async (statement) => (await db.exec(statement)).at(-1)?.rows.map((row) => ({ ...row })) ?? []),
      );
    },
    close: async () => {
      await registry.close();
      folder.remove();
    },
  };
}

async function database(): Promise<{ postgres: PostgresServer; name: string; sql: Fixture["sql"] }> {
  server ??= startPostgres();
  const postgres = await server;
  const name = await postgres.createDatabase(true);
  const sql: Fixture["sql"] = (work) =>
    postgres.asSuperuser(name, (client) =>
      work(async (statement) => {
        const results = [await client.query<Record<string, unknown>>(statement)].flat();
        return results.at(-1)?.rows ?? [];
      }),
    );
  return { postgres, name, sql };
}

async function openServer(): Promise<Fixture> {
  const { postgres, name, sql } = await database();
  const registry = createRegistry(openPostgres({ url: postgres.url(name) }));
  return { registry, sql, project: null, close: () => registry.close() };
}

async function openProject(
  start: (server: PostgresServer, name: string) => Promise<Postgrest>,
): Promise<Fixture> {
  const { postgres, name, sql } = await database();
  const project = await start(postgres, name);
  const driver = openSupabase({
    url: project.url,
    key: await token({ role: "service_role" }),
    accessToken: await token(admin("jane")),
    runtimeToken: await token({ role: "sentinel_runtime" }),
    fetch: project.fetch,
  });
  const registry = createRegistry(driver);
  const close = async (): Promise<void> => {
    await registry.close();
    await project.stop();
  };
  return { registry, sql, project, close };
}

/** Every way to have a registry; the embedded one runs everywhere. */
export const ENGINES: readonly Engine[] = [
  { name: "pglite", missing: null, open: openEmbedded },
  { name: "postgres", missing: serversMissing(), open: openServer },
  {
    name: "supabase-js over PostgREST",
    missing: serversMissing() ?? postgrestMissing(),
    open: () => openProject(startPostgrest),
  },
  {
    name: "supabase-js over Supabase Lite",
    missing: serversMissing(),
    open: () => openProject(startLite),
  },
];
