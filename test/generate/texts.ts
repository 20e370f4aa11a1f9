import { readFileSync } from "node:fs";
import { parse } from "@babel/parser";
import fc from "fast-check";
import { generate } from "../../src/generate/index.ts";
import type { Manifest } from "../../src/manifest/index.ts";
import { DIGEST, manifest, tool } from "./manifest.ts";

/** How many texts `withTexts` takes. */
export const TEXT_FIELDS = 16;

/** A manifest with a given text in every field that may hold one, whatever the reader of manifests says of it. */
export function withTexts(texts: readonly string[]): Manifest {
  const at = (index: number): string => texts[index % texts.length] ?? "";
  return manifest({
    display_name: at(0),
    version: at(1),
    instructions: at(2),
    schemas: { Order: { type: "object", description: at(3), "x-note": at(4) } },
    tools: [
      tool({
        title: at(5),
        description: at(6),
        capability: at(7),
        scopes: [at(8), at(9)],
        input: {
          type: "object",
          title: at(10),
          properties: {
            status: { enum: [at(11)], default: at(12), pattern: at(13), $ref: "#/schemas/Order" },
          },
          examples: [{ status: at(14) }],
        },
        output: { type: "object", description: at(15) },
      }),
    ],
  });
}

/** The big list of naughty strings, and characters that mean something to a template, a comment or a terminal. */
const NAUGHTY: readonly string[] = [
  ...JSON.parse(readFileSync(new URL("../fixtures/hostile/blns.json", import.meta.url), "utf8")),
  "*/ process.exit(1) /*",
  `\${process.exit(1)}`,
  "{{ range.constructor('return process')() }}",
  "{% include 'x' %}",
  "\u2028\u2029",
  "\ud800",
  "\u202e\u2066",
  "\u{e0041}",
  "</script>",
  '"__proto__": 1',
  '\n"__proto__": 1',
];

/** Strings of every kind: any code units, any code points, naughty ones, and those put together. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom(...NAUGHTY),
  fc.array(fc.constantFrom(...NAUGHTY), { minLength: 2, maxLength: 4 }).map((parts) => parts.join("")),
);

/** Texts for every field of `withTexts`. */
export const texts: fc.Arbitrary<string[]> = fc.array(anyText, {
  minLength: TEXT_FIELDS,
  maxLength: TEXT_FIELDS,
});

/** So many sets of texts for `withTexts`; the same seed gives the same ones. */
export function anySample(count: number, seed: number): string[][] {
  return fc.sample(texts, { numRuns: count, seed });
}

/** The syntax tree of a TypeScript file as text, without places and without the values of its literals. */
export function treeOf(text: string): string {
  const { program } = parse(text, { sourceType: "module", plugins: ["typescript"] });
  return JSON.stringify(program, (key, value) =>
    ["start", "end", "loc", "value", "extra", "comments"].includes(key) &&
    (key !== "value" || typeof value !== "object")
      ? undefined
      : value,
  );
}

/** What a generated file says, read without running it. */
export function dataOf(text: string): unknown {
  const start = text.indexOf("defineConnector({") + "defineConnector(".length;
  return JSON.parse(text.slice(start, text.lastIndexOf("});") + 1));
}

/** The generated file of a manifest with these texts. */
export function moduleWith(texts: readonly string[]): string {
  return generate(withTexts(texts), DIGEST)["mcp.ts"] ?? "";
}
