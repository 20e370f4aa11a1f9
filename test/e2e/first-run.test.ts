/** A folder dropped into connectors/ is a registered draft after one run, and the second run has nothing to do. */
import { beforeAll, describe, expect, it } from "vitest";
import {
  type CheckJson,
  type Project,
  project,
  type RunJson,
  rowsOf,
  type ShowJson,
  SMALLEST,
} from "./helpers.ts";
import { AUTHS, FULL } from "./support/full.ts";

describe("the smallest manifest", () => {
  let shop: Project;
  beforeAll(async () => {
    shop = project();
    shop.write("shopify", SMALLEST);
    const first = await shop.run(["run"]);
    expect(first, first.stderr).toMatchObject({ code: 0 });
    expect(first.stdout).toContain("shopify");
    expect(first.stdout).not.toMatch(/\{|undefined|null/);
  });

  it("is registered as a draft that nobody approved", async () => {
    const shown = await shop.json<ShowJson>(["show", "shopify"]);
    expect(shown).toMatchObject({
      provider_slug: "shopify",
      display_name: "Shopify",
      status: "draft",
      is_approved: false,
      approved_digest: null,
      source: "default",
      version: null,
    });
    expect(shown.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(shown.scopes).toMatchObject([
      { scope_name: "read_orders", description: "Read access to orders", requires_firearm: false },
      { scope_name: "write_products", requires_firearm: true },
    ]);
    expect(shown.metrics).toMatchObject([
      { raw_metric_name: "total_sales", standard_metric_slug: "gross_sales" },
    ]);
    expect(shown.manifest.utm_capabilities).toEqual(["email", "social"]);
    expect(shown.blockers.map((one) => `${one.code} ${one.key}`).sort()).toEqual([
      "firearm_untyped write_products",
      "metric_unmapped total_sales",
    ]);
  });

  it("has its generated server beside it", () => {
    expect(shop.read("shopify/mcp.ts")).toContain("defineConnector");
    expect(shop.read("shopify/manifest.yaml")).toBe(SMALLEST);
  });

  it("has nothing more to do", async () => {
    const before = shop.files();
    const again = await shop.run(["run"]);
    expect(again).toMatchObject({ code: 0 });
    expect(again.stdout).toMatch(/nothing to do/i);
    const report = await shop.json<RunJson>(["run"]);
    expect(report).toMatchObject({
      format_version: 1,
      ok: true,
      summary: { created: 0, updated: 0, unchanged: 1, archived: 0, restored: 0, invalid: 0 },
      diagnostics: [],
    });
    expect(shop.files()).toEqual(before);
  });

  it("is what plan finds nothing to say of", async () => {
    const plan = await shop.json<RunJson>(["plan"]);
    expect(plan).toMatchObject({ ok: true, summary: { created: 0, updated: 0, archived: 0, invalid: 0 } });
  });

  it("is listed by status", async () => {
    const plain = await shop.run(["status"]);
    expect(plain).toMatchObject({ code: 0 });
    expect(plain.stdout).toMatch(/shopify.*draft|draft.*shopify/s);
    const rows = await shop.json<unknown>(["status"]);
    const brief = { provider_slug: "shopify", status: "draft", is_approved: false, source: "default" };
    expect(JSON.stringify(rows)).toContain('"format_version":1');
    expect(rows).toEqual(expect.objectContaining({ connectors: [expect.objectContaining(brief)] }));
  });
});

describe("plan before the first run", () => {
  it("says what would come and changes nothing", async () => {
    const shop = project();
    shop.write("shopify", SMALLEST);
    const plan = await shop.json<RunJson>(["plan"]);
    expect(plan.summary).toMatchObject({ created: 1 });
    expect(plan.connectors).toMatchObject([
      {
        slug: "shopify",
        outcome: "created",
        files: [{ path: "connectors/shopify/mcp.ts", action: "create" }],
      },
    ]);
    expect(new Set(plan.connectors[0]?.changes.map((change) => change.table))).toEqual(
      new Set([
        "connector_providers",
        "connector_scopes",
        "metric_mappings",
        "platform_metrics",
        "utm_templates",
      ]),
    );
    expect(shop.has("shopify/mcp.ts")).toBe(false);
    const report = await shop.json<RunJson>(["run"]);
    expect(report.summary).toMatchObject({ created: 1 });
    expect(report.connectors[0]?.digest).toBe(plan.connectors[0]?.digest);
  });
});

describe("every field", () => {
  let house: Project;
  let shown: ShowJson;
  beforeAll(async () => {
    house = project();
    house.write("full-house", FULL);
    for (const [slug, { manifest }] of Object.entries(AUTHS)) house.write(slug, manifest);
    const check = await house.json<CheckJson>(["check"]);
    // mcp.ts is not there yet, which is no more than a warning.
    expect(check.diagnostics.filter((one) => one.code !== "generated.missing")).toEqual([]);
    const report = await house.json<RunJson>(["run"]);
    expect(report).toMatchObject({ ok: true, summary: { created: 1 + Object.keys(AUTHS).length } });
    shown = await house.json<ShowJson>(["show", "full-house"]);
  });

  it.each<[string, unknown]>([
    ["manifest_version", 1],
    ["provider_slug", "full-house"],
    ["display_name", "Full House"],
    ["summary", "Holds every field that a manifest may have."],
    ["version", "1.2.3"],
    ["homepage", "https://full-house.example/"],
    ["docs_url", "https://full-house.example/docs"],
    ["icon", "icon.svg"],
    ["platform", "linux"],
    ["instructions", "Ask for the shop first.\nThen list its orders.\n"],
    ["naming_rule", "HOUSE_{PLATFORM}_{KEY}"],
    ["auth_mode", "both"],
    ["budgets", [{ name: "daily_ad_budget", description: "What a day may cost." }]],
    ["utm_capabilities", ["email", "social"]],
    [
      "utm",
      {
        static_params: { utm_source: "full-house" },
        allowed_variables: ["campaign", "medium"],
        pattern: "utm_campaign={campaign}&utm_medium={medium}",
      },
    ],
    [
      "oauth_marketplace",
      {
        free_testing_limit: "100 test users",
        authorization_links: ["https://full-house.example/marketplace"],
        functional_summary: "Reads and refunds orders.",
      },
    ],
    ["base_url", "https://{{account.SHOP}}.full-house.example/v1"],
    [
      "schemas",
      {
        Order: {
          type: "object",
          properties: { id: { type: "string" }, parent: { $ref: "#/schemas/Order" } },
        },
      },
    ],
  ])("shows %s", (field, value) => {
    expect(shown.manifest[field]).toEqual(value);
  });

  it("shows auth and its whoami", () => {
    expect(shown.manifest.auth).toMatchObject({
      type: "oauth2",
      authorization_url: "https://full-house.example/oauth/authorize",
      token_url: "https://full-house.example/oauth/token",
      refresh_url: "https://full-house.example/oauth/refresh",
      grant: "authorization_code",
      pkce: true,
      scopes: { bot: ["orders.read", "orders.write"], user: ["orders.read"] },
      whoami: {
        description: "Who is signed in.",
        rest: {
          method: "GET",
          path: "/me",
          response: { root: "user", mapping: { id: "id", name: "full_name", email: "mail" } },
        },
      },
    });
  });

  it("shows each scope's fields", () => {
    expect(shown.manifest.scopes).toEqual([
      {
        name: "orders.read",
        type: "oauth",
        category: "reading",
        description: "Read orders.",
        requires_firearm: false,
        firearm_type: null,
        source: "https://full-house.example/docs/scopes#orders-read",
        since: "2024-01-01.0",
      },
      {
        name: "orders.write",
        type: "oauth",
        category: "writing",
        description: "Change and refund orders.",
        requires_firearm: true,
        firearm_type: "REFUND_ISSUE",
        source: "https://full-house.example/docs/scopes#orders-write",
        since: "1.1",
      },
    ]);
    expect(shown.scopes).toMatchObject([
      { scope_name: "orders.read", scope_type: "oauth", requires_firearm: false },
      { scope_name: "orders.write", scope_type: "oauth", requires_firearm: true },
    ]);
  });

  it("shows each metric's fields", () => {
    expect(shown.manifest.kpis).toEqual([
      { raw: "basket_size", standard: "order_value", aggregation: "avg", unit: null, description: null },
      {
        raw: "total_sales",
        standard: "gross_sales",
        aggregation: "sum",
        unit: "EUR",
        description: "All that was sold.",
      },
    ]);
    expect(shown.metrics).toMatchObject([
      { raw_metric_name: "basket_size", standard_metric_slug: "order_value", aggregation_method: "avg" },
      { raw_metric_name: "total_sales", standard_metric_slug: "gross_sales", aggregation_method: "sum" },
    ]);
  });

  it("shows tools of every kind, from every file", () => {
    expect(shown.tools).toMatchObject([
      {
        tool_name: "get_order",
        capability: "order.read",
        idempotent: true,
        side_effecting: false,
        scopes: ["orders.read"],
      },
      { tool_name: "local_orders" },
      { tool_name: "order_with_customer" },
      { tool_name: "refund_order", capability: "order.refund", side_effecting: true, destructive: true },
      { tool_name: "search_orders", capability: "order.search" },
      { tool_name: "summarise_orders" },
    ]);
    expect(shown.manifest.tools).toMatchObject([
      {
        name: "get_order",
        title: "Get an order",
        description: "Gets one order by its id.",
        input: { type: "object", required: ["id"], additionalProperties: false },
        output: { properties: { order: { $ref: "#/schemas/Order" } } },
        rest: {
          method: "GET",
          path: "/orders/{{ params.id }}",
          query: { fields: "all" },
          headers: { "X-Shop": "{{ account.SHOP }}" },
          encoding: "json",
          response: { root: "data", mapping: { order: "$" } },
        },
      },
      {
        name: "local_orders",
        sql: {
          database: "postgres",
          params: { after: "{{ params.after }}" },
          response: { mapping: { id: "id" } },
        },
      },
      {
        name: "order_with_customer",
        steps: [
          { as: "order", rest: { path: "/orders/{{ params.id }}" } },
          { as: "customer", rest: { path: "/customers/{{ order.customer_id }}" } },
        ],
      },
      {
        name: "refund_order",
        rest: {
          url: "https://pay.full-house.example/refunds",
          body: { order: "{{ params.id }}", amount: "{{ params.amount | default: 0 }}" },
          encoding: "form",
          response: { static: { refunded: true } },
        },
      },
      {
        name: "search_orders",
        graphql: { url: "https://full-house.example/graphql", variables: { term: "{{ params.term }}" } },
      },
      { name: "summarise_orders", handler: "summarise" },
    ]);
  });

  it("registers every kind of auth", async () => {
    const found = await rowsOf(
      house,
      "select provider_id, auth, auth_mode, manifest -> 'auth_mode' as declared from public.connector_providers order by 1",
    );
    const modes: Record<string, string> = { oauth: "oauth_only", byok: "byok_only", both: "oauth_and_byok" };
    for (const [slug, { auth, mode }] of Object.entries(AUTHS)) {
      const row = found.find((one) => one.provider_id === slug);
      expect(row).toMatchObject({ auth, declared: mode, auth_mode: mode === null ? null : modes[mode] });
    }
  });

  it("is readable for people too", async () => {
    const plain = await house.run(["show", "full-house"]);
    expect(plain).toMatchObject({ code: 0 });
    for (const word of ["Full House", "orders.write", "refund_order", "total_sales", "1.2.3"]) {
      expect(plain.stdout).toContain(word);
    }
  });

  it("is another content when a file that the manifest uses changes", async () => {
    const before = shown.digest;
    house.write("full-house", {
      "service.ts": `${FULL["service.ts"]}// changed\n`,
      "README.md": "# Full House\n",
    });
    await house.run(["run"]);
    const after = await house.json<ShowJson>(["show", "full-house"]);
    expect(after.digest).not.toBe(before);
  });
});

describe("commands that can't do their work", () => {
  it("names a slug that is not registered", async () => {
    const shop = project();
    shop.write("shopify", SMALLEST);
    await shop.run(["run"]);
    const shown = await shop.run(["show", "shopfy"]);
    expect(shown.code).not.toBe(0);
    expect(shown.stderr + shown.stdout).toMatch(/shopfy/);
    expect(shown.stderr).not.toMatch(/\n\s+at /);
  });

  it("names an option that does not exist", async () => {
    const shop = project();
    const ran = await shop.run(["run", "--allow-archve", "1"]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/--allow-archive/);
  });
});
