import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPglite } from "../../src/registry/drivers/pglite.ts";
import { openPostgres } from "../../src/registry/drivers/postgres.ts";
import { pgliteFolder } from "../helpers/pglite.ts";
import { type PostgresServer, serversMissing, startPostgres } from "../helpers/postgres.ts";

const FOLDER = new URL("../../supabase/migrations/", import.meta.url);
const NAMES = readdirSync(FOLDER).map((file) => file.replace(/\.sql$/, ""));

describe("migrations", () => {
  it("are numbered as the Supabase CLI wants them, and record themselves under their names", () => {
    for (const name of NAMES) {
      expect(name).toMatch(/^\d{14}_[a-z_]+$/);
      const sql = readFileSync(new URL(`${name}.sql`, FOLDER), "utf8");
      expect(sql).toContain(`insert into private.sentinel_migrations values ('${name}');`);
    }
  });

  it("set up an embedded registry once, however often they are asked to", async () => {
    const folder = pgliteFolder();
    const driver = openPglite({ directory: folder.directory });
    try {
      expect((await driver.migrate()).total).toBe(NAMES.length);
      await driver.close();
      expect(await driver.migrate()).toEqual({ applied: [], total: NAMES.length });
    } finally {
      await driver.close();
      folder.remove();
    }
  });
});

const missing = serversMissing();
describe.skipIf(missing !== null)(
  `migrations on PostgreSQL${missing === null ? "" : ` (${missing})`}`,
  () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server?.stop());

    async function migrate(database: string, user?: string): Promise<number> {
      const driver = openPostgres({ url: server.url(database, user) });
      try {
        return (await driver.migrate()).applied.length;
      } finally {
        await driver.close();
      }
    }

    it("from empty, and again", async () => {
      const database = await server.createDatabase(false);
      expect(await migrate(database)).toBe(NAMES.length);
      expect(await migrate(database)).toBe(0);
    });

    it("by five starters at once: one does it, the others find it done", async () => {
      const database = await server.createDatabase(false);
      const counts = await Promise.all(Array.from({ length: 5 }, () => migrate(database)));
      expect(counts.sort()).toEqual([0, 0, 0, 0, NAMES.length]);
    });

    it("in several databases of one server at once, whose roles they share", async () => {
      const databases = await Promise.all(Array.from({ length: 4 }, () => server.createDatabase(false)));
      expect(await Promise.all(databases.map((one) => migrate(one)))).toEqual(
        databases.map(() => NAMES.length),
      );
    });

    it("behind a held lock: waits, and does it when the lock is gone", async () => {
      const database = await server.createDatabase(false);
      await server.asSuperuser(database, async (client) => {
        // Granting on the schema is among the first things that a migration does; this stops it there.
        await client.query("begin; lock table pg_catalog.pg_namespace in exclusive mode");
        const waiting = migrate(database);
        const early = await Promise.race([
          waiting,
          new Promise((resolve) => setTimeout(resolve, 4000, "waiting")),
        ]);
        expect(early).toBe("waiting");
        await client.query("rollback");
        expect(await waiting).toBe(NAMES.length);
      });
    });

    it("as a login that is no superuser, in a project shaped like a hosted one", async () => {
      const database = await server.createDatabase(false);
      await server.asSuperuser(database, (client) =>
        client.query(`
        create role project_owner login createrole password 'password';
        do $$ declare r text; begin
          foreach r in array array['anon', 'authenticated', 'service_role', 'supabase_auth_admin'] loop
            if not exists (select from pg_roles where rolname = r) then execute format('create role %I nologin noinherit', r); end if;
            execute format('grant %I to project_owner with admin option', r);
          end loop;
        end $$;
        grant sentinel_owner, sentinel_machine, sentinel_keeper, sentinel_writer, sentinel_runtime to project_owner with admin option;
        grant create on database ${database} to project_owner;
        alter schema public owner to project_owner;
        create schema auth authorization supabase_auth_admin;
        create function auth.jwt() returns jsonb language sql stable as 'select null::jsonb';
        create function auth.uid() returns uuid language sql stable as 'select null::uuid';
        create function auth.role() returns text language sql stable as 'select null::text';
        alter default privileges for role project_owner in schema public grant all on tables to anon, authenticated, service_role;
        alter default privileges for role project_owner in schema public grant all on functions to anon, authenticated, service_role`),
      );
      expect(await migrate(database, "project_owner")).toBe(NAMES.length);
      const open = await server.asSuperuser(database, async (client) => {
        const tables =
          await client.query(`select relname, r.rolname from pg_class c, (values ('anon'), ('service_role')) r (rolname)
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and has_any_column_privilege(r.rolname, c.oid, 'select, insert, update')`);
        const functions =
          await client.query(`select p.proname from pg_proc p where p.pronamespace = 'public'::regnamespace
        and (has_function_privilege('anon', p.oid, 'execute')
          or p.proname ~ '^review_(approve|reject|deprecate|set|map)' and has_function_privilege('service_role', p.oid, 'execute'))`);
        return { tables: tables.rows, functions: functions.rows };
      });
      expect(open).toEqual({ tables: [], functions: [] });
    });

    it("stop at a registry that a newer version has set up", async () => {
      const database = await server.createDatabase(true);
      await server.asSuperuser(database, (client) =>
        client.query("insert into private.sentinel_migrations values ('29991231235959_later')"),
      );
      await expect(migrate(database)).rejects.toMatchObject({ code: "registry.too_new" });
    });
  },
);
