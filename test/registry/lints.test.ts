import type { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPglite } from "../../src/registry/drivers/pglite.ts";
import { type PgliteFolder, pgliteFolder } from "../helpers/pglite.ts";

/**
 * What Supabase's database advisors look for, as far as it applies here: each query finds offenders, and there are none.
 * The names are the advisors' own (https://supabase.com/docs/guides/database/database-advisors).
 */
const LINTS: Record<string, string> = {
  unindexed_foreign_keys: `
    select c.conrelid::regclass::text as what, c.conname from pg_constraint c
    where c.contype = 'f' and c.connamespace = 'public'::regnamespace
      and not exists (select from pg_index i where i.indrelid = c.conrelid
        and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] = c.conkey)`,
  auth_rls_initplan: `
    select tablename as what, policyname from pg_policies where schemaname = 'public'
      and (qual ~ '(is_admin|auth\\.|current_setting)' and qual !~* 'select\\s+(private\\.is_admin|auth\\.|current_setting)')`,
  no_primary_key: `
    select c.relname as what from pg_class c where c.relkind = 'r' and c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
      and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)`,
  multiple_permissive_policies: `
    select tablename as what, r, c, count(*) from pg_policies, unnest(roles) r,
      unnest(case cmd when 'ALL' then array['SELECT', 'INSERT', 'UPDATE', 'DELETE'] else array[cmd] end) c
    where permissive = 'PERMISSIVE' and schemaname in ('public', 'private') group by 1, 2, 3 having count(*) > 1`,
  policy_exists_rls_disabled: `
    select c.relname as what from pg_class c where not c.relrowsecurity and exists (select from pg_policy p where p.polrelid = c.oid)`,
  rls_enabled_no_policy: `
    select c.relname as what from pg_class c where c.relrowsecurity and not exists (select from pg_policy p where p.polrelid = c.oid)`,
  rls_disabled_in_public: `
    select c.relname as what from pg_class c where c.relkind in ('r', 'p') and c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
      and not c.relrowsecurity`,
  rls_policy_always_true: `
    select tablename as what, policyname from pg_policies where schemaname = 'public'
      and (coalesce(qual, 'true') = 'true' and cmd <> 'SELECT' or with_check = 'true')
      and roles && array['anon', 'authenticated', 'public']::name[]`,
  duplicate_index: `
    select indrelid::regclass::text as what, count(*) from pg_index i join pg_class c on c.oid = i.indrelid
    where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
    group by indrelid, indkey::text, indclass::text, coalesce(pg_get_expr(indpred, indrelid), '') having count(*) > 1`,
  security_definer_view:
    "select c.relname as what from pg_class c where c.relkind in ('v', 'm') and c.relnamespace = 'public'::regnamespace",
  function_search_path_mutable: `
    select p.oid::regprocedure::text as what from pg_proc p
    where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'auth'::regnamespace)
      and not coalesce(p.proconfig::text, '') like '%search_path=%'`,
  functions_that_find_a_sessions_own_types_first: `
    select p.oid::regprocedure::text as what from pg_proc p
    where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'auth'::regnamespace)
      and not coalesce(p.proconfig::text, '') like '%search_path=pg_catalog, pg_temp"%'`,
  security_definer_function_executable_by_api_roles: `
    select p.oid::regprocedure::text as what from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.prosecdef`,
  anon_or_public_may_execute: `
    select p.oid::regprocedure::text as what from pg_proc p
    where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace) and has_function_privilege('anon', p.oid, 'execute')`,
  extension_in_public: "select extname as what from pg_extension where extnamespace = 'public'::regnamespace",
  definer_functions_of_a_superuser: `
    select p.oid::regprocedure::text as what from pg_proc p
    where p.prosecdef and p.pronamespace = 'private'::regnamespace
      and pg_get_userbyid(p.proowner) not in ('sentinel_owner', 'sentinel_machine', 'sentinel_keeper')`,
  guards_that_replica_mode_switches_off: `
    select tgrelid::regclass::text as what, tgname from pg_trigger where not tgisinternal and tgenabled <> 'A'`,
  wall_clocks_in_registry_tables: `
    select table_name as what, column_name from information_schema.columns
    where table_schema = 'public' and data_type ~ '^(timestamp|date|time)'
      and table_name not in ('sentinel_events', 'sentinel_leases', 'tool_calls', 'tool_receipts', 'agent_firearms_grants', 'agent_tokens', 'runtime_leases')`,
  keys_that_sort_by_locale: `
    select a.attrelid::regclass::text as what, a.attname from pg_index i
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
    join pg_class c on c.oid = i.indrelid
    where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
      and a.atttypid = 'text'::regtype and a.attcollation <> '"C"'::regcollation`,
  gating_besides_firearms: `
    select table_name as what, column_name from information_schema.columns
    where table_schema = 'public' and column_name ~ '(danger|risk|allow_?list|severity)'`,
};

describe("the registry's schema", () => {
  let folder: PgliteFolder;
  let db: PGlite;
  let done: () => void = () => {};
  let closed: Promise<unknown> = Promise.resolve();
  beforeAll(async () => {
    folder = pgliteFolder();
    const driver = openPglite({ directory: folder.directory });
    await driver.migrate();
    await driver.close();
    await new Promise<void>((ready) => {
      closed = folder.asSuperuser(async (opened) => {
        db = opened;
        ready();
        await new Promise<void>((resolve) => {
          done = resolve;
        });
      });
    });
  });
  afterAll(async () => {
    done();
    await closed;
    folder.remove();
  });

  it.each(Object.entries(LINTS))("has no %s", async (_name, query) => {
    expect((await db.query(query)).rows).toEqual([]);
  });

  it("would be caught by each lint that it breaks", async () => {
    const broken = [
      [
        "unindexed_foreign_keys",
        'create table bad (id int primary key, kpi text collate "C" references core_kpis)',
      ],
      [
        "auth_rls_initplan",
        "create policy slow on core_kpis as restrictive for select to authenticated using (private.is_admin())",
      ],
      ["no_primary_key", "create table bad (id int)"],
      [
        "multiple_permissive_policies",
        "create policy second on core_kpis for select to authenticated using (false)",
      ],
      ["policy_exists_rls_disabled", "alter table core_kpis disable row level security"],
      [
        "rls_enabled_no_policy",
        "create table bad (id int primary key); alter table bad enable row level security",
      ],
      ["rls_disabled_in_public", "create table bad (id int primary key)"],
      ["rls_policy_always_true", "create policy open on core_kpis for update to anon using (true)"],
      ["duplicate_index", "create index twin on kpi_mappings (core_kpi_slug)"],
      ["security_definer_view", "create view bad as select 1 as one"],
      ["function_search_path_mutable", "create function bad() returns int language sql as 'select 1'"],
      [
        "functions_that_find_a_sessions_own_types_first",
        "create function bad() returns int language sql set search_path = '' as 'select 1'",
      ],
      [
        "security_definer_function_executable_by_api_roles",
        "create function bad() returns int language sql security definer as 'select 1'",
      ],
      ["anon_or_public_may_execute", "create function private.bad() returns int language sql as 'select 1'"],
      [
        "definer_functions_of_a_superuser",
        "create function private.bad() returns int language sql security definer as 'select 1'",
      ],
      ["guards_that_replica_mode_switches_off", "alter table core_kpis enable trigger a_writer"],
      ["wall_clocks_in_registry_tables", "alter table connector_scopes add seen_at timestamptz"],
      ["keys_that_sort_by_locale", "create table bad (id text primary key)"],
      ["gating_besides_firearms", "alter table connector_scopes add risk_score int"],
    ] as const;
    const silent: string[] = [];
    for (const [lint, ddl] of broken) {
      await db.exec(`begin; ${ddl}`);
      const { rows } = await db.query(LINTS[lint] ?? "");
      if (rows.length === 0) silent.push(lint);
      await db.exec("rollback");
    }
    expect(silent).toEqual([]);
  });

  it("has the tables that dashboards read, with row security", async () => {
    const { rows } = await db.query<{ tablename: string }>(
      "select tablename from pg_tables where schemaname = 'public' and rowsecurity order by tablename collate \"C\"",
    );
    expect(rows.map(({ tablename }) => tablename)).toEqual([
      "agent_firearms_grants",
      "agent_tokens",
      "budget_mappings",
      "budget_metrics",
      "connector_accounts",
      "connector_auth_modes",
      "connector_dev_accounts",
      "connector_files",
      "connector_oauth_requirements",
      "connector_providers",
      "connector_revisions",
      "connector_scope_categories",
      "connector_scopes",
      "connector_tools",
      "core_kpis",
      "firearm_types",
      "firearms_licenses",
      "generic_metrics",
      "kpi_mappings",
      "metric_mappings",
      "platform_metrics",
      "runtime_leases",
      "sentinel_events",
      "sentinel_leases",
      "tool_calls",
      "tool_receipts",
      "utm_templates",
      "vault_secrets",
    ]);
  });
});
