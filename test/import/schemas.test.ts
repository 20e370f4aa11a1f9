import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/base/index.ts";
import { documentOf, makeWorkbench } from "./workbench.ts";

const bench = makeWorkbench();

/** What a schema becomes as the body of a POST. */
async function converted(schema: JsonObject, more: JsonObject = {}) {
  const operation = { requestBody: { content: { "application/json": { schema } } } };
  const back = await bench.importDocument(documentOf(operation, more, "/things", "post"));
  const { properties } = back.tool("the_thing").input;
  return { ...back, body: (properties as JsonObject).body };
}

describe("a schema", () => {
  it.each<[string, JsonObject, JsonObject]>([
    ["nullable", { type: "string", nullable: true }, { type: ["string", "null"] }],
    [
      "nullable enum",
      { type: "string", enum: ["a"], nullable: true },
      { type: ["string", "null"], enum: ["a", null] },
    ],
    ["exclusive limit as a flag", { minimum: 1, exclusiveMinimum: true }, { exclusiveMinimum: 1 }],
    ["exclusive limit as a number", { exclusiveMaximum: 5 }, { exclusiveMaximum: 5 }],
    ["example", { type: "string", example: "a" }, { type: "string", examples: ["a"] }],
    [
      "a list of item schemas",
      { type: "array", items: [{ type: "string" }] },
      { type: "array", prefixItems: [{ type: "string" }] },
    ],
    ["types that are none", { type: "int" }, { type: "integer" }],
    ["types of other languages", { type: "datetime" }, { type: "string", format: "date-time" }],
    ["a list of types", { type: ["string", "null"] }, { type: ["string", "null"] }],
    ["numbers as text", { type: "number", maximum: "1.5" }, { type: "number", maximum: 1.5 }],
    ["limits of 64 bits", { type: "integer", maximum: 2 ** 63 }, { type: "integer" }],
    [
      "enum of text in YAML's numbers",
      { type: "string", enum: [1, 2] },
      { type: "string", enum: ["1", "2"] },
    ],
    ["false", { not: false } as JsonObject, { not: false }],
    ["XML and documentation", { type: "string", xml: { name: "a" }, "x-a": 1 }, { type: "string" }],
    [
      "fields that are required in the older spelling",
      { type: "object", properties: { a: { type: "string", required: true } } },
      { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
    ],
    [
      "fields that only the server sets",
      {
        type: "object",
        properties: { id: { type: "string", readOnly: true }, a: {} },
        required: ["id", "a"],
      },
      { type: "object", properties: { a: {} }, required: ["a"] },
    ],
    ["a pattern with needless escapes", { pattern: "^\\@[a-z\\_]+$" }, { pattern: "^@[a-z_]+$" }],
  ])("with %s", async (_, schema, expected) => {
    expect((await converted(schema)).body).toEqual(expected);
  });

  it.each<[string, JsonObject, string]>([
    ["a pattern with look-ahead", { pattern: "^(?!a)" }, "the pattern ^(?!a)"],
    ["a field that no file may have", { properties: { constructor: {} } }, "the field constructor"],
    ["a discriminator", { discriminator: { propertyName: "a" } }, "the keyword discriminator"],
    ["a type that is none", { type: "thing" }, "the type thing"],
    ["a number that can't be held", { default: 1e20 }, "the number 100000000000000000000"],
    ["an enum that is none", { enum: "a" }, "the keyword enum"],
    ["a schema that is none", { properties: { a: "string" } }, "a schema that is none"],
  ])("loses what JSON Schema or a manifest can't say, and says so: %s", async (_, schema, what) => {
    const { lost } = await converted(schema);
    expect(lost).toContainEqual(expect.stringContaining(what));
  });
});

describe("references", () => {
  const components = (schemas: JsonObject): JsonObject => ({ components: { schemas } });
  const ref = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` });

  it("become shared schemas, and circles stay circles", async () => {
    const { body, manifest } = await converted(
      ref("A"),
      components({
        A: { type: "object", properties: { b: ref("B") } },
        B: { type: "array", items: ref("A") },
        C: {},
      }),
    );
    expect(body).toEqual({ $ref: "#/schemas/A" });
    expect(manifest.schemas).toEqual({
      A: { type: "object", properties: { b: { $ref: "#/schemas/B" } } },
      B: { type: "array", items: { $ref: "#/schemas/A" } },
    });
  });

  it("keep what is said beside them", async () => {
    const { body } = await converted(
      { ...ref("A"), description: "The A.", nullable: true },
      components({ A: { type: "string" } }),
    );
    expect(body).toEqual({ description: "The A.", anyOf: [{ $ref: "#/schemas/A" }, { type: "null" }] });
  });

  it("to names that no schema may have lead to near ones", async () => {
    const names = ["a.b", "a_b", "a b", "constructor", "__proto__", "9", "ü"];
    const { manifest } = await converted(
      { allOf: names.map((name) => ref(encodeURIComponent(name))) },
      components(Object.fromEntries(names.map((name) => [name, { const: name }]))),
    );
    const values = Object.values(manifest.schemas).map((schema) => schema.const);
    expect(values.sort()).toEqual([...names].sort());
    for (const name of Object.keys(manifest.schemas)) expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/);
    expect(manifest.schemas.a_b).toEqual({ const: "a b" });
  });

  it("to anywhere else in the document work too", async () => {
    const { body, manifest } = await converted(
      { $ref: "#/components/schemas/A/properties/b" },
      components({ A: { properties: { b: { type: "integer" } } } }),
    );
    expect(body).toEqual({ $ref: "#/schemas/A_properties_b" });
    expect(manifest.schemas.A_properties_b).toEqual({ type: "integer" });
  });

  it.each([
    ["another file", "../common.yaml#/A", "only the document itself is read"],
    ["a URL", "https://api.acme.example/schema.json", "only the document itself is read"],
    ["a file of the machine", "file:///etc/passwd", "only the document itself is read"],
    ["nothing", "#/components/schemas/None", "it leads to nothing"],
    ["itself", "#/components/schemas/Loop", "it leads to nothing"],
  ])("to %s accept anything, and are reported", async (_, $ref, why) => {
    const { body, lost } = await converted(
      { $ref },
      components({ Loop: { $ref: "#/components/schemas/Loop" } }),
    );
    expect(body).toEqual({});
    expect(lost).toContainEqual(expect.stringContaining(why));
  });

  it("of 250 schemas in a circle are all there, once", async () => {
    const name = (index: number): string => `N${index % 250}`;
    const schemas = Object.fromEntries(
      Array.from({ length: 250 }, (_, index) => [
        name(index),
        { type: "object", properties: { next: ref(name(index + 1)), other: ref(name(index + 7)) } },
      ]),
    );
    const { manifest } = await converted(ref("N0"), components(schemas));
    expect(Object.keys(manifest.schemas)).toHaveLength(250);
  });

  it("stand in for what nests too deep for a file", async () => {
    let deep: JsonObject = { type: "string" };
    for (let level = 0; level < 100; level++) deep = { type: "object", properties: { [`l${level}`]: deep } };
    const { manifest, digest } = await converted(deep);
    expect(JSON.stringify(manifest)).toContain('"l0":{"type":"string"}');
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
  });
});
