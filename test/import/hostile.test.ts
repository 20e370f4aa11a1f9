import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Json, type JsonObject, stripHidden, UserError } from "../../src/base/index.ts";
import { importOpenapi } from "../../src/import/index.ts";
import { DATA, documentOf, makeWorkbench } from "./workbench.ts";

const bench = makeWorkbench();
const OPENAPI = 'openapi: 3.0.0\ninfo: {title: Acme}\nservers: [{url: "https://api.acme.example"}]\n';
const yaml = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Whether a text holds anything that can't be seen; line ends are no business of the list. */
const hides = (text: string): boolean => stripHidden(text) !== text;

describe("a text that is no description", () => {
  it.each([
    ["nothing", "", "is empty"],
    ["a word", "hello", "is plain text"],
    ["a page", "<!doctype html><p>Not found</p>", "is an HTML or XML page"],
    ["a list", "[1, 2]", "is a list"],
    ["AsyncAPI", '{"asyncapi": "2.6.0"}', "is AsyncAPI 2.6.0"],
    [
      "a Postman collection",
      '{"info": {"_postman_id": "x", "schema": "https://schema.getpostman.com/x"}}',
      "is a Postman",
    ],
    ["a later OpenAPI", "openapi: 4.0.0", "is OpenAPI 4.0.0"],
    ["a former Swagger", '{"swaggerVersion": "1.2"}', "is Swagger 1.2"],
  ])("is refused in one sentence: %s", async (_, text, what) => {
    const refusal = importOpenapi(text);
    await expect(refusal).rejects.toMatchObject({ code: "import.not_openapi" });
    await expect(refusal).rejects.toThrow(`The document ${what}`);
  });

  it.each([
    ["broken YAML", 'a: "b\nc: [', "import.unreadable"],
    ["a document of 50 MB", `{"openapi": "3.0.0", "x": "${"a".repeat(50_000_000)}"}`, "import.too_large"],
    ["YAML that is long", `${OPENAPI}x: "${"a".repeat(17_000_000)}"`, "import.too_large"],
    [
      "lists within lists",
      `{"openapi": "3.0.0", "x": ${"[".repeat(5000)}${"]".repeat(5000)}}`,
      "import.too_large",
    ],
    ["aliases of aliases", bomb(9), "import.too_large"],
    ["an alias to what holds it", `${OPENAPI}x: &a\n  b: *a\n`, "import.too_large"],
    ["paths that are none", '{"openapi": "3.0.0", "paths": []}', "import.not_openapi"],
  ])("is refused within moments: %s", async (_, text, code) => {
    await expect(importOpenapi(text)).rejects.toMatchObject({ name: "UserError", code });
  });
});

/** Ten aliases of ten aliases of …, as many as 10 to the power of `levels`. */
function bomb(levels: number): string {
  const lines = Array.from({ length: levels }, (_, level) => {
    const items = Array.from({ length: 10 }, () => (level === 0 ? "x" : `*l${level - 1}`));
    return `l${level}: &l${level} [${items.join(", ")}]`;
  });
  return `${OPENAPI}${lines.join("\n")}\n`;
}

describe("a document of odd spelling", () => {
  const paths = "paths:\n  /a:\n    get: {summary: One}\n";
  it.each<[string, Uint8Array]>([
    ["a byte order mark", yaml(`\ufeff${OPENAPI}${paths}`)],
    ["UTF-16", Buffer.from(`\ufeff${OPENAPI}${paths}`, "utf16le")],
    ["Latin letters of old", Buffer.concat([yaml(`${OPENAPI}${paths}# caf`), Buffer.from([0xe9, 0x0a])])],
    ["control characters", yaml(`${OPENAPI}${paths}# \u0007\u200b\n`)],
    ["Windows' line ends", yaml(`${OPENAPI}${paths}`.replaceAll("\n", "\r\n"))],
    ["tags", yaml(`${OPENAPI}x: !include other.yaml\ny: !!binary aGk=\n${paths}`)],
    ["a start and an end", yaml(`%YAML 1.2\n---\n${OPENAPI}${paths}...\n`)],
    ["merge keys", yaml(`${OPENAPI}x-get: &get {summary: One}\npaths:\n  /a:\n    get: {<<: *get}\n`)],
    ["a version that is a number", yaml(`${OPENAPI.replace("3.0.0", "3.0")}${paths}`)],
    [
      "JSON with trailing commas",
      yaml('{"openapi": "3.0.0", "paths": {"/a": {"get": {"summary": "One",},},},}'),
    ],
  ])("is read all the same: %s", async (_, document) => {
    const { manifest } = await bench.importDocument(document);
    expect(manifest.tools).toMatchObject([{ name: "get_a", title: "One" }]);
  });

  it("keeps the last of two equal keys, and says so", async () => {
    const twice = yaml(`${OPENAPI}paths:\n  /a:\n    get: {summary: One, summary: Two}\n`);
    const json = yaml(
      '{"openapi": "3.0.0", "paths": {"/a": {"get": {"summary": "One",\n"summary": "Two"}}}}',
    );
    for (const [document, where] of [
      [twice, "document"],
      [json, "line 2"],
    ] as const) {
      const { manifest, lost } = await bench.importDocument(document);
      expect(manifest.tools[0]?.title).toBe("Two");
      expect(lost).toContainEqual(
        expect.stringContaining(`${where}: the earlier value of the key "summary"`),
      );
    }
  });

  it("keeps spellings that are not numbers to everyone", async () => {
    const schema = "{type: string, enum: [1.0, 0777, no, 2020-01-01, 1e3]}";
    const { tool } = await bench.importDocument(
      yaml(`${OPENAPI}paths:\n  /a:\n    get: {parameters: [{name: v, in: query, schema: ${schema}}]}\n`),
    );
    expect(tool("get_a").input.properties).toEqual({
      v: { type: "string", enum: ["1.0", "0777", "no", "2020-01-01", "1e3"] },
    });
  });
});

describe("names and texts that mean harm", () => {
  const evil = [
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "../../etc/passwd",
    "a\u202eb",
    "",
    " ",
    "{{ x }}",
    "%s",
    "<script>",
  ];

  it("stay data wherever they stand", async () => {
    const map = Object.fromEntries(evil.map((name) => [name, { type: "string", description: name }]));
    const document = documentOf(
      {
        operationId: "../../up",
        tags: evil,
        summary: evil.join(" "),
        parameters: evil.map((name) => ({ name, in: "query", schema: { type: "string" } })),
        requestBody: {
          content: { "application/json": { schema: { type: "object", properties: map, required: evil } } },
        },
        security: evil.map((name) => ({ [name]: evil })),
      },
      {
        components: {
          schemas: map,
          securitySchemes: Object.fromEntries(
            evil.map((name) => [
              name,
              {
                type: "oauth2",
                flows: { implicit: { scopes: Object.fromEntries(evil.map((scope) => [scope, scope])) } },
              },
            ]),
          ),
        },
      },
      "/../{__proto__}/{constructor}",
      "post",
    );
    const { imported, manifest } = await bench.importDocument(document);
    expect(Object.keys(imported.files).sort()).toEqual(["README.md", "manifest.yaml"]);
    expect(manifest.tools).toHaveLength(1);
    expect(manifest.tools[0]?.name).toBe("up");
    expect(hides(Object.values(imported.files).join(""))).toBe(false);
    expect({}).not.toHaveProperty("polluted");
  });

  it("give no file a path of their own", async () => {
    const many = Array.from({ length: 400 }, (_, n): [string, Json] => [
      `/p${n}`,
      {
        get: {
          tags: [["../../evil", "con", "a/b", "..", "C:\\x", "-", "\u0000"][n % 7] ?? ""],
          description: "word ".repeat(390),
        },
      },
    ]);
    const { imported } = await bench.importDocument({ ...documentOf({}), paths: Object.fromEntries(many) });
    const paths = Object.keys(imported.files).filter((path) => path.startsWith("tools/"));
    expect(paths.length).toBeGreaterThan(3);
    for (const path of paths) expect(path).toMatch(/^tools\/[a-z][a-z0-9-]*(?:\.\d+)?\.yaml$/);
    expect(paths).not.toContain("tools/con.yaml");
  });

  it("of enormous length are cut", async () => {
    const long = `<b>${"&amp;".repeat(50_000)}`.repeat(2);
    const { imported } = await bench.importDocument(
      documentOf({ description: long, summary: long, operationId: "x".repeat(500_000) }),
    );
    for (const text of Object.values(imported.files)) expect(text.length).toBeLessThan(20_000);
  });
});

// Reason to skip: the list is part of the documents that are not in the repository.
it.skipIf(DATA === null)("any naughty string may stand anywhere", async () => {
  const strings: string[] = JSON.parse(readFileSync(join(DATA ?? "", "hostile", "blns.json"), "utf8"));
  const tools = strings.map((text, index): [string, Json] => [
    `/p${index}`,
    {
      get: {
        summary: text,
        description: text,
        tags: [text],
        parameters: [
          {
            name: text,
            in: "query",
            description: text,
            schema: { type: "string", enum: [text, "x"], default: text },
          },
        ],
      },
    },
  ]);
  const { manifest, imported } = await bench.importDocument({
    ...documentOf({}),
    info: { title: "x", description: strings.join("\n") },
    paths: Object.fromEntries(tools),
  });
  expect(manifest.tools).toHaveLength(strings.length);
  expect(hides(Object.values(imported.files).join(""))).toBe(false);
});

describe("a document in which anything may be anything", () => {
  const start = documentOf(
    {
      summary: "S",
      tags: ["t"],
      parameters: [
        { name: "id", in: "path", required: true, schema: { type: "string", pattern: "^a" } },
        { name: "f", in: "query", style: "deepObject", schema: { $ref: "#/components/schemas/A" } },
      ],
      requestBody: {
        content: {
          "multipart/form-data": {
            schema: { $ref: "#/components/schemas/A" },
            encoding: { a: { contentType: "text/plain" } },
          },
        },
      },
      security: [{ s: ["x"] }],
    },
    {
      components: {
        schemas: {
          A: {
            type: "object",
            properties: { a: { type: "array", items: { $ref: "#/components/schemas/A" } } },
            required: ["a"],
            enum: [{ a: 1 }],
          },
        },
        securitySchemes: {
          s: {
            type: "oauth2",
            flows: {
              authorizationCode: {
                authorizationUrl: "https://a.example",
                tokenUrl: "https://a.example",
                scopes: { x: "X" },
              },
            },
          },
        },
      },
      security: [],
      externalDocs: { url: "https://a.example" },
    },
    "/things/{id}",
    "post",
  );
  const swagger: JsonObject = {
    swagger: "2.0",
    info: { title: "Acme", description: "D" },
    host: "a.example",
    schemes: ["https"],
    paths: {
      "/a": {
        parameters: [
          { name: "q", in: "query", type: "array", items: { type: "string" }, collectionFormat: "pipes" },
        ],
        post: {
          consumes: ["application/json"],
          parameters: [{ name: "b", in: "body", schema: { $ref: "#/definitions/A" } }],
        },
        put: { parameters: [{ name: "f", in: "formData", type: "file" }] },
      },
    },
    definitions: { A: { type: "object", properties: { a: { type: "string" } } } },
    securityDefinitions: { k: { type: "apiKey", in: "header", name: "X-Key" } },
  };

  const odd: fc.Arbitrary<Json> = fc.oneof(
    fc.constantFrom<Json>(
      null,
      true,
      false,
      0,
      -1,
      1e300,
      "",
      "x",
      [],
      {},
      [null],
      { $ref: "#/components/schemas/A" },
      { $ref: 5 },
      "{{ params.x }}",
      "#/nowhere",
      "https://",
      "\u202e",
    ),
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value))),
  );

  /** Every place within a value. */
  function places(value: Json, at: (string | number)[] = []): (string | number)[][] {
    if (typeof value !== "object" || value === null) return [at];
    const entries: [string | number, Json][] = Array.isArray(value)
      ? value.map((item, index) => [index, item])
      : Object.entries(value);
    return [at, ...entries.flatMap(([key, item]) => places(item, [...at, key]))];
  }

  function replaced(value: Json, at: readonly (string | number)[], by: Json): Json {
    const [key, ...rest] = at;
    if (key === undefined) return by;
    if (Array.isArray(value))
      return value.map((item, index) => (index === key ? replaced(item, rest, by) : item));
    if (typeof value !== "object" || value === null) return value;
    return { ...value, [key]: replaced(value[key] ?? null, rest, by) };
  }

  it.each([
    ["OpenAPI 3", start],
    ["Swagger 2", swagger],
  ])("%s is imported into a folder that passes check, or refused in words", async (_, document) => {
    const changes = fc.array(fc.tuple(fc.constantFrom(...places(document).slice(1)), odd), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const changed = list.reduce<Json>((value, [at, by]) => replaced(value, at, by), document);
        try {
          await bench.importDocument(changed);
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          expect(error.message).toMatch(/^[^\n]{10,300}$/);
        }
      }),
      { numRuns: Number(process.env.SENTINEL_FUZZ_RUNS ?? 400) },
    );
  });
});
