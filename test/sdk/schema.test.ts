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
import { manifest, tool } from "../generate/manifest.ts";

const problemsOf = (schema: z.ZodType, io: "input" | "output" = "input"): readonly string[] =>
  schemaOf(z.object({ x: schema }), io).problems;

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

describe("an object", () => {
  const accepts = (schema: z.ZodType, value: unknown): boolean =>
    new Ajv2020({ strict: false }).compile(schemaOf(schema, "input").json)(value);

  it("takes no field that it does not name, unless it is loose", () => {
    const strange = { a: { b: 1, c: 1 } };
    expect(accepts(z.object({ a: z.object({ b: z.int() }) }), strange)).toBe(false);
    expect(accepts(z.object({ a: z.looseObject({ b: z.int() }) }), strange)).toBe(true);
    expect(accepts(z.object({ a: z.object({ b: z.int() }).catchall(z.int()) }), strange)).toBe(true);
  });

  it("takes the fields of all parts of an intersection", () => {
    const both = z.intersection(z.object({ a: z.int() }), z.object({ b: z.int() }));
    expect([accepts(both, { a: 1, b: 2 }), accepts(both, { a: 1 })]).toEqual([true, false]);
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
