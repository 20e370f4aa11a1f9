import { describe, expect, it } from "vitest";
import { CODES, type Code } from "../../src/base/index.ts";
import { RULE_FAULTS, SHAPE_FAULTS, TEXT_FAULTS } from "./faults.ts";
import { makeTree, places, SMALLEST } from "./folder.ts";

const tree = makeTree();
const ALL = [...TEXT_FAULTS, ...SHAPE_FAULTS, ...RULE_FAULTS];

describe("a fault is told once, at its token", () => {
  it.each(ALL)("%s", async (_, files, expected) => {
    const reading = await tree.read("shopify", files);
    expect(places(reading.diagnostics)).toEqual(expected);
    const isError = reading.diagnostics.some((found) => found.severity === "error");
    expect(reading.ok).toBe(!isError);
    for (const { message, hint } of reading.diagnostics) {
      expect(message).toMatch(/^\S.*[.)]$/);
      expect(hint).toMatch(/^\S.*[.?…`]$/);
    }
  });

  it("has a case for every code of a file's content", () => {
    const elsewhere: readonly Code[] = [
      ...(["yaml.too_complex", "file.secret", "tool.too_many", "manifest.unknown_key"] as const),
    ];
    const mine = Object.keys(CODES).filter((code) =>
      /^(?:yaml|manifest|scope|kpi|list|utm|tool|schema|template)\./.test(code),
    );
    const tested = new Set(ALL.flatMap(([, , expected]) => expected.map((place) => place.split(" ").at(-1))));
    expect(mine.filter((code) => !tested.has(code) && !elsewhere.some((other) => other === code))).toEqual(
      [],
    );
  });
});

describe("many faults", () => {
  it("are told all at once: syntax, shape and rules", async () => {
    const text = SMALLEST.replace("display_name", "display_nam")
      .replace("requires_firearm: false", "requires_firearm: maybe")
      .replace('standard: "gross_sales"', 'standard: "gross_sales')
      .replace('"social"', "email")
      .concat("tools:\n  - name: t\n    scopes: [x]\n");
    const { diagnostics } = await tree.read("shopify", text);
    expect(places(diagnostics)).toEqual([
      "2:1 manifest.unknown_key",
      "6:23 manifest.wrong_type",
      "11:15 yaml.syntax",
      "14:5 list.duplicate",
    ]);
  });

  it("are at most 20 a file, the last of which counts the others", async () => {
    const keys = Array.from({ length: 100 }, (_, index) => `key_${index}: 1`).join("\n");
    const { diagnostics } = await tree.read("shopify", `${SMALLEST}${keys}\n`);
    expect(diagnostics).toHaveLength(20);
    expect(diagnostics.at(-1)?.message).toMatch(/\(80 more in this file are not shown\.\)$/);
  });

  it("never push an error out of sight by warnings", async () => {
    const tools = Array.from({ length: 40 }, (_, index) => `  - name: t_${index}\n`).join("");
    const reading = await tree.read("shopify", `${SMALLEST}tools:\n${tools}zzz: 1\n`);
    expect(reading.ok).toBe(false);
    const warnings = await tree.read("shopify", `${SMALLEST}tools:\n${tools}`);
    expect(warnings.ok).toBe(true);
    expect(warnings.diagnostics).toHaveLength(20);
    expect(reading.diagnostics.map((found) => found.code)).toContain("manifest.unknown_key");
  });

  it("give the same diagnostics every time", async () => {
    const text = `${SMALLEST}a: 1\nb: 2\nsummary: [}\n`;
    const first = JSON.stringify((await tree.read("shopify", text)).diagnostics);
    expect(JSON.stringify((await tree.read("shopify", text)).diagnostics)).toBe(first);
  });
});

describe("a hint", () => {
  it.each([
    ["display_nam: x", "Did you mean display_name?"],
    ["slug: x", "Did you mean provider_slug?"],
    ["platform: mac", /Did you mean macos\?/],
    ["summary: 1.10", 'Put it in quotes: "1.10".'],
    ["version: 1.0", "Write a semantic version, such as 1.0.0, in quotes."],
    ["tools: [{name: t, rest: {method: GET, url: http://a.example}}]", "Write https:// in place of http://."],
    ["tools: [{name: t, title: T, scopes: [read_order]}]", "Did you mean read_orders?"],
  ])("for %s says what to write", async (line, hint) => {
    const { diagnostics } = await tree.read("shopify", `${SMALLEST}${line}\n`);
    expect(diagnostics.find((found) => found.severity === "error")?.hint).toMatch(hint);
  });
});

it("knows what a misspelt word in capitals meant", async () => {
  const tools =
    "tools: [{name: t, input: {type: object, properties: {USER_ID: {}}, required: [USERID]}, handler: f}]";
  const files = { "manifest.yaml": `${SMALLEST}${tools}\n`, "service.ts": "export const f = 1;\n" };
  const { diagnostics } = await tree.read("shopify", files);
  expect(diagnostics.map((found) => found.hint)).toEqual(["Did you mean USER_ID?"]);
});

it("names what is wrong with a text that is too long to be shown", async () => {
  const url = `https://a.example/${"x".repeat(100)} y`;
  const { diagnostics } = await tree.read("shopify", `${SMALLEST}homepage: ${url}\n`);
  expect(diagnostics[0]?.message).toMatch(/^homepage wants a URL that .* holds no space, not "/);
});

it("counts columns in code points", async () => {
  const { diagnostics } = await tree.read(
    "shopify",
    `${SMALLEST}utm: {static_params: {"😀é": "👍"}, x: 1}\n`,
  );
  expect(places(diagnostics)).toEqual(["15:35 manifest.unknown_key"]);
});

it("refuses more than 2,000 tools, over all files", async () => {
  const list = (count: number, from: number): string =>
    Array.from({ length: count }, (_, n) => `- {name: t_${from + n}, handler: f}\n`).join("");
  const reading = await tree.read("shopify", {
    "manifest.yaml": SMALLEST,
    "service.ts": "export const f = () => 1;\n",
    "tools/a.yaml": list(2000, 0),
    "tools/b.yaml": list(1, 2000),
  });
  expect(places(reading.diagnostics)).toEqual(["tools/b.yaml 1:3 tool.too_many"]);
});
