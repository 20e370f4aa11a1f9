import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { compareShares, compareUnseen, comparisonOf, SAME } from "../../src/reconcile/compare.ts";
import { Helper } from "../../src/reconcile/helper.ts";
import { COLUMNS, sign } from "../../src/reconcile/signature.ts";

const root = mkdtempSync(join(tmpdir(), "sentinel-compare-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const names = Array.from({ length: 350 }, (_, at) => `c${at}`);
/** Every seventh is changed after it was signed. */
const changed = new Set(names.filter((_, at) => at % 7 === 0));

function prepare() {
  const numbers: number[] = [];
  const from = names.map((name) => {
    mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, name, "manifest.yaml"), "a");
    const start = numbers.length;
    numbers.push(...Array.from(sign(join(root, name))?.stats ?? []));
    return start;
  });
  expect(numbers).toHaveLength(names.length * 2 * COLUMNS);
  const stats = new Float64Array(new SharedArrayBuffer(numbers.length * 8));
  stats.set(numbers);
  for (const name of changed) writeFileSync(join(root, name, "manifest.yaml"), "longer");
  return comparisonOf(root, {
    names: names.join("/"),
    layouts: [["", "/manifest.yaml"]],
    layout: new Uint32Array(names.length),
    from: Uint32Array.from(from),
    stats,
  });
}

function same({ found }: ReturnType<typeof prepare>): string[] {
  return names.filter((_, at) => found[at] === SAME);
}

describe("comparing many folders", () => {
  const unchanged = names.filter((name) => !changed.has(name));

  it("finds those that are as they were", () => {
    const comparison = prepare();
    for (const _ of compareShares(comparison));
    expect(same(comparison)).toEqual(unchanged);
  });

  it("leaves all of it to the second thread when that is faster", async () => {
    const comparison = prepare();
    const helper = Helper.start();
    helper?.join(comparison);
    while (comparison.found.includes(0)) await sleep(5);
    helper?.end();
    expect(Array.from(compareShares(comparison))).toEqual([]);
    expect(same(comparison)).toEqual(unchanged);
  });

  it("does what a second thread took and never did", () => {
    const comparison = prepare();
    Atomics.add(comparison.next, 0, 200);
    for (const _ of compareShares(comparison));
    compareUnseen(comparison);
    expect(same(comparison)).toEqual(unchanged);
  });

  it("looks at the tree that stands where it is said to, not at one that the working directory was moved to", () => {
    const [here, moved] = [join(root, "here"), join(root, "moved")];
    const file = join(here, "connectors", "one", "manifest.yaml");
    mkdirSync(join(here, "connectors", "one"), { recursive: true });
    writeFileSync(file, "a");
    const { stats } = sign(join(here, "connectors", "one")) ?? { stats: [] };
    const before = process.cwd();
    try {
      process.chdir(here);
      // Node remembers it from the first time that it is asked for.
      expect(process.cwd()).toContain("here");
      renameSync(here, moved);
      cpSync(moved, here, { recursive: true });
      const comparison = comparisonOf(join(here, "connectors"), {
        names: "one",
        layouts: [["", "/manifest.yaml"]],
        layout: Uint32Array.of(0),
        from: Uint32Array.of(0),
        stats: Float64Array.from(Array.from(stats)),
      });
      for (const _ of compareShares(comparison));
      expect(comparison.found[0]).not.toBe(SAME);
    } finally {
      process.chdir(before);
    }
  });
});
