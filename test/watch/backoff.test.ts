import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Backoff, jitter } from "../../src/watch/backoff.ts";

describe("backoff", () => {
  it("doubles up to its cap, and starts anew after a success", () => {
    const backoff = new Backoff(100, 1000, () => 1);
    expect([1, 2, 3, 4, 5, 6].map(() => backoff.next())).toEqual([100, 200, 400, 800, 1000, 1000]);
    backoff.reset();
    expect(backoff.next()).toBe(100);
  });

  it("spreads between half and all of the waiting time, however often it is asked", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (tries, random) => {
          const backoff = new Backoff(250, 4000, () => random);
          for (let at = 0; at < tries; at += 1) backoff.next();
          const wait = backoff.next();
          const ceiling = Math.min(4000, 250 * 2 ** Math.min(tries, 10));
          expect(wait).toBeGreaterThanOrEqual(ceiling / 2);
          expect(wait).toBeLessThanOrEqual(ceiling);
        },
      ),
    );
  });

  it("jitters within its bounds", () => {
    expect(jitter(0.9, 1.1, () => 0)).toBe(0.9);
    expect(jitter(0.9, 1.1, () => 0.5)).toBeCloseTo(1);
  });
});
