import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type JsonObject, RegistryRefusal } from "../../src/base/index.ts";
import { type Registry, sourceState } from "../../src/registry/index.ts";
import { describeEach } from "../helpers/ways.ts";
import { ENGINES, type Fixture, stopEngines } from "./engines.ts";
import { archive, entry, kpi, register, scope, tool } from "./manifests.ts";

afterAll(stopEngines);

async function refusal(promise: Promise<unknown>): Promise<RegistryRefusal> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RegistryRefusal)) throw error ?? new Error("not refused");
  return error;
}

function find(rows: readonly JsonObject[], key: string, value: string): JsonObject {
  const row = rows.find((one) => one[key] === value);
  if (!row) throw new Error(`no row with ${key} ${value}`);
  return row;
}

describeEach(ENGINES, "the registry's contract on", ({ open }) => {
  let fixture: Fixture;
  let registry: Registry;
  beforeAll(async () => {
    fixture = await open();
    registry = fixture.registry;
  });
  afterAll(() => fixture?.close());

  const jane = () => registry.human("jane");
  async function approve(slug: string, digest: string): Promise<void> {
    for (const metric of (await jane().show(slug)).metrics) {
      if (metric.is_gone === false) await jane().mapKpi(slug, String(metric.raw_metric_name), "mer");
    }
    await jane().approve(slug, digest);
  }

  describe("registers", () => {
    it("a connector as a draft, with everything that its manifest says", async () => {
      const shop = entry(
        "shop",
        {
          summary: "Sells things.",
          version: "1.0.0",
          homepage: "https://shop.example",
          docs_url: "https://shop.example/docs",
          icon: "icon.svg",
          platform: "macos",
          instructions: "Be kind.",
          auth_mode: "both",
          auth: {
            type: "oauth2",
            authorization_url: "https://shop.example/a",
            token_url: "https://shop.example/t",
            refresh_url: null,
            grant: "authorization_code",
            pkce: true,
            scopes: { default: ["read"] },
            whoami: null,
          },
          scopes: [
            scope("read", {
              category: "orders",
              type: "oauth",
              source: "https://shop.example/scopes",
              since: "2020",
            }),
          ],
          kpis: [kpi("total", { unit: "EUR", aggregation: "avg" })],
          budgets: [{ name: "ads", description: "For ads." }],
          utm_capabilities: ["email"],
          utm: { static_params: { utm_source: "shop" }, allowed_variables: ["campaign"], pattern: "x" },
          oauth_marketplace: {
            free_testing_limit: "10 shops",
            authorization_links: ["https://shop.example/l"],
            functional_summary: "Reads.",
          },
          base_url: "https://api.shop.example",
          schemas: { Thing: { type: "object" } },
          tools: [tool("list_orders", { capability: "order.read", scopes: ["read"] })],
        },
        { "service.ts": "0".repeat(64) },
      );
      expect(await register(registry, "fields", shop)).toEqual({ shop: "created" });
      const shown = await jane().show("shop");
      expect(shown).toMatchObject({
        provider_slug: "shop",
        status: "draft",
        is_approved: false,
        approved_digest: null,
        digest: shop.digest,
        source: "fields",
        summary: "Sells things.",
        version: "1.0.0",
        homepage: "https://shop.example",
        docs_url: "https://shop.example/docs",
        icon: "icon.svg",
        platform: "macos",
        instructions: "Be kind.",
        auth_mode: "oauth_and_byok",
        base_url: "https://api.shop.example",
        schemas: { Thing: { type: "object" } },
        files: { "service.ts": "0".repeat(64) },
        utm_capabilities: ["email"],
        scopes: [
          {
            scope_name: "read",
            category: "orders",
            scope_type: "oauth",
            source: "https://shop.example/scopes",
            since: "2020",
          },
        ],
        metrics: [
          {
            raw_metric_name: "total",
            unit: "EUR",
            standard_metric_slug: "gross_sales",
            aggregation_method: "avg",
            is_approved: false,
            core_kpi_slug: null,
          },
        ],
        budgets: [{ budget_name: "ads", description: "For ads." }],
        utm_templates: [
          {
            content_type_slug: "email",
            static_params: { utm_source: "shop" },
            allowed_variables: ["campaign"],
            pattern_structure: "x",
            is_approved: false,
          },
        ],
        oauth_requirements: {
          token_url: "https://shop.example/t",
          pkce: true,
          free_testing_limit: "10 shops",
          functional_summary: "Reads.",
        },
        tools: [{ tool_name: "list_orders", capability: "order.read", executor: "rest", scopes: ["read"] }],
      });
      expect(shown.manifest).toEqual(shop.manifest);
    });

    it("how each tool does its work, whichever way that is", async () => {
      const executors = ["rest", "graphql", "sql", "applescript", "handler", "steps"];
      const tools = executors.map((name) =>
        tool(name, { rest: null, [name]: name === "handler" ? "f" : {} }),
      );
      await register(registry, "executors", entry("executors", { tools }));
      const shown = await jane().show("executors");
      expect(shown.tools.map(({ executor }) => executor)).toEqual(executors.toSorted());
    });

    it("nothing twice: the same call again changes no row and leaves no event", async () => {
      const same = entry("same", { scopes: [scope("a")] });
      const events = () => fixture.sql((sql) => sql("select count(*)::int as n from sentinel_events"));
      expect(await register(registry, "same", same)).toEqual({ same: "created" });
      const before = await events();
      expect(await register(registry, "same", same)).toEqual({ same: "unchanged" });
      expect(await events()).toEqual(before);
    });

    it("two thousand connectors in batches, in one order", async () => {
      const many = Array.from({ length: 1200 }, (_, n) => entry(`many-${n}`));
      await register(registry, "many", ...many.slice(0, 600));
      await register(registry, "many", ...many.slice(600));
      const { connectors, state } = await registry.machine.fingerprints("many");
      const mine = connectors?.filter(({ source }) => source === "many") ?? [];
      expect(mine).toHaveLength(1200);
      expect(connectors?.map(({ slug }) => slug)).toEqual(connectors?.map(({ slug }) => slug).sort());
      expect(state).toBe(sourceState(mine));
    });
  });

  it("answers with the state alone when the caller knows it", async () => {
    const one = entry("known");
    await register(registry, "known", one);
    const state = sourceState([{ slug: "known", digest: one.digest }]);
    expect(await registry.machine.fingerprints("known", state)).toEqual({ state, connectors: null });
    expect((await registry.machine.fingerprints("known", "other")).connectors).not.toBeNull();
  });

  it("shows in a diff what apply then changes, field by field, and changes nothing itself", async () => {
    await register(registry, "diff", entry("differs", { scopes: [scope("a"), scope("b")], summary: "Old." }));
    const next = entry("differs", {
      scopes: [scope("a", { description: "New." }), scope("c")],
      summary: "New.",
    });
    const fresh = entry("fresh");
    const before = await jane().show("differs");
    const shown = await registry.machine.diff("diff", [next, fresh]);
    expect(await jane().show("differs")).toEqual(before);
    const { token } = await registry.machine.lease("diff", "test", 60);
    const connectors = await registry.machine.apply("diff", token, [next, fresh], true);
    expect(connectors).toEqual(shown);
    expect(shown[0]?.changes).toEqual([
      { table: "connector_providers", key: "differs", field: "digest", from: before.digest, to: next.digest },
      { table: "connector_providers", key: "differs", field: "summary", from: "Old.", to: "New." },
      { table: "connector_scopes", key: "a", field: "description", from: null, to: "New." },
      expect.objectContaining({ table: "connector_scopes", key: "b", field: null, to: null }),
      expect.objectContaining({ table: "connector_scopes", key: "c", field: null, from: null }),
    ]);
  });

  describe("refuses", () => {
    it("another source's slug, naming both, and registers its neighbours", async () => {
      await register(registry, "one", entry("claimed"));
      const { token } = await registry.machine.lease("two", "test", 60);
      const connectors = await registry.machine.apply(
        "two",
        token,
        [entry("claimed", { summary: "Mine." }), entry("neighbour")],
        false,
      );
      expect(connectors[0]?.refusal).toMatchObject({
        code: "registry.slug_taken",
        message: expect.stringMatching(/"one".*"two"/),
      });
      expect(connectors[1]?.outcome).toBe("created");
      expect((await jane().show("claimed")).summary).toBeNull();
    });

    it("a second slug with one vault prefix, registered before or in the same batch", async () => {
      await register(registry, "vault", entry("a-b-c"));
      expect(await register(registry, "vault", entry("a_b-c"))).toEqual({
        "a_b-c": "registry.vault_prefix_taken",
      });
      expect(await register(registry, "vault", entry("x_y"), entry("x-y"))).toEqual({
        "x-y": "created",
        x_y: "registry.vault_prefix_taken",
      });
    });

    it("other content under an approved version, for ever", async () => {
      const one = entry("fixed", { version: "1.0.0" });
      await register(registry, "fixed", one);
      await approve("fixed", one.digest);
      const other = entry("fixed", { version: "1.0.0", summary: "Changed." });
      expect(await register(registry, "fixed", other)).toEqual({ fixed: "registry.version_immutable" });
      expect(await register(registry, "fixed", entry("fixed", { version: "1.0.1" }))).toEqual({
        fixed: "updated",
      });
      await jane().deprecate("fixed", "Old.");
      expect(await register(registry, "fixed", other)).toEqual({ fixed: "registry.version_immutable" });
    });

    it("to approve a digest that stood for other content before", async () => {
      const good = entry("swapped", { summary: "Good." });
      await register(registry, "swap", good);
      await register(registry, "swap", entry("swapped", { summary: "Between." }));
      await register(registry, "swap", { ...entry("swapped", { summary: "Evil." }), digest: good.digest });
      expect((await refusal(jane().approve("swapped", good.digest))).code).toBe("registry.digest_mismatch");
    });

    it("to archive more than allowed, and then changes nothing", async () => {
      await register(registry, "archive", entry("old-a"), entry("old-b"), entry("old-c"));
      const { token } = await registry.machine.lease("archive", "test", 60);
      const refused = await refusal(registry.machine.archive("archive", token, ["old-a", "old-b"], 1));
      expect(refused).toMatchObject({ code: "registry.archive_limit", details: { count: 2, allow: 1 } });
      expect((await jane().show("old-a")).status).toBe("draft");
      await registry.machine.release("archive", token);
    });

    it("what is not there, by name", async () => {
      await register(registry, "absent", entry("present", { scopes: [scope("a")], kpis: [kpi("m")] }));
      const firearm = { requires_firearm: true, firearm_type: "financial" };
      const codes = await Promise.all([
        refusal(jane().show("nobody")),
        refusal(jane().setScopes("present", ["b"], firearm)),
        refusal(jane().setScopes("present", null, { ...firearm, firearm_type: "sword" })),
        refusal(jane().setScopes("present", null, { ...firearm, firearm_type: null })),
        refusal(jane().mapKpi("present", "n", "mer")),
        refusal(jane().mapKpi("present", "m", "luck")),
        refusal(jane().deprecate("present", "Old.")),
      ]);
      expect(codes.map(({ code }) => code)).toEqual([
        "registry.unknown_provider",
        "registry.unknown_scope",
        "registry.unknown_firearm_type",
        "registry.firearm_untyped",
        "registry.unknown_metric",
        "registry.unknown_kpi",
        "registry.not_approved",
      ]);
      expect(codes.every(({ hint }) => hint.length > 0)).toBe(true);
    });
  });

  describe("leases", () => {
    it("keep others out until given back, and fence off whoever was overtaken", async () => {
      const first = await registry.machine.lease("leased", "first", 60);
      const held = await refusal(registry.machine.lease("leased", "second", 60));
      expect(held).toMatchObject({ code: "registry.lease_held", details: { holder: "first" } });
      expect(await registry.machine.lease("leased", "first", 60, first.token)).toEqual(first);
      await registry.machine.release("leased", first.token);
      const second = await registry.machine.lease("leased", "second", 60);
      expect(second.token).toBeGreaterThan(first.token);
      const late = await refusal(registry.machine.apply("leased", first.token, [entry("late")], false));
      expect(late.code).toBe("registry.lease_lost");
      expect((await refusal(registry.machine.archive("leased", first.token, [], 0))).code).toBe(
        "registry.lease_lost",
      );
      expect((await refusal(registry.machine.lease("leased", "first", 60, first.token))).code).toBe(
        "registry.lease_lost",
      );
      await registry.machine.release("leased", first.token);
      expect((await refusal(registry.machine.lease("leased", "third", 60))).code).toBe("registry.lease_held");
      expect((await refusal(jane().show("late"))).code).toBe("registry.unknown_provider");
    });

    it("run out by themselves", async () => {
      await registry.machine.lease("short", "dead", 1);
      await expect
        .poll(() => registry.machine.lease("short", "heir", 60).catch(() => null), { timeout: 10_000 })
        .not.toBeNull();
    });
  });

  describe("decisions", () => {
    it("block approval until all are made, and name what is left", async () => {
      const one = entry("blocked", {
        scopes: [
          scope("typed", { requires_firearm: true, firearm_type: "REFUND_ISSUE" }),
          scope("untyped", { requires_firearm: true }),
        ],
        kpis: [kpi("unmapped")],
        tools: [tool("empty", { rest: null })],
      });
      await register(registry, "blocked", one);
      const blocked = await refusal(jane().approve("blocked", one.digest));
      expect(blocked.code).toBe("registry.blocked");
      expect(blocked.details).toEqual((await jane().show("blocked")).blockers);
      expect(blocked.details).toMatchObject([
        { code: "firearm_untyped", key: "untyped" },
        { code: "metric_unmapped", key: "unmapped" },
        { code: "tool_without_executor", key: "empty" },
      ]);
      await jane().setScopes("blocked", ["untyped"], { requires_firearm: true, firearm_type: "financial" });
      await jane().mapKpi("blocked", "unmapped", "aoa");
      expect((await jane().show("blocked")).blockers).toHaveLength(1);
      const mended = entry("blocked", { ...one.manifest, tools: [tool("empty")] });
      await register(registry, "blocked", mended);
      expect((await refusal(jane().approve("blocked", one.digest))).details).toEqual({
        current: mended.digest,
      });
      await jane().approve("blocked", mended.digest);
      expect(await jane().show("blocked")).toMatchObject({
        status: "approved",
        is_approved: true,
        blockers: [],
      });
    });

    it("win over proposals, and a proposal stands until somebody decides", async () => {
      const proposing = scope("s", { requires_firearm: true, firearm_type: "financial" });
      await register(registry, "wins", entry("wins", { scopes: [proposing] }));
      const shown = async () => find((await jane().show("wins")).scopes, "scope_name", "s");
      expect(await shown()).toMatchObject({
        requires_firearm: true,
        firearm_type_id: "financial",
        is_decided: false,
      });
      expect(await jane().setScopes("wins", null, { requires_firearm: false, firearm_type: null })).toBe(1);
      expect(await jane().setScopes("wins", null, { requires_firearm: false, firearm_type: null })).toBe(0);
      await register(registry, "wins", entry("wins", { scopes: [{ ...proposing, firearm_type: "system" }] }));
      expect(await shown()).toMatchObject({
        requires_firearm: false,
        firearm_type_id: null,
        is_decided: true,
        proposed_requires_firearm: true,
        proposed_firearm_type: "system",
      });
    });

    it("survive change, removal and return of a scope, a metric and the folder", async () => {
      const full = entry("stays", { scopes: [scope("s"), scope("t")], kpis: [kpi("m"), kpi("n")] });
      const bare = entry("stays", { scopes: [scope("t")], kpis: [kpi("n")] });
      await register(registry, "stays", full);
      await jane().setScopes("stays", ["s"], { requires_firearm: true, firearm_type: "CODE_DELETE" });
      await jane().mapKpi("stays", "m", "mer");
      await register(registry, "stays", bare);
      const without = await jane().show("stays");
      expect(find(without.scopes, "scope_name", "s").is_gone).toBe(true);
      expect(find(without.metrics, "raw_metric_name", "m").is_gone).toBe(true);
      expect(await archive(registry, "stays", "stays")).toEqual({ stays: "archived" });
      expect((await jane().show("stays")).status).toBe("archived");
      expect(await register(registry, "stays", full)).toEqual({ stays: "restored" });
      const back = await jane().show("stays");
      expect(find(back.scopes, "scope_name", "s")).toMatchObject({
        requires_firearm: true,
        firearm_type_id: "CODE_DELETE",
        is_gone: false,
      });
      expect(find(back.metrics, "raw_metric_name", "m")).toMatchObject({
        core_kpi_slug: "mer",
        is_gone: false,
      });
      expect(back.status).toBe("draft");
    });

    it("a newer draft waits while the approved revision serves, and returns to approved with its content", async () => {
      const one = entry("serves", { version: "1.0.0", kpis: [kpi("m")] });
      const two = entry("serves", { version: "1.1.0", kpis: [kpi("m", { standard: "net_sales" })] });
      await register(registry, "serves", one);
      await approve("serves", one.digest);
      await register(registry, "serves", two);
      const waiting = await jane().show("serves");
      expect(waiting).toMatchObject({
        status: "draft",
        is_approved: true,
        digest: two.digest,
        approved_digest: one.digest,
      });
      expect(waiting.metrics[0]).toMatchObject({ standard_metric_slug: "net_sales", is_approved: false });
      expect(await jane().diff("serves")).toEqual([
        { table: "connector_providers", key: "serves", field: "digest", from: one.digest, to: two.digest },
        { table: "connector_providers", key: "serves", field: "version", from: "1.0.0", to: "1.1.0" },
        {
          table: "metric_mappings",
          key: "m",
          field: "standard_metric_slug",
          from: "gross_sales",
          to: "net_sales",
        },
      ]);
      await register(registry, "serves", one);
      expect(await jane().show("serves")).toMatchObject({
        status: "approved",
        metrics: [{ is_approved: true }],
      });
      expect(await jane().diff("serves")).toEqual([]);
    });

    it("come back with an archived folder, approval included", async () => {
      const one = entry("returns", { version: "1.0.0" });
      await register(registry, "returns", one);
      await jane().approve("returns", one.digest);
      await archive(registry, "returns", "returns");
      expect((await refusal(jane().approve("returns", one.digest))).code).toBe("registry.archived");
      expect(await register(registry, "returns", one)).toEqual({ returns: "restored" });
      expect(await jane().show("returns")).toMatchObject({ status: "approved", is_approved: true });
    });

    it("reject a draft and deprecate what serves, each for a reason", async () => {
      const one = entry("judged");
      const two = entry("judged", { summary: "Two." });
      await register(registry, "judged", one);
      expect((await refusal(jane().reject("judged", one.digest, " "))).code).toBe("registry.reason_missing");
      await jane().reject("judged", one.digest, "Unclear.");
      expect(await jane().show("judged")).toMatchObject({
        status: "rejected",
        reason: "Unclear.",
        is_approved: false,
      });
      await register(registry, "judged", two);
      expect((await jane().show("judged")).status).toBe("draft");
      await register(registry, "judged", one);
      expect((await jane().show("judged")).status).toBe("rejected");
      await jane().approve("judged", one.digest);
      expect((await refusal(jane().reject("judged", one.digest, "No."))).code).toBe("registry.is_approved");
      await jane().deprecate("judged", "Old.");
      expect(await jane().show("judged")).toMatchObject({
        status: "deprecated",
        reason: "Old.",
        is_approved: false,
        approved_digest: null,
      });
      await register(registry, "judged", two);
      await register(registry, "judged", one);
      expect((await jane().show("judged")).status).toBe("deprecated");
    });

    it("leave one event each, under the person's name, in an unbroken chain", async () => {
      const one = entry("logged", { scopes: [scope("a"), scope("b")], kpis: [kpi("m")] });
      await register(registry, "logged", one);
      await jane().setScopes("logged", null, { requires_firearm: true, firearm_type: "system" });
      await jane().mapKpi("logged", "m", "mer");
      await jane().mapKpi("logged", "m", "mer");
      await jane().approve("logged", one.digest);
      await jane().approve("logged", one.digest);
      await archive(registry, "logged", "logged");
      await archive(registry, "logged", "logged");
      await register(registry, "logged", one);
      const { events, broken } = await fixture.sql(async (sql) => ({
        events: await sql(
          "select action, face, actor from sentinel_events where provider_id = 'logged' order by event_id",
        ),
        broken: await sql(`select event_id from (
          select e.*, lag(hash, 1, repeat('0', 64)) over (order by event_id) as before,
                 encode(sha256(convert_to(e.prev_hash || private.event_text(e), 'UTF8')), 'hex') as right_hash
          from sentinel_events e) c where prev_hash <> before or hash <> right_hash`),
      }));
      expect(broken).toEqual([]);
      expect(events.map(({ action }) => action)).toEqual([
        "created",
        "scopes_decided",
        "kpi_mapped",
        "approved",
        "archived",
        "restored",
      ]);
      expect(events.filter(({ face }) => face === "human").map(({ actor }) => actor)).toEqual([
        "jane",
        "jane",
        "jane",
      ]);
    });
  });

  it("lists in short what is registered, and what people choose from", async () => {
    await register(
      registry,
      "listed",
      entry("listed", {
        scopes: [scope("a", { requires_firearm: true })],
        kpis: [kpi("m")],
        tools: [tool("t")],
      }),
    );
    const listed = await jane().list();
    expect(listed.find(({ provider_slug }) => provider_slug === "listed")).toEqual({
      provider_slug: "listed",
      display_name: "LISTED",
      status: "draft",
      is_approved: false,
      version: null,
      digest: expect.any(String),
      approved_digest: null,
      source: "listed",
      scopes: 1,
      tools: 1,
      metrics: 1,
      blockers: 2,
    });
    expect(listed.map(({ provider_slug }) => provider_slug)).toEqual(
      listed.map(({ provider_slug }) => provider_slug).sort(),
    );
    const { core_kpis: kpis, firearms_licenses: licenses } = await jane().vocabulary();
    expect(Array.isArray(kpis) && kpis.length).toBe(6);
    expect(Array.isArray(licenses) && licenses.length).toBe(13);
  });
});
