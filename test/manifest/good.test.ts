import { readFileSync } from "node:fs";
import canonicalize from "canonicalize";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../src/base/index.ts";
import { canonicalText } from "../../src/manifest/digest.ts";
import { good, makeTree, SMALLEST } from "./folder.ts";

const tree = makeTree();
const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../fixtures/manifest/${name}`, import.meta.url));
const digestOf = async (text: string, slug = "shopify"): Promise<string> =>
  good(await tree.read(slug, text)).digest;

/** A connector that uses every field. */
const everything = {
  "manifest.yaml": fixture("everything/manifest.yaml"),
  "tools/orders.yaml": fixture("everything/tools/orders.yaml"),
  "service.ts": fixture("everything/service.ts"),
  "icon.svg": fixture("everything/icon.svg"),
};

describe("a good manifest", () => {
  it("may be the smallest of all, and becomes the normal form with every default", async () => {
    const reading = good(await tree.read("shopify", SMALLEST));
    expect(reading.diagnostics).toEqual([]);
    expect(reading.manifest).toMatchObject({
      manifest_version: 1,
      provider_slug: "shopify",
      platform: "all",
      naming_rule: "PROVIDER_{PLATFORM}_{KEY}",
      auth: { type: "none", whoami: null },
      auth_mode: null,
      utm_capabilities: ["email", "social"],
      tools: [],
    });
    expect(reading.manifest.scopes[1]).toEqual({
      name: "write_products",
      type: null,
      category: null,
      description: null,
      requires_firearm: true,
      firearm_type: null,
      source: null,
      since: null,
    });
  });

  it("may use every field", async () => {
    const reading = good(await tree.read("everything", everything));
    expect(reading.diagnostics).toEqual([]);
    expect(reading.manifest).toMatchSnapshot();
    expect(Object.keys(reading.files).sort()).toEqual(["icon.svg", "service.ts"]);
    expect(reading.inputs.map((input) => input.path)).toEqual([
      "icon.svg",
      "manifest.yaml",
      "service.ts",
      "tools/orders.yaml",
    ]);
  });

  it("may have schemas and tools in files of tools", async () => {
    const rest = 'rest: {method: GET, url: "https://a.example"}';
    const input = '{type: object, properties: {a: {$ref: "#/schemas/A"}}}';
    const { manifest } = good(
      await tree.read("shopify", {
        "manifest.yaml": SMALLEST,
        "tools/a.yaml": `schemas: {A: {$ref: "#/schemas/B"}}\ntools:\n- name: one\n  input: ${input}\n  ${rest}\n`,
        "tools/b.yaml": "schemas: {B: {type: string}}\n",
        "tools/c.yaml": `- name: two\n  ${rest}\n`,
      }),
    );
    expect(manifest.schemas).toEqual({ A: { $ref: "#/schemas/B" }, B: { type: "string" } });
    expect(manifest.tools.map(({ name }) => name)).toEqual(["one", "two"]);
  });

  it("says where provider_slug and version stand", async () => {
    const { positions } = good(await tree.read("everything", everything));
    expect(positions.provider_slug).toEqual({ line: 4, column: 16, end_line: 4, end_column: 26 });
    expect(positions.version).toMatchObject({ line: 7, column: 10 });
  });

  it.each([
    ["auth: bearer", { type: "bearer" }, "byok"],
    ["auth: {type: basic}", { type: "basic" }, "byok"],
    ["auth: {basic: {}}", { type: "basic" }, "byok"],
    [
      "auth: {type: api_key, name: X-Key}",
      { type: "api_key", in: "header", name: "X-Key", prefix: "" },
      "byok",
    ],
    ["auth: {api_key: {in: query, name: key}}", { type: "api_key", in: "query", name: "key" }, "byok"],
    [
      'auth: {oauth2: {authorization_url: "https://a.example/o", token_url: "https://a.example/t", scopes: [b, a]}}',
      { type: "oauth2", grant: "authorization_code", pkce: true, scopes: { default: ["a", "b"] } },
      "oauth",
    ],
    [
      "auth: {oauth2: {grant: client_credentials, token_url: 'https://{{ account.shop }}.a.example/t'}}",
      { type: "oauth2", token_url: "https://{{ account.shop }}.a.example/t" },
      "oauth",
    ],
    [
      "auth: {type: local_path, file_extensions: [.db]}",
      { type: "local_path", file_extensions: [".db"] },
      null,
    ],
    [
      "auth: {type: keys, keys: [{name: TOKEN}, {name: APP_ID, description: Of the app., optional: true}]}",
      {
        type: "keys",
        keys: [
          { name: "APP_ID", description: "Of the app.", optional: true },
          { name: "TOKEN", description: null, optional: false },
        ],
      },
      "byok",
    ],
    ["auth: {keys: {keys: [{name: A}]}}", { type: "keys", keys: [{ name: "A" }] }, "byok"],
    ["auth: none", { type: "none" }, null],
  ])("takes %s", async (line, auth, mode) => {
    const { manifest } = good(await tree.read("shopify", `${SMALLEST}${line}\n`));
    expect(manifest.auth).toMatchObject(auth);
    expect(manifest.auth_mode).toBe(mode);
  });

  it.each(["100", '"100"'])("takes %s for a limit of free testing", async (limit) => {
    const text = `${SMALLEST}oauth_marketplace: {free_testing_limit: ${limit}}\n`;
    const { manifest } = good(await tree.read("shopify", text));
    expect(manifest.oauth_marketplace?.free_testing_limit).toBe("100");
  });

  it("binds an SQL parameter to the field of the input that has its name", async () => {
    const tool = `tools:
  - name: find
    input: {type: object, properties: {id: {type: string}}}
    sql: {database: local_path, query: "SELECT * FROM t WHERE id = :id AND n = ':no'"}
`;
    const { manifest } = good(await tree.read("shopify", SMALLEST + tool));
    expect(manifest.tools[0]?.sql?.params).toEqual({ id: "{{ params.id }}" });
  });
});

describe("what differs between calls", () => {
  const read = async (lines: string) =>
    good(await tree.read("shopify", `${SMALLEST}tools:\n  - name: t\n${lines}`)).manifest.tools[0];

  it("reaches a script as arguments, so that lists of lists may stand in it", async () => {
    const tool = await read(`    input: {type: object, properties: {id: {type: string}}}
    applescript: {script: "on run {a}\\nreturn {{1, 2}, {a, 4}}\\nend run", args: ["{{ params.id }}"]}
`);
    expect(tool?.applescript).toEqual({
      script: "on run {a}\nreturn {{1, 2}, {a, 4}}\nend run",
      args: ["{{ params.id }}"],
      response: null,
    });
  });

  it("may be a whole query, in a file that is the same for all", async () => {
    const tool = await read(`    input: {type: object, properties: {sql: {type: string}}}
    sql: {file: ~/Library/*/a b.db, query_field: sql}
`);
    expect(tool?.sql).toMatchObject({
      database: "local_path",
      file: "~/Library/*/a b.db",
      query: null,
      query_field: "sql",
      params: {},
    });
  });
});

describe("the digest", () => {
  it("is taken of the RFC 8785 form, whatever the keys", () => {
    const key = fc.oneof(
      fc.string(),
      fc.constantFrom("__proto__", "constructor", "10", "9", "a10", "toJSON"),
    );
    const { json } = fc.letrec<{ json: Json }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<Json>(null, true, false, 0, -0, 1e21, 0.1, 1e-7),
        fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
        fc.array(tie("json"), { maxLength: 4 }),
        fc.dictionary(key, tie("json"), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(json, (value) => canonicalText(value) === canonicalize(value)),
      { numRuns: 1000 },
    );
  });

  it("is that of the content, which stands here so that a change of it is seen", async () => {
    expect(await digestOf(SMALLEST)).toBe("8457601509e551163364bfaf42e8d645eec7c9fe66730db928546dac78e2ed5a");
  });

  it.each([
    ["comments", `# hello\n${SMALLEST.replaceAll("\n", " # x\n")}`],
    ["CRLF", SMALLEST.replaceAll("\n", "\r\n")],
    [
      "the order of keys",
      SMALLEST.split(/(?=^\w)/m)
        .toReversed()
        .join(""),
    ],
    ["the order of a set", SMALLEST.replace('  - "email"\n  - "social"', "  - social\n  - email")],
    [
      "defaults that are written out",
      `${SMALLEST}platform: all\nauth: none\ntools: []\nmanifest_version: 1\n`,
    ],
    ["the style of quoting", SMALLEST.replaceAll('"', "")],
  ])("is not changed by %s", async (_, text) => {
    expect(await digestOf(text)).toBe(await digestOf(SMALLEST));
  });

  it.each([
    ["a scope's description", SMALLEST.replace('orders"\n    req', 'all orders"\n    req')],
    ["a firearm", SMALLEST.replace("requires_firearm: false", "requires_firearm: true")],
    ["a new field", `${SMALLEST}summary: Sells.\n`],
    ["an empty utm", `${SMALLEST}utm: {}\n`],
    ["an empty text in static_params", `${SMALLEST}utm: {static_params: {a: ""}}\n`],
  ])("is changed by %s", async (_, text) => {
    expect(await digestOf(text)).not.toBe(await digestOf(SMALLEST));
  });

  it("covers the files that are used, and no others", async () => {
    const before = good(await tree.read("everything", everything)).digest;
    const readme = good(await tree.read("everything", { ...everything, "README.md": "Hello.\n" })).digest;
    const service = `${everything["service.ts"]}\n// more\n`;
    expect(readme).toBe(before);
    expect(good(await tree.read("everything", { ...everything, "service.ts": service })).digest).not.toBe(
      before,
    );
  });
});
