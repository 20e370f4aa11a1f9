import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/base/index.ts";
import { documentOf, makeWorkbench } from "./workbench.ts";

const bench = makeWorkbench();
const json = (schema: JsonObject): JsonObject => ({ content: { "application/json": { schema } } });
const post = (operation: JsonObject, more: JsonObject = {}): JsonObject =>
  documentOf(operation, more, "/things", "post");
const query = (name: string, more: JsonObject): JsonObject => ({
  name,
  in: "query",
  schema: { type: "string" },
  ...more,
});

describe("references with words of their own beside them", () => {
  const components = {
    parameters: {
      A: { $ref: "#/components/parameters/B", description: "Said at A." },
      B: query("b", { description: "Said at B." }),
    },
    requestBodies: {
      Q: { $ref: "#/components/requestBodies/R", description: "Said at Q." },
      R: { required: true, ...json({ type: "object" }) },
    },
    securitySchemes: {
      K: { $ref: "#/components/securitySchemes/L", description: "Said at K." },
      L: { type: "apiKey", in: "header", name: "X-Key" },
    },
    mediaTypes: { J: { schema: { type: "object", properties: { a: { type: "string" } } } } },
  };

  it("are followed from one to the next, for parameters, bodies and security schemes", async () => {
    const operation = {
      parameters: [{ $ref: "#/components/parameters/A" }],
      requestBody: { $ref: "#/components/requestBodies/Q" },
      security: [{ K: [] }],
    };
    const { manifest, tool } = await bench.importDocument(post(operation, { openapi: "3.1.0", components }));
    expect(tool("the_thing").input).toMatchObject({
      properties: { b: { description: "Said at A." }, body: { type: "object", description: "Said at Q." } },
      required: ["body"],
    });
    expect(manifest.auth).toMatchObject({ type: "api_key", name: "X-Key" });
  });

  it("that lead in a circle are noted", async () => {
    const parameters = {
      A: { $ref: "#/components/parameters/B", description: "x" },
      B: { $ref: "#/components/parameters/A", description: "y" },
    };
    const operation = { parameters: [{ $ref: "#/components/parameters/A" }] };
    const { lost } = await bench.importDocument(post(operation, { components: { parameters } }));
    expect(lost).toContain(
      'POST /things: the parameter A: "#/components/parameters/A" is outside the document, or nothing',
    );
  });

  it("lead from one path item to the next, and end where they lead in a circle", async () => {
    const paths = {
      "/a": { $ref: "#/components/pathItems/X", post: { operationId: "own" } },
      "/b": { $ref: "#/paths/~1c", summary: "B" },
      "/c": { $ref: "#/paths/~1b", summary: "C" },
    };
    const pathItems = {
      X: { $ref: "#/components/pathItems/Y", summary: "X" },
      Y: { get: { operationId: "far" }, post: { operationId: "hidden" }, summary: "Y" },
    };
    const document = documentOf({}, { openapi: "3.1.0", paths, components: { pathItems } });
    const { manifest, lost } = await bench.importDocument(document);
    expect(manifest.tools.map(({ name, title }) => [name, title])).toEqual([
      ["far", "X"],
      ["own", "X"],
    ]);
    expect(lost.filter((line) => line.includes("which is not read"))).toHaveLength(2);
  });

  it("lead to shared media types of 3.2", async () => {
    const content = { "application/json": { $ref: "#/components/mediaTypes/J" } };
    const { tool } = await bench.importDocument(
      post({ requestBody: { content } }, { openapi: "3.2.0", components }),
    );
    expect(tool("the_thing").input).toMatchObject({
      properties: { body: { properties: { a: { type: "string" } } } },
    });
  });
});

describe("bodies", () => {
  it.each([
    ["image/*", "binary", "application/octet-stream"],
    ["text/*", "text", "text/plain"],
  ])("of a range such as %s are sent as something", async (type, encoding, sent) => {
    const { tool, lost } = await bench.importDocument(post({ requestBody: { content: { [type]: {} } } }));
    expect(tool("the_thing").rest).toMatchObject({ encoding, headers: { "content-type": sent } });
    expect(lost).toContain(`POST /things: a body of ${type}: it is sent as ${sent}`);
  });

  it("of several parts name their files as 3.1 does, and what a part can't say", async () => {
    const properties = {
      pic: { type: "string", contentMediaType: "image/png" },
      text: { type: "string", contentMediaType: "image/png", contentEncoding: "base64" },
      any: {},
      doc: { type: "string" },
    };
    const encoding = {
      any: { contentType: "image/jpeg" },
      doc: { contentType: "text/csv", headers: { "X-Part": { schema: { type: "string" } } } },
    };
    const content = { "multipart/form-data": { schema: { type: "object", properties }, encoding } };
    const { tool, lost } = await bench.importDocument(post({ requestBody: { content } }));
    expect(tool("the_thing").rest?.files).toEqual(["any", "pic"]);
    expect(tool("the_thing").input).toMatchObject({
      properties: { body: { properties: { pic: { contentEncoding: "base64" } } } },
    });
    expect(lost).toContain("POST /things: the type text/csv of the part doc: it is sent as text, or as JSON");
    expect(lost).toContain("POST /things: the headers X-Part of the part doc: a part has none of its own");
  });

  it("of a stream of items say so", async () => {
    const content = { "application/jsonl": { itemSchema: { type: "object" } } };
    const { lost } = await bench.importDocument(post({ requestBody: { content } }, { openapi: "3.2.0" }));
    expect(lost).toContain(
      "POST /things: what each item of the body is: it is given as the text of application/jsonl",
    );
  });
});

describe("parameters say what of them is lost", () => {
  it.each([
    [
      "reserved characters",
      query("r", { allowReserved: true }),
      "reserved characters of the parameter r: they are written as %XX",
    ],
    [
      "JSON in a header",
      { name: "X-J", in: "header", content: { "application/json": { schema: { type: "object" } } } },
      "the parameter X-J as application/json: a header has text",
    ],
    [
      "a field of a query string",
      {
        name: "all",
        in: "querystring",
        content: {
          "application/x-www-form-urlencoded": {
            schema: { type: "object", properties: { a: {}, "b-c": {} } },
          },
        },
      },
      "the querystring parameter b-c: a template can't name it, or it is there already",
    ],
  ])("%s", async (_, parameter, line) => {
    const { lost } = await bench.importDocument(post({ parameters: [parameter] }, { openapi: "3.2.0" }));
    expect(lost).toContain(`POST /things: ${line}`);
  });
});

describe("servers and URLs", () => {
  it("may have a port that is a variable", async () => {
    const variables = {
      region: { default: "eu", enum: ["eu", "us"] },
      port: { default: "443", enum: ["443", "8443"] },
    };
    const servers = [
      { url: "https://{region}.acme.example:{port}/v2", variables },
      { url: "https://other.example" },
    ];
    const { manifest, lost } = await bench.importDocument(documentOf({}, { servers }));
    expect(manifest.base_url).toBe("https://{{account.region}}.acme.example:443/v2");
    expect(lost).toContain("servers: the values 443, 8443 of port: base_url has 443");
  });

  it.each([
    ["https://api.acme.example", "https://api.acme.example/v1"],
    ["//api.acme.example:8443", "https://api.acme.example:8443/v1"],
    ["://api.acme.example", "https://{{account.host}}"],
  ])("of Swagger 2.0 may have a scheme in the host: %s", async (host, base) => {
    const document = { swagger: "2.0", info: { title: "Acme" }, host, basePath: "/v1", paths: {} };
    expect((await bench.importDocument(document)).manifest.base_url).toBe(base);
  });

  it.each([
    ["/oauth/token", "https://api.acme.example/oauth/token"],
    ["token", "https://api.acme.example/v1/token"],
    ["//id.acme.example/token", "https://id.acme.example/token"],
  ])("of tokens may count from the API's: %s", async (tokenUrl, whole) => {
    const flows = { clientCredentials: { tokenUrl, scopes: { read: "Read." } } };
    const components = { securitySchemes: { O: { type: "oauth2", flows } } };
    const { manifest } = await bench.importDocument(
      documentOf({ security: [{ O: ["read"] }] }, { components }),
    );
    expect(manifest.auth).toMatchObject({ type: "oauth2", token_url: whole });
  });
});

describe("sizes that nobody expects", () => {
  it("an enumeration of 60,000 values is left open, at once", async () => {
    const values = Array.from({ length: 60_000 }, (_, index) => `v${index}`);
    const start = performance.now();
    const { tool, lost } = await bench.importDocument(
      post({ parameters: [query("e", { schema: { type: "string", enum: values } })] }),
    );
    expect(performance.now() - start).toBeLessThan(2000);
    expect(tool("the_thing").input).toMatchObject({ properties: { e: { type: "string" } } });
    expect(lost.join()).toContain("a list of 60000 helps nobody to choose");
  });

  it("a tool that fills a file by itself is kept, with open arguments", async () => {
    const fields = Array.from({ length: 9000 }, (_, index) => [
      `field_number_${index}`,
      { type: "string", maxLength: index },
    ]);
    const body = {
      required: true,
      description: "Big.",
      ...json({ type: "object", properties: Object.fromEntries(fields) }),
    };
    const { tool, lost } = await bench.importDocument(post({ requestBody: body }));
    expect(tool("the_thing").input).toMatchObject({
      properties: { body: { description: "Big." } },
      required: ["body"],
    });
    expect(lost).toContain(
      "the_thing: what the arguments are made of: the tool alone is more than a file may hold",
    );
  });
});

it("a tool that no file can hold is told, and not counted", async () => {
  const parameters = Array.from({ length: 9000 }, (_, index) => query(`parameter_number_${index}`, {}));
  const { imported, manifest, lost } = await bench.importDocument(
    documentOf({ parameters }, {}, "/things", "get"),
  );
  expect([imported.report.carried.operations, imported.report.carried.tools]).toEqual([1, 0]);
  expect(manifest.tools).toEqual([]);
  expect(lost).toContain("tools: the tool the_thing: it alone is more than a file may hold");
});

it("3,000 arguments with long descriptions are kept without them", async () => {
  const parameters = Array.from({ length: 3000 }, (_, index) =>
    query(`p${index}`, { description: "d".repeat(200) }),
  );
  const { tool } = await bench.importDocument(documentOf({ parameters }, {}, "/things", "get"));
  expect(Object.keys(Object(tool("the_thing").input.properties))).toHaveLength(3000);
});

it("a name without a letter of ours is no verb", async () => {
  const { manifest } = await bench.importDocument(documentOf({ operationId: "取得" }, {}, "/日本/{名前}"));
  expect(manifest.tools[0]?.capability).toBe("api.read");
});

it("a summary ends where a paragraph does, also where its end is only spelt", async () => {
  const info = { title: "Acme", version: "1", description: "Finds trains.\\n\\nMore of it." };
  const { manifest } = await bench.importDocument(documentOf({}, { info }));
  expect(manifest.summary).toBe("Finds trains.");
});

it("a nullable oneOf may be null", async () => {
  const schema = { type: "object", properties: { h: { nullable: true, oneOf: [{ type: "string" }] } } };
  const { tool } = await bench.importDocument(post({ requestBody: json(schema) }));
  expect(tool("the_thing").input).toMatchObject({
    properties: {
      body: { properties: { h: { anyOf: [{ oneOf: [{ type: "string" }] }, { type: "null" }] } } },
    },
  });
});

it.each([
  [{ tags: ["pets", "users"] }, "Tags here: pets, users."],
  [{}, 'There are no tags; a path here is "/things/{id}".'],
])("a choice of nothing is refused, with what could be chosen", async (operation, hint) => {
  const document = documentOf(operation);
  await expect(bench.importDocument(document, { include: ["tag:pest"] })).rejects.toMatchObject({
    code: "import.nothing_chosen",
    hint,
  });
});

it("a choice that names no operation is told", async () => {
  const { lost } = await bench.importDocument(documentOf({ tags: ["pets"] }), { exclude: ["tag:pest"] });
  expect(lost).toContain('document: what "tag:pest" names: no operation has that tag, path or id');
});

describe("scopes that stand where nobody expects them", () => {
  const names = async (document: JsonObject): Promise<string[]> =>
    (await bench.importDocument(document)).manifest.scopes.map(({ name }) => name);
  const flows = { implicit: { authorizationUrl: "https://a.example/a", scopes: { a: "A", "x-b": "B" } } };

  it.each([
    ["a type in another case", { type: "OAuth2", flows }],
    ["a type that is none", { type: "weird", flows }],
    ["no type", { flows }],
    [
      "a scheme that is OpenID Connect",
      { type: "openIdConnect", openIdConnectUrl: "https://a.example/o", flows },
    ],
  ])("are carried over: %s", async (_, scheme) => {
    expect(await names(documentOf({}, { components: { securitySchemes: { S: scheme } } }))).toEqual([
      "a",
      "x-b",
    ]);
  });

  it("are carried over from Swagger 2.0 without a flow, but for extensions", async () => {
    const securityDefinitions = {
      S: { type: "oauth2", scopes: { a: "A", "x-b": "B" } },
      K: { type: "apiKey", in: "query", name: "k", scopes: { c: "C" } },
    };
    const document = {
      swagger: "2.0",
      info: { title: "Acme" },
      host: "a.example",
      paths: {},
      securityDefinitions,
    };
    expect(await names(document)).toEqual(["a", "c"]);
  });

  it("are told where OpenAPI 3 has none", async () => {
    const S = {
      type: "oauth2",
      flow: "implicit",
      authorizationUrl: "https://a.example/a",
      scopes: { a: "A" },
    };
    const { manifest, lost } = await bench.importDocument(
      documentOf({}, { components: { securitySchemes: { S } } }),
    );
    expect(manifest.scopes).toEqual([]);
    expect(lost).toContain("security: the scopes of S: they stand beside flows, not in one");
  });

  it("and are too many for one file with their descriptions, keep their names", async () => {
    const scopes = Object.fromEntries(
      Array.from({ length: 1500 }, (_, index) => [`scope.${index}`, "word ".repeat(100)]),
    );
    const S = { type: "oauth2", flows: { implicit: { authorizationUrl: "https://a.example/a", scopes } } };
    const { manifest, lost } = await bench.importDocument(
      documentOf({}, { components: { securitySchemes: { S } } }),
    );
    expect(manifest.scopes).toHaveLength(1500);
    expect(lost.join()).toMatch(/scopes: the descriptions of scopes after \d+ characters/);
  });
});
