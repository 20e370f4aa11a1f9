import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../src/base/index.ts";
import { documentOf, makeWorkbench } from "./workbench.ts";

const bench = makeWorkbench();
const array: JsonObject = { type: "array", items: { type: "string" } };
const object: JsonObject = { type: "object", properties: { a: { type: "string" } } };
const query = (name: string, schema: JsonObject, more: JsonObject = {}): JsonObject => ({
  name,
  in: "query",
  schema,
  ...more,
});
const header = (name: string, more: JsonObject = {}): JsonObject => ({
  name,
  in: "header",
  schema: { type: "string" },
  ...more,
});
const id: JsonObject = { name: "id", in: "path", required: true, schema: { type: "string" } };

/** The tool of a document's only operation. */
async function only(operation: JsonObject, at?: string, method?: string) {
  const back = await bench.importDocument(documentOf(operation, {}, at, method));
  const [tool] = back.manifest.tools;
  if (tool?.rest == null) throw new Error("no tool with a request");
  return { ...back, only: tool, rest: tool.rest };
}

describe("parameters", () => {
  it("go where they say, under arguments of their own names", async () => {
    const { rest, only: tool } = await only({
      parameters: [id, query("q", { type: "string" }, { required: true }), header("X-Trace")],
    });
    expect(rest).toMatchObject({
      method: "GET",
      path: "/things/{{ params.id }}",
      query: { q: "{{ params.q }}" },
      headers: { "X-Trace": "{{ params.X_Trace }}" },
    });
    expect(tool.input).toMatchObject({ required: ["id", "q"], additionalProperties: false });
  });

  it("of one name in several places become different arguments", async () => {
    const { rest, only: tool } = await only({
      parameters: [query("id", { type: "integer" }), header("id"), id],
    });
    expect(rest.path).toBe("/things/{{ params.id }}");
    expect(rest.query).toEqual({ id: "{{ params.query_id }}" });
    expect(rest.headers).toEqual({ id: "{{ params.header_id }}" });
    expect(tool.input.properties).toMatchObject({ id: { type: "string" }, query_id: { type: "integer" } });
  });

  it("with names that no argument may have get near ones", async () => {
    const names = [
      "page[size]",
      "per-page",
      "2nd",
      "größe",
      "constructor",
      "__proto__",
      "toString",
      "名前",
      "a".repeat(80),
    ];
    const {
      rest,
      only: tool,
      lost,
    } = await only({ parameters: names.map((name) => query(name, { type: "string" })) });
    const kept = names.filter((name) => name !== "constructor" && name !== "__proto__");
    expect(Object.keys(rest.query).sort()).toEqual(kept.sort());
    const given = Object.keys(tool.input.properties ?? {});
    expect(given).toEqual(expect.arrayContaining(["page_size", "per_page", "_2nd", "gro_e", "toString"]));
    for (const name of given) expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/);
    expect(lost.filter((line) => /constructor|__proto__/.test(line))).toHaveLength(2);
  });

  it("of a path are replaced by those of the operation", async () => {
    const document = documentOf({ parameters: [query("q", { type: "integer" })] });
    const paths = document.paths as { [path: string]: JsonObject };
    const item = paths["/things/{id}"];
    if (item !== undefined) item.parameters = [query("q", { type: "string" }), id];
    const { tool } = await bench.importDocument(document);
    expect(tool("the_thing").input.properties).toEqual({ id: { type: "string" }, q: { type: "integer" } });
  });

  it("that a path names and nobody declares are texts", async () => {
    const { only: tool, lost } = await only({}, "/a/{b}/{c}");
    expect(tool.input).toMatchObject({ properties: { b: { type: "string" }, c: {} }, required: ["b", "c"] });
    expect(lost).toContainEqual(expect.stringContaining("GET /a/{b}/{c}: what the path parameter b is"));
  });

  it("that can be one thing only are written out", async () => {
    const { rest, only: tool } = await only({
      parameters: [id, header("X-Target", { required: true, schema: { type: "string", enum: ["A.B"] } })],
    });
    expect(rest.headers).toEqual({ "X-Target": "A.B" });
    expect(Object.keys(tool.input.properties ?? {})).toEqual(["id"]);
  });

  it.each([
    ["cookie", { name: "theme", in: "cookie", schema: { type: "string" } }, "no cookies"],
    ["Accept", header("Accept"), "whoever sends the request sets it"],
    ["X-HTTP-Method-Override", header("X-HTTP-Method-Override"), "is what it says it is"],
  ])("that a request can't carry are reported: %s", async (_, parameter, why) => {
    const { only: tool, lost } = await only({ parameters: [id, parameter] });
    expect(Object.keys(tool.input.properties ?? {})).toEqual(["id"]);
    expect(lost).toContainEqual(expect.stringContaining(why));
  });

  it.each<[string, JsonObject, string | undefined]>([
    ["form, exploded", query("f", array), undefined],
    ["form, not exploded", query("f", array, { explode: false }), "comma"],
    ["spaces", query("f", array, { style: "spaceDelimited", explode: false }), "space"],
    ["pipes", query("f", array, { style: "pipeDelimited", explode: false }), "pipe"],
    ["deep objects", query("f", object, { style: "deepObject", explode: true }), "deep_object"],
    ["JSON", { name: "f", in: "query", content: { "application/json": { schema: object } } }, "json"],
    ["a single value", query("f", { type: "string" }, { explode: false }), undefined],
  ])("in a query keep their style: %s", async (_, parameter, style) => {
    const { rest } = await only({ parameters: [id, parameter] });
    expect(rest.query).toEqual({ f: "{{ params.f }}" });
    expect(rest.query_styles).toEqual(style === undefined ? {} : { f: style });
  });

  it.each([
    ["label", ".{{ params.id }}"],
    ["matrix", ";id={{ params.id }}"],
    ["simple", "{{ params.id }}"],
  ])("in a path keep their style: %s", async (style, written) => {
    const { rest } = await only({ parameters: [{ ...id, style }] });
    expect(rest.path).toBe(`/things/${written}`);
  });
});

describe("paths", () => {
  it.each([
    ["/a?b=c&d={d}#e", "/a", { b: "c", d: "{{ params.d }}" }],
    ["a/b", "/a/b", {}],
    ["/a b/ü/{x}}", "/a%20b/%C3%BC/{{ params.x }}%7D", {}],
    ["/a/{+x}:do", "/a/{{ params.x }}:do", {}],
    ["/../.%2E/etc/./{x}", "/etc/{{ params.x }}", {}],
  ])("%s", async (at, path, fields) => {
    const parameters = ["d", "x"]
      .filter((name) => at.includes(`{${name}}`) || at.includes(`{+${name}}`))
      .map((name) => ({
        name,
        in: name === "d" ? "query" : "path",
        required: true,
        schema: { type: "string" },
      }));
    const { rest } = await only({ parameters }, at);
    expect(rest).toMatchObject({ path, query: fields });
  });
});

describe("bodies", () => {
  const body = (content: JsonObject, more: JsonObject = {}): JsonObject => ({
    requestBody: { content, ...more },
  });
  const schema: Json = {
    type: "object",
    properties: {
      name: { type: "string" },
      tags: array,
      meta: object,
      photo: { type: "string", format: "binary" },
    },
  };

  it("are one argument", async () => {
    const operation = body(
      { "application/json": { schema: object } },
      { required: true, description: "A thing." },
    );
    const { rest, only: tool } = await only({ parameters: [id], ...operation }, undefined, "put");
    expect(rest).toMatchObject({ method: "PUT", body: "{{ params.body }}", encoding: "json", headers: {} });
    expect(tool.input).toMatchObject({
      properties: { body: { type: "object", description: "A thing." } },
      required: ["id", "body"],
    });
  });

  it("leave their argument's name to nobody else", async () => {
    const operation = {
      parameters: [id, query("body", { type: "string" })],
      ...body({ "application/json": {} }),
    };
    const { rest } = await only(operation, undefined, "post");
    expect(rest).toMatchObject({ query: { body: "{{ params.query_body }}" }, body: "{{ params.body }}" });
  });

  it.each([
    ["application/vnd.api+json", "json", { "content-type": "application/vnd.api+json" }],
    ["*/*", "json", {}],
    ["application/x-www-form-urlencoded", "form", {}],
    ["multipart/form-data", "multipart", {}],
    ["text/csv", "text", { "content-type": "text/csv" }],
    ["application/xml", "text", { "content-type": "application/xml" }],
    ["image/png", "binary", { "content-type": "image/png" }],
  ])("are sent as %s", async (type, encoding, headers) => {
    const { rest } = await only({ parameters: [id], ...body({ [type]: { schema } }) }, undefined, "post");
    expect(rest).toMatchObject({ encoding, headers });
  });

  it("that may be several things are the one an agent writes best", async () => {
    const content = {
      "application/xml": { schema },
      "application/json": { schema },
      "multipart/form-data": { schema },
    };
    const { rest, lost } = await only({ parameters: [id], ...body(content) }, undefined, "post");
    expect(rest.encoding).toBe("json");
    expect(lost).toContainEqual(expect.stringContaining("a body of application/xml, multipart/form-data"));
  });

  it("of forms say what is a file, and how lists and maps are written", async () => {
    const encoding = { tags: { style: "pipeDelimited", explode: false } };
    const multipart = body({ "multipart/form-data": { schema, encoding } });
    const { rest, only: tool } = await only({ parameters: [id], ...multipart }, undefined, "post");
    expect(rest).toMatchObject({ files: ["photo"], body_styles: { tags: "pipe", meta: "json" } });
    expect(tool.input).toMatchObject({
      properties: { body: { properties: { photo: { type: "string", contentEncoding: "base64" } } } },
    });
  });

  it("are not sent by a GET", async () => {
    const { rest, lost } = await only({ parameters: [id], ...body({ "application/json": {} }) });
    expect(rest.body).toBeNull();
    expect(lost).toContainEqual("GET /things/{id}: the body: a GET carries none");
  });
});

describe("Swagger 2.0", () => {
  const swagger = (parameters: Json[], more: JsonObject = {}): JsonObject => ({
    swagger: "2.0",
    info: { title: "Acme", version: "1" },
    host: "api.acme.example",
    basePath: "/v1/",
    schemes: ["http", "https"],
    paths: { "/things": { post: { operationId: "makeThing", parameters, responses: {}, ...more } } },
    definitions: { Thing: { type: "object", properties: { next: { $ref: "#/definitions/Thing" } } } },
  });

  it("has its server in parts", async () => {
    const { manifest } = await bench.importDocument(swagger([]));
    expect(manifest.base_url).toBe("https://api.acme.example/v1");
  });

  it.each([
    [undefined, { ids: "comma" }],
    ["csv", { ids: "comma" }],
    ["ssv", { ids: "space" }],
    ["tsv", { ids: "tab" }],
    ["pipes", { ids: "pipe" }],
    ["multi", {}],
  ])("writes lists as collectionFormat says: %s", async (collectionFormat, styles) => {
    const parameter: JsonObject = { name: "ids", in: "query", ...array };
    const { tool } = await bench.importDocument(
      swagger([collectionFormat === undefined ? parameter : { ...parameter, collectionFormat }]),
    );
    expect(tool("make_thing").rest?.query_styles).toEqual(styles);
    expect(tool("make_thing").input.properties).toEqual({ ids: array });
  });

  it("has bodies and forms among its parameters", async () => {
    const whole = await bench.importDocument(
      swagger([{ name: "thing", in: "body", required: true, schema: { $ref: "#/definitions/Thing" } }]),
    );
    expect(whole.tool("make_thing").input.properties).toEqual({ body: { $ref: "#/schemas/Thing" } });
    expect(whole.manifest.schemas.Thing).toMatchObject({ properties: { next: { $ref: "#/schemas/Thing" } } });
    const form = await bench.importDocument(
      swagger([
        { name: "name", in: "formData", type: "string", required: true },
        { name: "photo", in: "formData", type: "file" },
      ]),
    );
    expect(form.tool("make_thing").rest).toMatchObject({ encoding: "multipart", files: ["photo"] });
    expect(form.tool("make_thing").input).toMatchObject({
      properties: { body: { properties: { name: { type: "string" } }, required: ["name"] } },
      required: ["body"],
    });
  });
});

describe("OpenAPI 3.2", () => {
  const document: JsonObject = {
    openapi: "3.2.0",
    info: { title: "Acme", version: "1" },
    servers: [{ url: "https://api.acme.example" }],
    paths: {
      "/things": {
        query: { requestBody: { content: { "application/json": { schema: object } } } },
        additionalOperations: { COPY: { summary: "Copy all" }, purge: { summary: "Purge all" } },
      },
      "/whole": {
        get: {
          parameters: [
            {
              name: "filter",
              in: "querystring",
              content: { "application/x-www-form-urlencoded": { schema: object } },
            },
          ],
        },
      },
    },
  };

  it("has more methods", async () => {
    const { manifest, tool, lost } = await bench.importDocument(document);
    const methods = manifest.tools.map(({ name, rest }) => `${name} ${rest?.method}`);
    expect(methods).toEqual([
      "copy_things COPY",
      "get_whole GET",
      "purge_things PURGE",
      "query_things QUERY",
    ]);
    expect(tool("query_things")).toMatchObject({
      side_effecting: false,
      rest: { body: "{{ params.body }}" },
    });
    expect(tool("purge_things")).toMatchObject({ side_effecting: true, destructive: true });
    expect(lost).toContainEqual(expect.stringContaining("it is sent as PURGE"));
  });

  it("has whole query strings, whose fields are sent one by one", async () => {
    const { tool } = await bench.importDocument(document);
    expect(tool("get_whole").rest?.query).toEqual({ a: "{{ params.filter.a }}" });
  });

  it("is not older than its methods", async () => {
    const { manifest } = await bench.importDocument({ ...document, openapi: "3.1.0" });
    expect(manifest.tools.map(({ name }) => name)).toEqual(["get_whole"]);
  });
});
