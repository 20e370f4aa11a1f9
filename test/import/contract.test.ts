import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../src/base/index.ts";
import { contractFileName, contractText } from "../../src/generate/index.ts";
import { importContract } from "../../src/import/index.ts";
import { type Manifest, openReader } from "../../src/manifest/index.ts";
import { manifest } from "../generate/manifest.ts";
import { makeWorkbench } from "./workbench.ts";

const bench = makeWorkbench();
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const FILE = "ACME_CONNECTOR_CONTRACT.json";

/** The manifest of the folder that a contract makes. */
async function readBack(contract: string): Promise<Manifest> {
  const { imported, diagnostics } = await importContract(bytes(contract), { file: FILE });
  if (imported === null) throw new Error(`not good: ${JSON.stringify(diagnostics, null, 1)}`);
  bench.write(imported.slug, imported.files);
  const reading = await bench.read(imported.slug);
  if (!reading.ok) throw new Error(`not good: ${JSON.stringify(reading.diagnostics, null, 1)}`);
  return reading.manifest;
}

/** What is wrong with a contract: each code with what stands at its place. */
async function faults(contract: string): Promise<string[]> {
  const { imported, diagnostics } = await importContract(bytes(contract), { file: FILE });
  expect(imported).toBe(null);
  const lines = contract.split("\n");
  return diagnostics.map(
    ({ code, line, column, end_column }) =>
      `${code} ${(lines[line - 1] ?? "").slice(column - 1, end_column - 1)}`,
  );
}

const ACME = manifest({
  provider_slug: "acme-shop",
  display_name: "Acme Shop",
  auth_mode: "oauth",
  scopes: [
    {
      name: "orders.write",
      type: "write",
      category: "orders",
      description: "Change orders.",
      requires_firearm: true,
      firearm_type: "system",
      source: null,
      since: null,
    },
  ],
  kpis: [{ raw: "total", standard: "gross_sales", aggregation: "sum", unit: null, description: null }],
  budgets: [{ name: "ads", description: null }],
  oauth_marketplace: { free_testing_limit: "25 users", authorization_links: [], functional_summary: null },
});

describe("the contract of a manifest", () => {
  const contract: JsonObject = JSON.parse(contractText(ACME));

  it("has exactly the keys of the God Config, in their order, and decides nothing", () => {
    expect(contractText(ACME)).toBe(`${JSON.stringify(GOD_CONFIG, null, 2)}\n`);
    expect(contract).toEqual(GOD_CONFIG);
  });

  it("is named for its provider", () => {
    expect(contractFileName("acme-shop")).toBe("ACME_SHOP_CONNECTOR_CONTRACT.json");
  });

  it("has the usual UTM parameters and either way to sign in where the manifest says neither", () => {
    const { scopes } = ACME;
    expect(JSON.parse(contractText(manifest({ scopes }))).sections).toMatchObject({
      utm: { schema: { provider_slug: "shopify", static_params: { utm_source: "shopify" } } },
      byok: { oauth_only: false, byok_only: false, oauth_and_byok: true },
    });
    const none = JSON.parse(contractText(manifest({ utm: EMPTY_UTM }))).sections;
    expect(none.utm.schema).toMatchObject({
      static_params: {},
      allowed_variables: [],
      pattern_structure: "",
    });
    expect(Object.values(none.byok)).toEqual([false, false, false]);
  });
});

const EMPTY_UTM = { static_params: {}, allowed_variables: [], pattern: null };

const GOD_CONFIG = {
  contract_name: "Connector Factory — God Config",
  provider_slug: "acme-shop",
  display_name: "Acme Shop",
  status: "draft",
  sections: {
    dev_account: {
      system_dev_username: "",
      vault_integration: { enabled: true, vault_key_hint: "PROVIDER_ACME_SHOP_KEY" },
      tenant_owned_keys: [],
      standardization: {
        naming_rule: "PROVIDER_{PLATFORM}_KEY",
        platform_name_source: "connector_providers.platform_slug",
      },
      secondary_information: [],
    },
    scopes: {
      categories: [],
      scopes: [
        {
          scope_name: "orders.write",
          scope_type: "write",
          description: "Change orders.",
          requires_firearm: false,
          firearm_type_id: "",
        },
      ],
      firearms_gate: { requires_firearm_field: "requires_firearm", firearm_type_field: "firearm_type_id" },
    },
    kpi: {
      platform_metrics: [],
      metric_mappings: [],
      dropdown_sources: { generic_metrics: "public.generic_metrics", core_kpis: "public.core_kpis" },
    },
    utm: {
      templates: [],
      schema: {
        provider_slug: "acme-shop",
        static_params: { utm_source: "acme-shop" },
        allowed_variables: ["campaign", "content", "medium", "term"],
        pattern_structure:
          "utm_medium={medium}&utm_campaign={campaign}&utm_content={content}&utm_term={term}",
      },
    },
    budgets: {
      budget_metrics: [],
      budget_mappings: [],
      dropdown_sources: { generic_metrics: "public.generic_metrics", core_kpis: "public.core_kpis" },
    },
    oauth_marketplace: { free_testing_limit: "25 users", authorization_links: [], functional_summary: "" },
    byok: { oauth_only: true, byok_only: false, oauth_and_byok: false },
  },
  notes: [],
};

describe("contract, import, contract: the same bytes", () => {
  const root = fileURLToPath(new URL("../../connectors", import.meta.url));
  const slugs = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());

  it.each(slugs.map(({ name }) => name))("for %s", async (slug) => {
    const reader = openReader({ root, display: "connectors" });
    const reading = await reader.read(slug);
    await reader.close();
    if (!reading.ok) throw new Error(JSON.stringify(reading.diagnostics));
    const contract = contractText(reading.manifest);
    expect(contractText(await readBack(contract))).toBe(contract);
  });

  it("for any manifest", async () => {
    await fc.assert(
      fc.asyncProperty(manifests, async (made) => {
        const contract = contractText(made);
        expect(contractText(await readBack(contract))).toBe(contract);
      }),
      { numRuns: 60 },
    );
  });
});

/** Texts of one line as a manifest holds them, from the start with what readers of YAML and JSON trip over. */
const line = (max: number) =>
  fc
    .oneof(
      fc.constantFrom(
        "no",
        "1.10",
        "null",
        "- a",
        "a: b",
        "{x}",
        "'",
        '"',
        "\\",
        "#",
        "é ü 漢 🚀",
        "<b>&amp;",
        "~",
        "*a",
      ),
      fc.string({
        unit: fc.constantFrom(..."aZ09 _-.:/#&'\"\\{}[]<>|%@`漢🚀é"),
        minLength: 1,
        maxLength: 40,
      }),
    )
    .map((text) =>
      text
        .trim()
        .slice(0, max)
        .replace(/\p{Cs}$/u, ""),
    )
    .filter((text) => text !== "");
const prose = fc.array(line(200), { minLength: 1, maxLength: 4 }).map((lines) => lines.join("\n"));
const maybe = <T>(text: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(text, { nil: null });
const sorted = (texts: readonly string[]): string[] => [...texts].sort();
const names = fc.uniqueArray(fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/), { maxLength: 5 }).map(sorted);

/** In the order of the normal form. */
const dictionary = (key: fc.Arbitrary<string>, value: fc.Arbitrary<string>) =>
  fc
    .dictionary(key, value)
    .map((map) => Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))));

const scopes = fc
  .uniqueArray(
    fc.record({
      name: line(200),
      type: maybe(line(200)),
      category: maybe(line(200)),
      description: maybe(prose),
      requires_firearm: fc.boolean(),
      firearm_type: fc.constant(null),
      source: fc.constant(null),
      since: fc.constant(null),
    }),
    { selector: ({ name }) => name, maxLength: 8 },
  )
  .map((list) => list.sort((a, b) => (a.name < b.name ? -1 : 1)));

const manifests = fc
  .record({
    provider_slug: fc.constantFrom("acme", "acme-shop", "a_1", "x9-y-z"),
    display_name: line(80),
    naming_rule: fc.constantFrom(
      "PROVIDER_{PLATFORM}_{KEY}",
      "{KEY}_OF_{PLATFORM}",
      "KEYS_{PLATFORM}_{KEY}_KEY",
    ),
    auth_mode: fc.constantFrom("oauth" as const, "byok" as const, "both" as const, null),
    scopes,
    utm: maybe(
      fc.record({
        static_params: dictionary(
          fc.stringMatching(/^[a-z_]{1,8}$/),
          fc.string({ maxLength: 20, unit: "grapheme-ascii" }),
        ),
        allowed_variables: names,
        pattern: fc.constant(null),
      }),
    ),
    oauth_marketplace: maybe(
      fc.record({
        free_testing_limit: maybe(line(200)),
        authorization_links: fc
          .uniqueArray(fc.webUrl({ validSchemes: ["https"] }), { maxLength: 3 })
          .map(sorted),
        functional_summary: maybe(prose),
      }),
    ),
  })
  .map((changes) => {
    const patterns = changes.utm?.allowed_variables.map((name) => `{${name}}`).join("&") ?? "";
    const utm = changes.utm === null || patterns === "" ? changes.utm : { ...changes.utm, pattern: patterns };
    return manifest({ ...changes, utm });
  });

/** The contract with another value at a path, or without the key. */
function changed(path: readonly (string | number)[], value: Json | undefined): string {
  const copy: Json = structuredClone(GOD_CONFIG);
  let here: unknown = copy;
  for (const step of path.slice(0, -1)) here = Reflect.get(Object(here), step);
  if (value === undefined) Reflect.deleteProperty(Object(here), path.at(-1) ?? "");
  else Reflect.set(Object(here), path.at(-1) ?? "", value);
  return JSON.stringify(copy, null, 2);
}

describe("a contract that is not right", () => {
  const AT = ["sections", "scopes", "scopes", 0];
  const UTM = ["sections", "utm", "schema"];
  const RULE = ["sections", "dev_account", "standardization", "naming_rule"];
  const LINKS = ["sections", "oauth_marketplace", "authorization_links"];
  const SECRET_LINK = ["https://me", "pass@a.example/"].join(":");
  it.each<[string, string, string]>([
    ["an unknown key", changed(["sections", "kpis"], {}), 'manifest.unknown_key "kpis"'],
    ["a level of danger", changed([...AT, "danger_level"], 3), 'manifest.gating_field "danger_level"'],
    ["a missing key", changed(["sections", "byok", "byok_only"], undefined), "manifest.missing_key {"],
    ["a wrong type", changed(["display_name"], 5), "manifest.wrong_type 5"],
    ["a list that is a map", changed(["notes"], {}), "manifest.wrong_type {"],
    ["another name", changed(["contract_name"], "Other"), 'manifest.not_allowed "Other"'],
    ["an approved status", changed(["status"], "approved"), 'import.contract_locked "approved"'],
    ["a decided firearm", changed([...AT, "requires_firearm"], true), "import.contract_locked true"],
    ["a chosen firearm", changed([...AT, "firearm_type_id"], "pen"), 'import.contract_locked "pen"'],
    ["a mapped metric", changed(["sections", "kpi", "metric_mappings"], [{}]), "import.contract_locked ["],
    ["a budget", changed(["sections", "budgets", "budget_metrics"], ["x"]), "import.contract_locked ["],
    ["a scope twice", changed(AT.slice(0, 3), [scope("a"), scope("a")]), 'scope.duplicate "a"'],
    ["a slug with dots", changed(["provider_slug"], "../up"), 'manifest.bad_format "../up"'],
    [
      "a device",
      `${changed(["provider_slug"], "con")}`.replace('"acme-shop"', '"con"'),
      'folder.reserved_name "con"',
    ],
    ["another slug below", changed([...UTM, "provider_slug"], "x"), 'manifest.slug_mismatch "x"'],
    ["an unknown variable", changed([...UTM, "pattern_structure"], "{x}"), 'utm.unknown_variable "{x}"'],
    [
      "a variable twice",
      changed([...UTM, "allowed_variables"], ["medium", "campaign", "content", "term", "term"]),
      'list.duplicate "term"',
    ],
    ["two ways at once", changed(["sections", "byok", "byok_only"], true), "manifest.not_allowed {"],
    ["no way at all", changed(["sections", "byok", "oauth_only"], false), "manifest.not_allowed {"],
    ["a rule that names nothing", changed(RULE, "x"), 'manifest.naming_rule "x"'],
    ["a link with a password", changed(LINKS, [SECRET_LINK]), `manifest.secret_field "${SECRET_LINK}"`],
  ])("%s", async (_, contract, fault) => {
    expect(await faults(contract)).toEqual([fault]);
  });

  it("is told all at once, with a hint", async () => {
    const contract = { ...GOD_CONFIG, provider_slugg: "acme", status: "approved", notes: "none" };
    const { diagnostics } = await importContract(bytes(JSON.stringify(contract, null, 2)), { file: FILE });
    expect(diagnostics.map(({ code }) => code)).toEqual([
      "import.contract_locked",
      "manifest.wrong_type",
      "manifest.unknown_key",
    ]);
    expect(diagnostics[2]).toMatchObject({ file: FILE, hint: "Did you mean provider_slug?" });
  });

  it.each([
    ["nothing", "", "import.not_json "],
    ["YAML", "contract_name: x", "import.not_json c"],
    ["a comma too many", '{\n  "a": 1,\n}', "import.not_json }"],
    ["a page", "<!doctype html>", "import.not_json <"],
    ["a mark of byte order", "\ufeff{}", "file.byte_order_mark \ufeff"],
    ["a key twice", '{"a": 1, "a": 2}', 'yaml.duplicate_key "a"'],
    ["a key of every object", '{"__proto__": {}}', 'yaml.forbidden_key "__proto__"'],
    ["nesting without end", `${"[".repeat(5000)}${"]".repeat(5000)}`, "yaml.too_deep ["],
  ])("is refused within moments: %s", async (_, text, fault) => {
    expect(await faults(text)).toContain(fault);
  });

  it("is refused where it is not UTF-8", async () => {
    const { diagnostics } = await importContract(new Uint8Array([0x7b, 0xff, 0x7d]), { file: FILE });
    expect(diagnostics.map(({ code }) => code)).toEqual(["file.not_utf8"]);
  });
});

function scope(name: string): JsonObject {
  return { scope_name: name, scope_type: "", description: "", requires_firearm: false, firearm_type_id: "" };
}

describe("what people have filled in, and no manifest holds", () => {
  it("is named in the report, one line each", async () => {
    const key = { name_example: "ACME_TOKEN", description: "The tenant's own" };
    const contract = structuredClone(GOD_CONFIG);
    const account = {
      ...contract.sections.dev_account,
      system_dev_username: "dev",
      tenant_owned_keys: [key],
    };
    const sections = { ...contract.sections, dev_account: account };
    const { imported } = await importContract(
      bytes(JSON.stringify({ ...contract, sections, notes: ["Ask for access."] })),
      { file: FILE },
    );
    expect(imported?.report.notCarried.map(({ where, what }) => `${where} ${what}`)).toEqual([
      'sections.dev_account.system_dev_username system_dev_username: "dev"',
      `sections.dev_account.tenant_owned_keys.0 ${JSON.stringify(key)}`,
      'notes.0 "Ask for access."',
    ]);
  });

  it("is not what a blank row of the form leaves", async () => {
    const contract = structuredClone(GOD_CONFIG);
    const account = {
      ...contract.sections.dev_account,
      tenant_owned_keys: [{ name_example: "", description: "" }],
    };
    const filled = { ...contract, sections: { ...contract.sections, dev_account: account } };
    const { imported } = await importContract(bytes(JSON.stringify(filled)), { file: FILE });
    expect(imported?.report.notCarried).toEqual([]);
  });

  it("takes another slug", async () => {
    const { imported } = await importContract(bytes(contractText(ACME)), { file: FILE, slug: "other" });
    expect(imported?.slug).toBe("other");
    await expect(
      importContract(bytes(contractText(ACME)), { file: FILE, slug: "../up" }),
    ).rejects.toMatchObject({
      code: "import.slug",
    });
  });
});
