import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isMultipleOf, type Json } from "../../../src/base/index.ts";
import { ToolFailure } from "../../../src/runtime/index.ts";
import { validInput } from "../../../src/runtime/serve/schemas.ts";

/** What is wrong with the value of a field, or null. */
function problem(field: Json, value: Json): string | null {
  try {
    validInput({ type: "object", properties: { it: field } }, "get_it", { it: value });
    return null;
  } catch (error) {
    if (error instanceof ToolFailure && error.code === "call.invalid_input") return error.message;
    throw error;
  }
}

describe("multipleOf", () => {
  it.each([
    [19.99, 0.01],
    [4.35, 0.01],
    [0.3, 0.1],
    [-0.7, 0.1],
    [0, 0.01],
    [1_000_000_000.01, 0.01],
    [1e300, 0.5],
    [1e-7, 1e-8],
    [12, 4],
    [7.5, 2.5],
  ])("takes %d as a multiple of %d, as their texts say", (value, multipleOf) => {
    expect(problem({ type: "number", multipleOf }, value)).toBeNull();
  });

  it.each([
    [19.995, 0.01],
    [0.35, 0.1],
    [1e-9, 1e-8],
    [7, 4],
    [7.4, 2.5],
  ])("refuses %d, which is none of %d", (value, multipleOf) => {
    expect(problem({ type: "number", multipleOf }, value)).toContain(`it must be multiple of ${multipleOf}`);
  });

  it("takes every whole number of cents, and none between two", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 1, max: 9 }), (cents, tenth) => {
        const text = (digits: number, places: number): number => Number(`${digits}e-${places}`);
        expect(isMultipleOf(text(cents, 2), 0.01)).toBe(true);
        expect(isMultipleOf(text(cents * 10 + tenth, 3), 0.01)).toBe(false);
      }),
    );
  });
});

describe("an argument that would not get to the provider as it was meant", () => {
  it.each<[string, string, string]>([
    ["a whole number whose last digits are gone", "9007199254740993", "it is a whole number beyond 2^53"],
    ["one that is negative", "-9007199254740993", "it is a whole number beyond 2^53"],
    ["one within a list in a map", '{"a": [1, 9007199254740993]}', "it.a.1 is a whole number beyond 2^53"],
    ["half a character", '"\\ud800"', "it holds half a character"],
    ["half a character in a name", '{"\\ud800": 1}', "it holds half a character"],
  ])("is refused: %s", (_, text, message) => {
    expect(problem({}, JSON.parse(text))).toContain(message);
  });

  it.each(["9007199254740991", "1e21", "1.5e300", '"9007199254740993"', '"😀"', "0.1"])(
    "is not one that does: %s",
    (text) => {
      expect(problem({}, JSON.parse(text))).toBeNull();
    },
  );
});
