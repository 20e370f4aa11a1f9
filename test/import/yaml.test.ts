import fc from "fast-check";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { type Json, stripHidden } from "../../src/base/index.ts";
import { toYaml } from "../../src/import/yaml.ts";
import { readYaml } from "../../src/manifest/yaml/recover.ts";

const text = fc.string({ unit: "binary" }).map(stripHidden);
const lines = fc
  .array(
    fc.constantFrom("a", "", " ", "  b: c", "# d", "- e", "|", "{{ x }}", "\t", "'\"", "é😀", "%f", "---"),
  )
  .map((parts) => parts.join("\n"));
const key = fc.oneof(
  fc.constantFrom("on", "NO", "1", "~", "a b", "$ref", "x-y", ": ", "#", "", "null"),
  text,
);
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    lines,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Number.isInteger(number)),
    fc.constantFrom(null, true, false, 0),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      key
        .filter((name) => !/^(?:__proto__|constructor|prototype)$/.test(name))
        .map((name) => name.normalize("NFC")),
      tie("value"),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
}));

describe("YAML that is written", () => {
  it("is read as what was written, by the strict reader and by js-yaml", () => {
    fc.assert(
      fc.property(value, (one) => {
        const written = toYaml({ field: one, list: [one, one] });
        const read = readYaml(written);
        expect(read.problems).toEqual([]);
        expect(read.root?.value).toEqual({ field: one, list: [one, one] });
        expect(load(written)).toEqual({ field: one, list: [one, one] });
      }),
      { numRuns: 2000 },
    );
  });

  it("has the style of the connectors that people write", () => {
    const tool = {
      name: "get_it",
      description: "One line.\n\nAnd more.",
      scopes: ["a", "b"],
      input: { type: "object", properties: { id: { type: "string", description: "x".repeat(100) } } },
    };
    expect(toYaml({ tools: [tool], on: {} })).toBe(`tools:
  - name: "get_it"
    description: |-
      One line.

      And more.
    scopes: ["a", "b"]
    input:
      type: "object"
      properties:
        id:
          type: "string"
          description: "${"x".repeat(100)}"
"on": {}
`);
  });
});
