import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stripHidden } from "../../src/base/index.ts";
import { dataOf, moduleWith, TEXT_FIELDS, texts, treeOf } from "./texts.ts";

const plain = treeOf(moduleWith(["x"]));

describe("any text in any field", () => {
  it("changes nothing but literals of the generated file", () => {
    fc.assert(
      fc.property(texts, (given) => {
        const text = moduleWith(given);
        expect(text).toMatch(/^[\n -~]*$/);
        expect(treeOf(text)).toBe(plain);
        expect(moduleWith(given)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it("comes out as it went in, without its hidden characters", () => {
    fc.assert(
      fc.property(texts, (given) => {
        const shown = given.map(stripHidden);
        expect(dataOf(moduleWith(given))).toMatchObject({
          title: shown[0],
          instructions: shown[2],
          $defs: { Order: { description: shown[3], "x-note": shown[4] } },
          tools: [
            {
              title: shown[5],
              description: shown[6],
              inputSchema: { properties: { status: { enum: [shown[11]], pattern: shown[13] } } },
              outputSchema: { description: shown[15] },
            },
          ],
        });
      }),
      { numRuns: 200 },
    );
  });

  it("is cut at a bound, never within a character", () => {
    const text = moduleWith([`${"a".repeat(19_999)}\u{1f600}rest`, ...Array(TEXT_FIELDS - 1).fill("x")]);
    expect(dataOf(text)).toHaveProperty("title", "a".repeat(19_999));
  });
});
