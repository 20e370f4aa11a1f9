import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { beginningOf } from "../../../src/runtime/execution/failure.ts";
import { Scrubber } from "../../../src/runtime/vault/scrub.ts";

function token(length: number): string {
  const parts = Array.from({ length: Math.ceil(length / 86) }, (_, at) =>
    createHash("sha512").update(String(at)).digest("base64url"),
  );
  return parts.join("").slice(0, length);
}

describe("the beginning of a text", () => {
  // So often, such a token leaves a few of its characters before the 10,000th or the 200,000th of the text.
  it.each([1108, 39_992])(
    "shows nothing of a token of %i characters that stands there again and again",
    (length) => {
      const scrubber = new Scrubber();
      scrubber.add(token(length));
      const shown = beginningOf(token(length).repeat(12), 400, (text) => scrubber.text(text));
      expect(shown).toMatch(/^"(?:\[redacted\])?(?:\.\.\.)?"$/);
    },
  );

  it("is the whole text where that is short, and ends in dots where it is not", () => {
    expect(beginningOf(" a\n b ", 400, (text) => text)).toBe('"a b"');
    expect(beginningOf("x".repeat(300_000), 3, (text) => text)).toBe('"xxx..."');
  });
});
