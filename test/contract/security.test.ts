import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type JsonObject, UserError } from "../../src/base/index.ts";
import { admin, token } from "../helpers/postgrest.ts";
import { describeEach } from "../helpers/ways.ts";
import { ENGINES, type Fixture, type Sql, stopEngines } from "./engines.ts";
import { entry, kpi, register, scope } from "./manifests.ts";

afterAll(stopEngines);

/** Columns that only a person's decision may change. */
const HUMAN = {
  connector_providers: [
    "approved_digest",
    "approved_version",
    "approved_versions",
    "rejected_digests",
    "deprecated_digests",
  ],
  connector_scopes: ["decided_requires_firearm", "decided_firearm_type", "notes"],
  metric_mappings: ["approved_standard_metric_slug", "approved_aggregation_method"],
  utm_templates: [
    "approved",
    "approved_static_params",
    "approved_allowed_variables",
    "approved_pattern",
    "decided_static_params",
    "decided_allowed_variables",
    "decided_pattern",
  ],
  kpi_mappings: ["core_kpi_slug"],
  budget_mappings: ["standard_metric_slug"],
  connector_dev_accounts: ["vault_key_hint"],
  connector_accounts: ["fields"],
  agent_firearms_grants: ["agent_id", "max_uses", "revoked_at"],
  agent_tokens: ["token_hash", "revoked_at"],
  firearm_types: ["name"],
  core_kpis: ["calculation_logic"],
};

const ATTACKS = [
  "update connector_providers set is_approved = true",
  "update connector_providers set approved_digest = digest",
  'update connector_providers set approved_versions = \'{"1.0.0": "x"}\'',
  "update connector_providers set manifest = '{}'",
  "update connector_providers set is_gone = true",
  `insert into connector_providers (provider_id, source, display_name, platform, naming_rule, utm_capabilities, schemas,
     files, digest, manifest, approved_digest) values ('evil', 's', 'E', 'all', 'n', '{}', '{}', '{}', 'd', '{}', 'd')`,
  "delete from connector_providers",
  "update connector_scopes set decided_requires_firearm = false",
  "update connector_scopes set requires_firearm = false",
  "delete from connector_scopes where decided_requires_firearm",
  "update metric_mappings set is_approved = true",
  "update metric_mappings set approved_standard_metric_slug = standard_metric_slug, approved_aggregation_method = 'sum'",
  "update utm_templates set is_approved = true",
  "insert into kpi_mappings (provider_slug, raw_metric_name, core_kpi_slug) values ('target', 'm', 'mer')",
  "insert into firearm_types values ('none', 'None', 'None')",
  "update connector_revisions set manifest = '{}'",
  "update sentinel_events set actor = 'nobody'",
  "delete from sentinel_events",
  "truncate sentinel_events",
  "truncate connector_providers cascade",
  "insert into vault_secrets values ('PROVIDER_X', '', 'k')",
  "select ciphertext from vault_secrets where false",
  "update vault_secrets set ciphertext = ''",
  "insert into connector_accounts (provider_id, account) values ('target', 'mine')",
  `insert into agent_firearms_grants (agent_id, firearm_type_id, granted_by, expires_at)
     values ('mallory', 'system', 'jane', now() + interval '1 day')`,
  "update agent_firearms_grants set max_uses = null, used_count = 0, revoked_at = null",
  "update agent_firearms_grants set expires_at = 'infinity'",
  "delete from agent_firearms_grants",
  "insert into agent_tokens (agent_id, token_hash, created_by) values ('mallory', 'h', 'jane')",
  "update agent_tokens set revoked_at = null",
  "update tool_receipts set result = 'null'",
  "delete from tool_receipts",
  "truncate tool_receipts, tool_calls",
  "update tool_calls set request_hash = ''",
  "delete from tool_calls",
  "insert into private.served_tools values ('target', 'x', 'd', false, false, false, '{}', '{}')",
  "update private.served_tools set armed_scopes = '{}', armed_types = '{}'",
  "delete from private.served_tools",
  "select private.review_approve('target', (select digest from connector_providers where provider_id = 'target'))",
] as const;

const CLAIMS = JSON.stringify(admin("mallory"));

/** Who attacks: what a session is made of before it tries, and what it may do besides because it is a superuser's. */
const ATTACKERS = [
  { who: "the machine's role", setup: "set local role sentinel_writer" },
  {
    who: "the machine's role with forged claims",
    setup: `set local role sentinel_writer; select set_config('request.jwt.claims', '${CLAIMS}', true)`,
  },
  {
    who: "the owner of the machine's functions with forged claims",
    setup: `set local role sentinel_machine; select set_config('request.jwt.claims', '${CLAIMS}', true)`,
    own: /^(update connector_providers set (manifest|is_gone)|select private)/,
  },
  {
    who: "the secret key's role with forged claims, all privileges and no row security",
    setup: `grant all on all tables in schema public to service_role; grant usage on schema private to service_role; alter role service_role bypassrls; set local role service_role; select set_config('request.jwt.claims', '${CLAIMS.replace("authenticated", "service_role")}', true)`,
    own: /vault_secrets where/,
  },
  {
    who: "the owner of the runtime's functions with forged claims",
    setup: `set local role sentinel_keeper; select set_config('request.jwt.claims', '${CLAIMS}', true)`,
    own: /vault_secrets where/,
  },
  { who: "the runtime's role", setup: "set local role sentinel_runtime" },
  { who: "anonymous", setup: "set local role anon" },
  {
    who: "a signed-in user who is no admin",
    setup: `set local role authenticated; select set_config('request.jwt.claims', '{"role":"authenticated","sub":"u"}', true)`,
  },
  {
    who: "an admin without a name",
    setup: `set local role authenticated; select set_config('request.jwt.claims', '{"role":"authenticated","sub":"","app_metadata":{"role":"admin"}}', true)`,
  },
  {
    who: "a user who calls himself admin where users may write",
    setup: `set local role authenticated; select set_config('request.jwt.claims', '{"role":"authenticated","sub":"u","user_metadata":{"role":"admin"},"app_role":"admin"}', true)`,
  },
  {
    who: "a real admin, directly",
    setup: `set local role authenticated; select set_config('request.jwt.claims', '${CLAIMS}', true)`,
    own: /^select private/,
  },
  {
    who: "the superuser with forged claims",
    setup: `select set_config('request.jwt.claims', '${CLAIMS}', true)`,
    own: /vault_secrets where|^select private/,
  },
  {
    who: "the superuser in replica mode",
    setup: `set local session_replication_role = replica; select set_config('request.jwt.claims', '${CLAIMS}', true)`,
    own: /vault_secrets where|^select private/,
  },
];

/** Types that note who uses them; without care, a session's own types are found before the built-in ones. */
const TRAPS = `select set_config('traps.ran_as', '-', true);
  create function pg_temp.note() returns boolean language sql
    as 'select set_config(''traps.ran_as'', current_setting(''traps.ran_as'') || '' '' || current_user, true) is not null';
  ${["jsonb", "text", "int4", "bool"].map((type) => `create domain pg_temp.${type} as pg_catalog.${type} check (pg_temp.note())`).join("; ")}`;

async function refused(sql: Sql, setup: string, attack: string): Promise<boolean> {
  await sql("begin");
  try {
    await sql(setup);
  } catch (error) {
    await sql("rollback");
    throw error;
  }
  const done = await sql(attack).then(
    () => true,
    () => false,
  );
  await sql("rollback");
  return !done;
}

describeEach(ENGINES, "what nobody can do on", ({ open }) => {
  let fixture: Fixture;
  const target = entry("target", {
    version: "1.0.0",
    scopes: [scope("decided"), scope("s", { requires_firearm: true, firearm_type: "system" })],
    kpis: [kpi("m")],
    utm_capabilities: ["email"],
  });
  beforeAll(async () => {
    fixture = await open();
    await register(fixture.registry, "safe", target);
    const secret = {
      provider_slug: "target",
      account: "default",
      key: "API_KEY",
      key_name: "PROVIDER_TARGET_API_KEY",
    };
    await fixture.registry
      .human("jane")
      .governance.writeSecret({ ...secret, ciphertext: "AAAA", key_id: "k" });
    const decision = { requires_firearm: true, firearm_type: "DATA_EXPORT" };
    await fixture.registry.human("jane").setScopes("target", ["decided"], decision);
  });
  afterAll(() => fixture?.close());

  it("nothing is approved by default", async () => {
    const [row] = await fixture.sql((sql) =>
      sql(`select
      (select count(*)::int from connector_providers where is_approved) as providers,
      (select count(*)::int from metric_mappings where is_approved) as metrics,
      (select count(*)::int from utm_templates where is_approved) as templates`),
    );
    expect(row).toEqual({ providers: 0, metrics: 0, templates: 0 });
  });

  it.each(ATTACKERS)("$who changes no decision and no record", async ({ setup, own }) => {
    const got = await fixture.sql(async (sql) => {
      const through: string[] = [];
      for (const attack of ATTACKS) if (!(await refused(sql, setup, attack))) through.push(attack);
      return through;
    });
    expect(got.filter((attack) => !own?.test(attack))).toEqual([]);
  });

  it("a table's owner changes no decision, though he owns it", async () => {
    const got = await fixture.sql(async (sql) => {
      const through: string[] = [];
      const setup = `create role table_owner; alter table connector_providers owner to table_owner;
        alter table connector_scopes owner to table_owner; alter table metric_mappings owner to table_owner;
        set local role table_owner; select set_config('request.jwt.claims', '${CLAIMS}', true)`;
      for (const attack of ATTACKS) if (!(await refused(sql, setup, attack))) through.push(attack);
      return through;
    });
    expect(got).toEqual([]);
  });

  it("a type of the caller's own by the name of a built-in one runs nothing in the owners' names", async () => {
    const calls = ["review_list()", "review_show('target')", "review_diff('target')", "review_vocabulary()"];
    const ranAs = await fixture.sql(async (sql) => {
      await sql("begin");
      await sql(
        `${TRAPS}; set local role sentinel_writer; select set_config('request.jwt.claims', '${CLAIMS}', true)`,
      );
      for (const call of [...calls, "sentinel_version()", "sentinel_fingerprints('safe')"]) {
        await sql(`do $$ begin perform public.${call}; end $$`);
      }
      const rows = await sql("select current_setting('traps.ran_as', true) as roles");
      await sql("rollback");
      return rows;
    });
    expect(ranAs).toEqual([{ roles: expect.not.stringMatching(/sentinel_(owner|machine)/) }]);
  });

  it("a trigger that somebody adds approves nothing", async () => {
    const setup = `grant trigger on connector_providers to service_role; set local role service_role;
      create function pg_temp.approve() returns trigger language plpgsql
        as 'begin new.approved_digest := new.digest; return new; end';
      create trigger z before update on connector_providers for each row execute function pg_temp.approve();
      reset role; set local role sentinel_machine`;
    const attack = "update connector_providers set is_gone = true";
    expect(await fixture.sql((sql) => refused(sql, setup, attack))).toBe(true);
  });

  it("no role but the decisions' owner has a privilege on a human column, and none at all on secrets", async () => {
    const pairs = Object.entries(HUMAN).flatMap(([table, columns]) =>
      columns.map((column) => `('${table}', '${column}')`),
    );
    const [human, secrets] = await fixture.sql(async (sql) => [
      await sql(`select distinct r.rolname from pg_roles r, (values ${pairs.join(", ")}) c (t, k)
        where r.rolname in ('anon', 'authenticated', 'service_role', 'sentinel_owner', 'sentinel_machine', 'sentinel_keeper', 'sentinel_writer', 'sentinel_runtime')
          and (has_column_privilege(r.rolname, 'public.' || c.t, c.k, 'update') or has_column_privilege(r.rolname, 'public.' || c.t, c.k, 'insert'))`),
      await sql(`select rolname from pg_roles where rolname in ('anon', 'authenticated', 'service_role', 'sentinel_owner', 'sentinel_machine', 'sentinel_keeper', 'sentinel_writer', 'sentinel_runtime')
          and has_any_column_privilege(rolname, 'public.vault_secrets', 'select') order by rolname`),
    ]);
    expect(human).toEqual([{ rolname: "sentinel_owner" }]);
    // Nobody can log in as either, and neither's functions give a value away: it is sealed.
    expect(secrets).toEqual([{ rolname: "sentinel_keeper" }, { rolname: "sentinel_owner" }]);
  });

  it("the machine's face can't decide", async () => {
    const { driver } = fixture.registry;
    const calls: [string, Record<string, string | boolean | null>][] = [
      ["review_approve", { slug: "target", digest: target.digest }],
      ["review_reject", { slug: "target", digest: target.digest, reason: "x" }],
      ["review_deprecate", { slug: "target", reason: "x" }],
      ["review_map_kpi", { slug: "target", raw: "m", core_kpi: "mer" }],
      ["review_set_scopes", { slug: "target", scopes: null, requires_firearm: false, firearm_type: null }],
    ];
    for (const [fn, args] of calls) {
      const error = await driver.call(fn, args, { face: "machine" }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(UserError);
      expect(error).toMatchObject({ code: "registry.forbidden" });
    }
    const shown = await fixture.registry.human("jane").show("target");
    expect(shown).toMatchObject({
      is_approved: false,
      kpi_mappings: [],
      scopes: [{ firearm_type_id: "DATA_EXPORT" }, { is_decided: false }],
    });
  });

  it("the machine's face reads no secret and begins no call, the runtime's decides nothing", async () => {
    const { driver } = fixture.registry;
    const forbidden = async (face: "machine" | "runtime", fn: string, args: JsonObject) => {
      const error = await driver.call(fn, args, { face }).catch((reason: unknown) => reason);
      expect(error, `${face} ${fn}`).toMatchObject({ code: "registry.forbidden" });
    };
    const place = { slug: "target", account: "default", key: "K" };
    await forbidden("machine", "runtime_secret", place);
    await forbidden("machine", "runtime_begin_call", { request: {} });
    const sealed = { ...place, key_name: "PROVIDER_TARGET_K", ciphertext: "", key_id: "k" };
    for (const face of ["machine", "runtime"] as const) {
      await forbidden(face, "review_sealed_secrets", {});
      await forbidden(face, "review_reseal_secrets", { secrets: [] });
      await forbidden(face, "review_write_secret", sealed);
      await forbidden(face, "review_grant", { agent: "mallory", firearm_type: "system", seconds: 60 });
      await forbidden(face, "review_create_token", { agent: "mallory", token_hash: "0".repeat(64) });
      await forbidden(face, "review_log", { filter: {} });
      await forbidden(face, "review_calls", {});
    }
    await forbidden("runtime", "review_approve", { slug: "target", digest: target.digest });
    await forbidden("runtime", "sentinel_lease", { source: "safe", holder: "m", ttl_seconds: 1 });
  });

  it("no token but an admin's opens anything over the web", async () => {
    const { project } = fixture;
    if (!project) return;
    const keys = {
      anon: await token({ role: "anon" }),
      user: await token({ role: "authenticated", sub: "u" }),
      secret: await token({ role: "service_role" }),
      forged: await token({ ...admin("mallory"), role: "service_role" }),
    };
    for (const [name, key] of Object.entries(keys)) {
      const client = createClient(project.url, key, {
        global: { fetch: project.fetch },
        auth: { persistSession: false },
      });
      const approved = await client.rpc("review_approve", { slug: "target", digest: target.digest });
      expect(approved.error, name).not.toBeNull();
      const updated = await client
        .from("connector_providers")
        .update({ approved_digest: target.digest })
        .eq("provider_id", "target");
      expect(updated.error, name).not.toBeNull();
      const read = await client.from("connector_providers").select("provider_id");
      expect(read.data ?? [], name).toEqual([]);
    }
    const client = createClient(project.url, await token(admin("jane")), {
      global: { fetch: project.fetch },
      auth: { persistSession: false },
    });
    const updated = await client
      .from("connector_providers")
      .update({ approved_digest: target.digest })
      .eq("provider_id", "target");
    expect(updated.error).not.toBeNull();
    const read = await client.from("connector_providers").select("provider_id,is_approved");
    // Supabase Lite only knows tables that its login sees before it takes a role; PostgREST knows them all.
    if (read.error?.code === "PGRST205") return;
    expect(read.data).toEqual([{ provider_id: "target", is_approved: false }]);
  });
});
