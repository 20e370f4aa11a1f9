import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DirtySet } from "../../src/watch/dirty.ts";

describe("dirty set", () => {
  it("gives each marked folder once, sorted, and is empty then", () => {
    const dirty = new DirtySet(10);
    for (const slug of ["b", "a", "b"]) dirty.mark(slug);
    expect(dirty.size).toBe(2);
    expect(dirty.take()).toEqual({ all: false, slugs: ["a", "b"] });
    expect(dirty.take()).toBeNull();
  });

  it("turns a burst into a full rescan", () => {
    const dirty = new DirtySet(3);
    for (const slug of ["a", "b", "c", "d"]) dirty.mark(slug);
    expect(dirty.take()).toEqual({ all: true });
    dirty.mark("e");
    expect(dirty.take()).toEqual({ all: false, slugs: ["e"] });
  });

  it("does not call it news when work is put back", () => {
    const dirty = new DirtySet(10);
    dirty.mark("a");
    const marks = dirty.marks;
    const work = dirty.take();
    if (work) dirty.putBack(work);
    expect(dirty.marks).toBe(marks);
    dirty.mark("a");
    expect(dirty.marks).toBe(marks + 1);
  });

  it("loses nothing, in whatever order folders are marked, taken and put back", () => {
    const step = fc.oneof(
      fc.record({ mark: fc.constantFrom("a", "b", "c", "d", "e", "f") }),
      fc.constant({ all: true as const }),
      fc.record({ take: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), (steps, burst) => {
        const dirty = new DirtySet(burst);
        const open = new Set<string>();
        for (const one of steps) {
          if ("mark" in one) {
            open.add(one.mark);
            dirty.mark(one.mark);
          } else if ("all" in one) {
            dirty.markAll();
          } else {
            const work = dirty.take();
            if (work === null) continue;
            // The pass failed: it goes back; or it worked: what it covered is done.
            if (one.take) dirty.putBack(work);
            else if (work.all) open.clear();
            else for (const slug of work.slugs) open.delete(slug);
          }
          for (const slug of open) expect(dirty.has(slug)).toBe(true);
        }
      }),
    );
  });
});
