import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { fuzz } from "../../scripts/fuzz-manifest.ts";
import { parseYaml } from "../../src/manifest/yaml/parse.ts";
import { good, makeTree, places, SMALLEST } from "./folder.ts";

const tree = makeTree();
const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/hostile/${name}`, import.meta.url), "utf8");
const SIZE = 250 * 1024;
const fill = (unit: string): string => unit.repeat(Math.floor(SIZE / unit.length));
const numbered = (count: number, line: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => line(n)).join("");

/** What was seen to make YAML readers slow, large or wrong, at the size that still is read. */
const HOSTILE: readonly (readonly [string, string])[] = [
  ["10,000 distinct keys", numbered(10_000, (n) => `key_number_${n}: 1\n`)],
  ["10,000 anchors and aliases", numbered(10_000, (n) => `- &a${n} x\n- *a${n}\n`)],
  ["a list of 120,000", `a: [${fill("a,")}]`],
  ["a list of 60,000 lines", `a:\n${fill("- 1\n")}`],
  ["a flood of errors", fill("- }\n")],
  ["a flood of errors of other kinds", fill("a: b: c\n")],
  ["nesting without end", fill("[")],
  ["nested maps without end", fill("{a: ")],
  ["nested lists without end", fill("- ")],
  ["explicit keys without end", fill("? ")],
  ["nested anchors", numbered(100, (n) => `${" ".repeat(n)}&a${n}\n`)],
  ["tabs", `a:${fill("\t")}b`],
  ["blanks", `a: |\n${fill(" \n")}`],
  ["open quotes", fill("a: 'b\n")],
  ["comments", fill("#\n")],
  ["one long word", `a: ${fill("x")}`],
  ["one long key", `${fill("x")}: a`],
  ["escapes", `a: "${fill("\\x41")}"`],
  ["unknown keys of a scope", `scopes:\n- {${numbered(20_000, (n) => `k${n}: 1, `)}}`],
  ["scopes without names", `scopes:\n${fill("- {}\n")}`],
  ["hidden characters", fill("\u200b")],
  ["documents", fill("---\n")],
  ["directives", fill("%A\n")],
  ["the laughs", fixture("billion-laughs.yml")],
  [
    "templates",
    `${SMALLEST}tools:\n- name: t\n  rest: {method: GET, url: "https://a.example/${"{{ params.x }}".repeat(250)}"}`,
  ],
  ["comments in GraphQL", `${SMALLEST}tools: [{name: t, graphql: {query: '${"#".repeat(19_000)}'}}]`],
  [
    "a variable of GraphQL without an end",
    `${SMALLEST}tools: [{name: t, graphql: {query: 'query ($a:${" ".repeat(19_000)}'}}]`,
  ],
  ["a hungry pattern", `${SMALLEST}schemas: {A: {pattern: '${"(a+)+".repeat(150)}$'}}`],
  ["secrets' beginnings", `a: ${fill("ghs_1_a")}`],
  ["URLs without an end", `a: ${fill("https://a:")}`],
];

describe("hostile YAML", () => {
  it.each(HOSTILE)("%s: answered within 2 s, and its neighbour is read", async (_, text) => {
    const started = performance.now();
    const [hostile, neighbour] = await Promise.all([
      tree.read("hostile", `provider_slug: hostile\n${text}`),
      tree.read("shopify", SMALLEST),
    ]);
    // The worker's own 2 s, and its start on a busy machine.
    expect(performance.now() - started).toBeLessThan(5000);
    expect(hostile.ok).toBe(false);
    expect(hostile.diagnostics.length).toBeGreaterThan(0);
    expect(hostile.diagnostics.length).toBeLessThanOrEqual(20);
    expect(neighbour.ok).toBe(true);
  });

  it("keeps memory within bounds", async () => {
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    for (const [, text] of HOSTILE) await tree.read("hostile", text);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
  });

  it("of a thousand mutations: none throws, hangs, or is read differently the second time", async () => {
    const report = await fuzz(1000, 7);
    expect(report.failures).toEqual([]);
    expect(report.accepted).toBeGreaterThan(10);
  });
});

describe("text fields", () => {
  const naughty: string[] = JSON.parse(fixture("blns.json"));

  it("hold any visible text, exactly as it was written", async () => {
    for (const text of naughty) {
      const reading = await tree.read("shopify", `${SMALLEST}instructions: ${JSON.stringify(text)}\n`);
      if (reading.ok) expect(reading.manifest.instructions).toBe(text);
      else {
        const codes = new Set(reading.diagnostics.map((found) => found.code));
        expect(
          [...codes].every((code) =>
            ["file.hidden_character", "manifest.too_short", "file.secret"].includes(code),
          ),
        ).toBe(true);
      }
    }
  });
});

/** What the other reader makes of a text, with the options that notes on hostile input call safe; null when it errs. */
function otherReader(text: string): unknown {
  const document = parseDocument(text, {
    schema: "core",
    uniqueKeys: false,
    stringKeys: true,
    merge: false,
    version: "1.2",
  });
  if (document.errors.length > 0 || document.warnings.length > 0) return null;
  return document.toJS({ maxAliasCount: 0 });
}

describe("two readers of one language", () => {
  const scalar = fc.oneof(
    fc.constantFrom(
      "a",
      "b c",
      "1",
      "-2.5",
      "1e3",
      "true",
      "null",
      "~",
      '"x\\ty"',
      "'it''s'",
      "no",
      "|\n  x",
      "{}",
      "[]",
    ),
    fc.string({ maxLength: 8 }).map((text) => JSON.stringify(text)),
    fc.string({ unit: fc.constantFrom(..." :#-?,[]{}&*!|>'\"%@`\\ab\n\t1"), maxLength: 8 }),
  );
  const line = fc
    .tuple(
      fc.constantFrom("", "  ", "    "),
      fc.constantFrom("a: ", "b: ", "- ", "c:\n", "'d': ", "? ", ""),
      scalar,
    )
    .map(([indent, key, value]) => `${indent}${key}${value}\n`);

  it("agree on the value wherever both read it", () => {
    let agreed = 0;
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const text = lines.join("");
        let mine: ReturnType<typeof parseYaml>;
        try {
          mine = parseYaml(text);
        } catch {
          return;
        }
        if (mine.problems.length > 0 || mine.root === null || /[\0\ufeff]/.test(text)) return;
        const other = otherReader(text);
        if (other === null) return;
        agreed++;
        expect(mine.root.value).toEqual(other);
      }),
      { numRuns: 3000, seed: 20261121 },
    );
    expect(agreed).toBeGreaterThan(200);
  });

  it("agree that every good manifest is one", async () => {
    const text = readFileSync(
      new URL("../fixtures/manifest/everything/manifest.yaml", import.meta.url),
      "utf8",
    );
    expect(parseYaml(text).root?.value).toEqual(otherReader(text));
    expect(places(good(await tree.read("shopify", SMALLEST)).diagnostics)).toEqual([]);
  });
});
