import { Ajv2020 } from "ajv/dist/2020.js";
import {
  array,
  assert,
  boolean,
  constantFrom,
  double,
  integer,
  letrec,
  oneof,
  property,
  record,
  string,
  tuple,
} from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { JsonObject } from "../../src/base/index.ts";
import { schemaOf } from "../../src/cli/building/schema.ts";
import { digestOf, type Manifest } from "../../src/manifest/index.ts";
import { validInput } from "../../src/runtime/serve/schemas.ts";
import { manifest, tool } from "../generate/manifest.ts";

const problemsOf = (schema: z.ZodType, io: "input" | "output" = "input"): readonly string[] =>
  schemaOf(z.object({ x: schema }), io).problems.map(({ message }) => message);

describe("what JSON Schema can't say", () => {
  it.each([
    ["a transform", z.string().transform(Number), "hands the value on to code or another schema"],
    ["a preprocessor", z.preprocess(String, z.string()), "hands the value on to code or another schema"],
    ["a second schema", z.string().pipe(z.email()), "hands the value on to code or another schema"],
    ["trim", z.string().trim(), "changes the value by code"],
    ["a refinement", z.string().refine((text) => text !== "x"), "is checked by code"],
    ["coercion", z.coerce.number(), "takes other types than it says"],
    ["a date", z.date(), "holds a Date; z\\.iso\\.datetime\\(\\) is its text"],
    ["a bigint", z.bigint(), "holds a bigint"],
    ["a map", z.map(z.string(), z.string()), "holds a Map"],
    ["a pattern with flags", z.string().regex(/a/i), "has a pattern with the flags i"],
    ["a class", z.instanceof(URL), "is checked by code"],
    ["a replaced value", z.string().catch("x"), "replaces what is wrong"],
    ["a bigint's literal", z.literal(1n), "takes a value that JSON does not have"],
    ["undefined as a literal", z.literal(["a", undefined]), "takes a value that JSON does not have"],
    ["no number as a literal", z.literal(Number.NaN), "takes a value that JSON does not have"],
    ["a date as a default", z.any().default(new Date(0)), "has a default that JSON does not have"],
    [
      "a date within a default",
      z.any().default({ a: [new Date(0)] }),
      "has a default that JSON does not have",
    ],
  ])("%s is told", (_what, schema, loss) => {
    const text = expect.stringMatching(`^\\.properties\\.x.* ${loss}, which JSON Schema can't say\\.$`);
    expect(problemsOf(schema)).toEqual([text]);
    expect(problemsOf(z.array(schema).optional())).not.toEqual([]);
  });

  it("is nothing of the usual", () => {
    const T: z.ZodType = z.object({
      name: z.string(),
      get kids() {
        return z.array(T);
      },
    });
    const usual = [
      z.string().min(1).max(9).regex(/^a/).startsWith("a"),
      z.email(),
      z.uuid(),
      z.url(),
      z.iso.datetime(),
      z.iso.date(),
      z.ipv4(),
      z.int().min(1).multipleOf(5),
      z.number().positive(),
      z.literal(["a", 1, null]),
      z.enum(["a", "b"]),
      z.array(z.tuple([z.string(), z.int()])).min(1),
      z.record(z.string(), z.boolean()),
      z.json(),
      z.union([z.string(), z.null()]),
      z.string().nullable().default(null).describe("x").meta({ title: "X" }),
      z.discriminatedUnion("t", [
        z.object({ t: z.literal("a") }),
        z.object({ t: z.literal("b"), b: z.int() }),
      ]),
      z.looseObject({ a: z.unknown() }),
      z.intersection(z.object({ a: z.int() }), z.object({ b: z.int() })),
      T,
    ];
    for (const schema of usual) expect(problemsOf(schema)).toEqual([]);
  });
});

describe("a default", () => {
  const T: z.ZodType = z.object({
    a: z.int().default(1),
    get kid() {
      return T.optional();
    },
  });

  it.each([
    ["of a field", z.object({ a: z.int().default(1) }).optional(), { x: {} }],
    ["of a field of a field's default", z.object({ a: z.int().default(1) }).prefault({}), {}],
    ["behind nullable", z.int().nullable().default(1), {}],
    ["of a list", z.array(z.string()).default(() => []), {}],
    ["in a list", z.array(z.union([z.int().default(1), z.null()])), { x: [null] }],
    ["in a tuple's object", z.tuple([z.object({ a: z.int().default(1) })]), { x: [{}] }],
    ["of a schema with a name", z.int().meta({ id: "Named" }).default(1), {}],
    [
      "in an intersection",
      z.object({ a: z.int().default(1) }).and(z.object({ b: z.int() })),
      { x: { b: 1 } },
    ],
    ["in what holds itself", T, { x: { kid: {} } }],
  ])("%s is filled in by the runtime as zod does", (_what, x, given) => {
    const schema = z.object({ x });
    const { json, problems } = schemaOf(schema, "input");
    expect(problems).toEqual([]);
    expect(validInput({ ...json, type: "object" }, "t", given)).toEqual(schema.parse(given));
  });

  it.each([
    [
      "in something nullable",
      z.object({ a: z.int().default(1) }).nullable(),
      { x: {} },
      ".anyOf.0.properties.a",
    ],
    [
      "in a union",
      z.union([z.object({ a: z.int().default(1) }), z.null()]),
      { x: {} },
      ".anyOf.0.properties.a",
    ],
    [
      "in a discriminated union",
      z.discriminatedUnion("t", [z.object({ t: z.literal("a"), a: z.int().default(1) })]),
      { x: { t: "a" } },
      ".oneOf.0.properties.a",
    ],
    ["before nullable", z.int().min(0).default(1).nullable(), {}, ".anyOf.0"],
    ["of a part of a union", z.union([z.int().default(1), z.string()]), {}, ".anyOf.0"],
    ["of a tuple's item", z.tuple([z.string(), z.int().default(1)]), { x: ["a"] }, ".prefixItems.1"],
    ["of a record's names", z.record(z.enum(["a"]), z.int().default(1)), { x: {} }, ".additionalProperties"],
    ["with a name of its own", z.int().default(1).meta({ id: "WithDefault" }), {}, ""],
  ])("%s is not, and refused", (_what, x, given, at) => {
    const schema = z.object({ x });
    const { json, problems } = schemaOf(schema, "input");
    expect(problems).toEqual([
      {
        message: expect.stringMatching(`^\\.properties\\.x${at} has a default .*where none is filled in`),
        hint: expect.stringMatching(/ or fill it in within the handler\.$/),
      },
    ]);
    expect(validInput({ ...json, type: "object" }, "t", given)).not.toEqual(schema.parse(given));
  });

  it("of an output is refused, as nobody fills it in", () => {
    expect(problemsOf(z.array(z.object({ a: z.int().default(1) })), "output")).toEqual([
      ".properties.x.items.properties.a has a default in an output, where none is filled in.",
    ]);
  });

  let count = 0;
  it.each<[string, z.ZodType]>([
    ["chance", z.string().default(() => String(Math.random()))],
    ["the odds", z.boolean().default(() => Math.random() < 0.01)],
    ["the time", z.string().default(() => new Date().toISOString())],
    ["the time as text", z.string().prefault(() => Date())],
    ["the year", z.array(z.object({ y: z.int().default(() => new Date(Date.now()).getFullYear()) }))],
    ["a key", z.uuid().default(() => crypto.randomUUID())],
    ["a count", z.int().default(() => count++)],
  ])("that is %s is refused", (_what, schema) => {
    expect(problemsOf(schema)).toEqual([
      expect.stringMatching(/^\.properties\.x.* has a default that is not always the same\.$/),
    ]);
  });
});

describe("an object", () => {
  const accepts = (schema: z.ZodType, value: unknown): boolean =>
    new Ajv2020({ strict: false }).compile(schemaOf(schema, "input").json)(value);

  it("takes no field that it does not name, unless it is loose", () => {
    const strange = { a: { b: 1, c: 1 } };
    expect(accepts(z.object({ a: z.object({ b: z.int() }) }), strange)).toBe(false);
    expect(accepts(z.object({ a: z.looseObject({ b: z.int() }) }), strange)).toBe(true);
    expect(accepts(z.object({ a: z.object({ b: z.int() }).catchall(z.int()) }), strange)).toBe(true);
  });

  it("takes the fields of all parts of an intersection, and no others", () => {
    const both = z.object({ a: z.int() }).and(z.object({ b: z.int() }));
    const { json, problems } = schemaOf(both, "input");
    expect([json.type, problems]).toEqual(["object", []]);
    const given = [{ a: 1, b: 2 }, { a: 1 }, { a: 1, b: 2, c: 3 }];
    expect(given.map((value) => accepts(both, value))).toEqual([true, false, false]);
    const loose = z.object({ a: z.int() }).and(z.looseObject({}));
    expect(accepts(loose, { a: 1, c: 3 })).toBe(true);
  });

  it.each([
    ["that is described", z.object({ a: z.int() }).describe("A")],
    ["with a name", z.object({ a: z.int() }).meta({ id: "A" })],
    ["that is a record", z.record(z.string(), z.int())],
    ["that has the same field", z.object({ b: z.object({}).describe("B") })],
  ])("can't be made one of another and one %s", (_what, part) => {
    expect(
      schemaOf(z.object({ x: z.intersection(z.object({ b: z.object({}) }), part) }), "input").problems,
    ).toEqual([
      {
        message: expect.stringMatching(
          /^\.properties\.x(?:\.properties\.b)? is an intersection that can't be made one object/,
        ),
        hint: expect.stringContaining("a.extend(b.shape)"),
      },
    ]);
  });

  it("of an output is open, as what a provider adds is no harm, unless it is strict", () => {
    const closed = (schema: z.ZodType): unknown => schemaOf(schema, "output").json.additionalProperties;
    expect([closed(z.object({ a: z.int() })), closed(z.strictObject({ a: z.int() }))]).toEqual([
      undefined,
      false,
    ]);
  });
});

/** A schema and a value that it takes. */
interface Pair {
  readonly make: (reverse: boolean) => z.ZodType;
  readonly value: unknown;
}

const pairs = letrec<{ pair: Pair; leaf: Pair; list: Pair; object: Pair }>((tie) => ({
  leaf: oneof(
    string().map((value) => ({ make: () => z.string().max(value.length), value })),
    integer({ min: -1000, max: 1000 }).map((value) => ({ make: () => z.int().min(value), value })),
    double({ noNaN: true, noDefaultInfinity: true }).map((value) => ({
      make: () => z.number().max(value),
      value,
    })),
    boolean().map((value) => ({ make: () => z.boolean().nullable(), value })),
    constantFrom("a", "b").map((value) => ({ make: () => z.enum(["a", "b"]).default("a"), value })),
  ),
  list: tie("pair").map(({ make, value }) => ({
    make: (reverse: boolean) => z.array(make(reverse)),
    value: [value, value],
  })),
  object: array(tuple(constantFrom("a", "b", "c", "d"), tie("pair")), { maxLength: 4 }).map((entries) => ({
    make: (reverse: boolean) => {
      const fields = [...new Map(entries)].map(([name, { make }]): [string, z.ZodType] => [
        name,
        make(reverse),
      ]);
      return z.object(Object.fromEntries(reverse ? fields.reverse() : fields));
    },
    value: Object.fromEntries([...new Map(entries)].map(([name, { value }]) => [name, value])),
  })),
  pair: oneof({ maxDepth: 4 }, tie("leaf"), tie("list"), tie("object")),
}));

function digestWith(input: JsonObject): string {
  const given: Manifest = manifest({ tools: [tool({ input })] });
  return digestOf(given, {});
}

describe("any schema", () => {
  it("takes as JSON Schema what it takes as zod, and has one digest however its fields are ordered", () => {
    assert(
      property(record({ pair: pairs.object }), ({ pair: { make, value } }) => {
        const { json, problems } = schemaOf(make(false), "input");
        expect(problems).toEqual([]);
        expect(new Ajv2020({ strict: false }).compile(json)(value)).toBe(true);
        const same = [schemaOf(make(false), "input").json, JSON.parse(JSON.stringify(json))];
        for (const other of [...same, sortRequired(schemaOf(make(true), "input").json)]) {
          expect(digestWith(sortRequired(other))).toBe(digestWith(sortRequired(json)));
        }
        expect(digestWith(same[0])).toBe(digestWith(json));
      }),
      { numRuns: 200 },
    );
  });
});

/** `required` is a list, whose order zod takes from the fields. */
function sortRequired(schema: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(schema), (key, value) =>
    key === "required" && Array.isArray(value) ? value.sort() : value,
  );
}
