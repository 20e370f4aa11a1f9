import { expect, it } from "vitest";
import { orderedId } from "../../src/base/index.ts";

it("ordered ids are UUIDs of version 7 in the order of their making, however many are made in a millisecond", () => {
  const before = Date.now();
  const ids = Array.from({ length: 20_000 }, orderedId);
  const after = Date.now();
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const time = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
    expect(time).toBeGreaterThanOrEqual(before);
    // At most 4096 in a millisecond: whoever makes more is ahead of the clock by that many.
    expect(time).toBeLessThanOrEqual(after + ids.length / 4096);
  }
});
