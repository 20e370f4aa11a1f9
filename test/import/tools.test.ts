import { describe, expect, it } from "vitest";
import { type Json, type JsonObject, sha256 } from "../../src/base/index.ts";
import { importOpenapi } from "../../src/import/index.ts";
import { documentOf, makeWorkbench } from "./workbench.ts";

const bench = makeWorkbench();

/** A document of operations, each `METHOD path` with what it says. */
function api(operations: { readonly [identity: string]: JsonObject }): JsonObject {
  const paths: { [path: string]: JsonObject } = {};
  for (const [identity, operation] of Object.entries(operations)) {
    const [method = "", path = ""] = identity.split(" ");
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
  }
  return { openapi: "3.1.0", info: { title: "Acme" }, servers: [{ url: "https://api.acme.example" }], paths };
}

/** The tool of one operation. */
async function toolOf(identity: string, operation: JsonObject = {}) {
  const { manifest } = await bench.importDocument(api({ [identity]: operation }));
  const [tool] = manifest.tools;
  if (tool === undefined) throw new Error("no tool");
  return tool;
}

describe("the name of a tool", () => {
  it.each<[string, string | null, string]>([
    ["GET /pets", "listPets", "list_pets"],
    ["GET /pets", "getHTTPStatusV2", "get_http_status_v2"],
    ["GET /pets", "pets/list-all", "pets_list_all"],
    ["GET /pets", "repoAddTopíc", "repo_add_topic"],
    ["GET /pets", "constructor", "constructor"],
    ["GET /pets/{petId}", null, "get_pets_pet_id"],
    ["GET /pets", "ペット", "get_pets"],
    ["GET /pets", "5476364f031f590f38092507", "get_pets"],
    ["GET /pets", "2things", "get_2things"],
    ["GET /pets", "z".repeat(50), `${"z".repeat(35)}_${sha256("GET /pets").slice(0, 8)}`],
  ])("%s %s", async (identity, operationId, name) => {
    expect((await toolOf(identity, operationId === null ? {} : { operationId })).name).toBe(name);
  });

  const twice = api({
    "GET /a": { operationId: "same" },
    "GET /b": { operationId: "same" },
    "POST /b": { operationId: "Same" },
  });

  it("is one tool's only, whatever the order of the document", async () => {
    const { manifest } = await bench.importDocument(twice);
    const names = Object.fromEntries(
      manifest.tools.map(({ name, rest }) => [`${rest?.method} ${rest?.path}`, name]),
    );
    expect(names).toEqual({
      "GET /a": "same",
      "GET /b": expect.stringMatching(/^same_[0-9a-f]{8}$/),
      "POST /b": expect.stringMatching(/^same_[0-9a-f]{8}$/),
    });
    const reversed = {
      ...twice,
      paths: Object.fromEntries(Object.entries(twice.paths as JsonObject).reverse()),
    };
    const again = await bench.importDocument(reversed);
    expect(again.manifest).toEqual(manifest);
  });

  it("does not depend on which others are asked for", async () => {
    const { manifest } = await bench.importDocument(twice, { exclude: ["path:/a"] });
    for (const { name } of manifest.tools) expect(name).toMatch(/^same_[0-9a-f]{8}$/);
  });
});

describe("what a tool does to the world", () => {
  const READ = { side_effecting: false, destructive: false, idempotent: true };
  const WRITE = { side_effecting: true, destructive: false, idempotent: false };
  it.each<[string, JsonObject, { side_effecting: boolean; destructive: boolean; idempotent: boolean }]>([
    ["GET /pets", {}, READ],
    ["HEAD /pets", {}, READ],
    ["POST /pets", {}, WRITE],
    ["PATCH /pets/1", {}, WRITE],
    ["PUT /pets/1", {}, { ...WRITE, idempotent: true }],
    ["DELETE /pets/1", {}, { side_effecting: true, destructive: true, idempotent: true }],
    ["POST /pets/search", { summary: "Search pets" }, READ],
    ["POST /pets/search", { summary: "Follow a search" }, WRITE],
    ["POST /pets/1/remove", {}, { ...WRITE, destructive: true }],
    ["POST /pets", { description: "This cannot be undone." }, { ...WRITE, destructive: true }],
    ["GET /pets/delete", {}, { ...WRITE, destructive: true }],
    ["GET /pets/1", { operationId: "sendPet" }, WRITE],
    ["GET /pets/1", { summary: "Deletes a pet" }, { ...WRITE, destructive: true }],
    ["GET /updates", { summary: "Updates since a date" }, READ],
    ["GET /posts", {}, READ],
    [
      "POST /pets",
      { parameters: [{ name: "Idempotency-Key", in: "header", schema: { type: "string" } }] },
      { ...WRITE, idempotent: true },
    ],
  ])("%s %j", async (identity, operation, effects) => {
    expect(await toolOf(identity, operation)).toMatchObject(effects);
  });
});

describe("the capability of a tool", () => {
  it.each([
    ["GET /v1/orders", "order.list"],
    ["GET /v1/orders/{id}", "order.read"],
    ["GET /me", "me.read"],
    ["POST /orders", "order.create"],
    ["PATCH /orders/{id}", "order.update"],
    ["DELETE /orders/{id}", "order.delete"],
    ["POST /orders/{id}/cancel", "order.cancel"],
    ["GET /categories.json", "category.list"],
    ["GET /user-groups/{id}/statuses", "status.list"],
    ["GET /", "thing.list"],
  ])("%s is %s", async (identity, capability) => {
    expect((await toolOf(identity, { tags: ["things"] })).capability).toBe(capability);
  });
});

describe("texts", () => {
  const hidden = "\u202eevil\u200b\u{e0041}";
  it.each<[string, string, string]>([
    ["HTML", "<p>One.</p><ul><li>Two</li><li>Three <b>bold</b></li></ul>", "One.\n\n- Two\n\n- Three bold"],
    ["entities", "a &lt; b &amp;&nbsp;c &#8212; d", "a < b & c — d"],
    ["links", '<a href="https://x.example/y">here</a>', "here (https://x.example/y)"],
    ["scripts", "a<script>alert(1)</script><style>p{}</style>b", "ab"],
    ["what only looks like HTML", "Use <your-id>, 1 < 2 and `<p>`.", "Use <your-id>, 1 < 2 and `<p>`."],
    ["elements of the provider's own", "<note>Mind.</note>", "Mind."],
    ["hidden characters", `a${hidden}b`, "aevilb"],
    ["ANSI sequences", "a\u001b[31mred\u001b[0m", "ared"],
    ["line ends", "a\r\nb\rc\n\n\n\nd  ", "a\nb\nc\n\nd"],
  ])("lose %s", async (_, description, text) => {
    expect((await toolOf("GET /a", { description })).description).toBe(text);
  });

  it("that are too long are cut at a word, and this is reported", async () => {
    const long = "wörd ".repeat(100_000);
    const { tool, lost, manifest } = await bench.importDocument({
      ...documentOf({ summary: long, description: long }),
      info: { title: long, description: `First sentence. W${long}` },
    });
    const { title, description } = tool("the_thing");
    expect(title).toMatch(/^(?:wörd )+wörd…$/);
    expect(title?.length).toBeLessThanOrEqual(80);
    expect(description).toMatch(/^(?:wörd )+wörd…$/);
    expect(description?.length).toBeGreaterThan(1980);
    expect(manifest).toMatchObject({
      summary: "First sentence.",
      display_name: expect.stringMatching(/wörd…$/),
    });
    expect(lost.filter((line) => line.includes("the end of a description"))).toHaveLength(2);
  });

  it("that hold what looks like a secret lose it, and this is reported", async () => {
    const secret = `ghp_${"aB3".repeat(12)}`;
    const { imported, lost } = await bench.importDocument(documentOf({ description: `Such as ${secret}.` }));
    expect(JSON.stringify(imported.files)).not.toContain(secret);
    expect(imported.files["manifest.yaml"]).toContain("Such as REDACTED.");
    expect(lost).toContainEqual(expect.stringContaining("what looks like a secret"));
  });

  it("of an operation that says nothing name its request", async () => {
    expect((await toolOf("GET /a")).description).toBe("GET /a.");
  });
});

describe("a selection", () => {
  const document = api({
    "GET /pets": { tags: ["Pets"], operationId: "listPets" },
    "POST /pets": { tags: ["Pets"], operationId: "addPet" },
    "GET /pets/{id}/toys": { tags: ["Toys"], operationId: "listToys" },
    "GET /users": { tags: ["Users"], operationId: "listUsers" },
  });
  it.each<[string, JsonObject, string[]]>([
    ["nothing", {}, ["add_pet", "list_pets", "list_toys", "list_users"]],
    ["a tag", { include: ["tag:pets"] }, ["add_pet", "list_pets"]],
    ["a path", { include: ["path:/pets/**"] }, ["list_toys"]],
    ["a path's part", { include: ["/pet*"] }, ["add_pet", "list_pets"]],
    ["an operation", { include: ["operation:listUsers"] }, ["list_users"]],
    ["all but a tag", { exclude: ["Toys", "tag:users"] }, ["add_pet", "list_pets"]],
    ["a method and path", { include: ["POST /pets"] }, ["add_pet"]],
    ["reads", { readOnly: true }, ["list_pets", "list_toys", "list_users"]],
  ])("by %s", async (_, options, names) => {
    const { manifest, imported } = await bench.importDocument(document, options);
    expect(manifest.tools.map(({ name }) => name)).toEqual(names);
    expect(imported.report.carried).toMatchObject({ operations: 4, tools: names.length });
  });

  it("is needed where a connector can't hold all", async () => {
    const many = api(
      Object.fromEntries(Array.from({ length: 2001 }, (_, n): [string, JsonObject] => [`GET /p${n}`, {}])),
    );
    await expect(bench.importDocument(many)).rejects.toMatchObject({
      code: "import.too_large",
      message: "The document has 2001 operations, and a connector holds 2000 tools.",
    });
  });
});

describe("the folder", () => {
  it("spreads over files what one can't hold, and keeps the list of tools short", async () => {
    const schema: Json = { $ref: "#/components/schemas/S0" };
    const schemas = Object.fromEntries(
      Array.from({ length: 300 }, (_, n) => [
        `S${n}`,
        {
          type: "object",
          description: `${n} `.repeat(400),
          properties: { next: { $ref: `#/components/schemas/S${(n + 1) % 300}` } },
        },
      ]),
    );
    const operations = Array.from({ length: 300 }, (_, n): [string, JsonObject] => [
      `POST /group${n % 3}/p${n}`,
      { description: "word ".repeat(300), requestBody: { content: { "application/json": { schema } } } },
    ]);
    const { imported, manifest, lost } = await bench.importDocument({
      ...api(Object.fromEntries(operations)),
      components: { schemas },
    });
    expect(Object.keys(imported.files).sort()).toEqual(
      expect.arrayContaining(["README.md", "manifest.yaml", "tools/group0.yaml"]),
    );
    for (const text of Object.values(imported.files)) expect(text.length).toBeLessThan(256 * 1024);
    expect(manifest.tools).toHaveLength(300);
    expect(lost).toContainEqual(expect.stringContaining("the list of tools would be too long"));
  });

  it("is the same however often it is made", async () => {
    const document = documentOf({ description: "A thing." });
    const first = await bench.importDocument(document);
    expect((await bench.importDocument(document)).imported).toEqual(first.imported);
  });

  it("has a README with set-up, limitations, what was not carried over, and sources", async () => {
    const { imported } = await bench.importDocument(
      documentOf(
        { callbacks: { done: {} } },
        { components: { securitySchemes: { K: { type: "http", scheme: "basic" } } } },
      ),
      { source: "acme.json" },
    );
    const readme = imported.files["README.md"];
    for (const part of [
      "## Set-up",
      "`PROVIDER_ACME_PASSWORD`",
      "## Known limitations",
      "## Not carried over",
    ]) {
      expect(readme).toContain(part);
    }
    expect(readme).toContain("- the callbacks done (`GET /things/{id}`): ");
    expect(readme).toContain("- OpenAPI 3.0.3 description of Acme, version 1: acme.json");
  });

  it.each([
    ["Swagger Petstore", [], "petstore"],
    ["Slack Web API", [], "slack-web"],
    ["API", [{ url: "https://api.eu.acme.example" }], "acme"],
    ["ペット", [{ url: "https://petshop.example" }], "petshop"],
    ["con", [], "imported-api"],
  ])("is named by title or host: %s", async (title, servers, slug) => {
    const imported = await importOpenapi(JSON.stringify({ ...documentOf({}), info: { title }, servers }));
    expect(imported.slug).toBe(slug);
  });
});
