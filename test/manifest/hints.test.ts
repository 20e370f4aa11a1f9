import { describe, expect, it } from "vitest";
import { makeTree, SMALLEST } from "./folder.ts";

const tree = makeTree();

/** The one hint that a manifest with these lines gets. */
async function hint(lines: string): Promise<string | undefined> {
  const { diagnostics } = await tree.read("shopify", `${SMALLEST}${lines}\n`);
  return diagnostics.find(({ severity }) => severity === "error")?.hint;
}
const tool = (fields: string): string => `tools:\n  - ${fields}`;
const REST = "rest: {method: GET, url: https://a.example}";

describe("a hint says what to write", () => {
  it.each([
    ["a name in another case", tool(`{name: getThing, ${REST}}`), "Write get_thing."],
    [
      "a method in small letters",
      tool("{name: t, rest: {method: get, url: https://a.example}}"),
      "Write GET.",
    ],
    ["a path without its slash", tool("{name: t, rest: {method: GET, path: things}}"), "Write /things."],
    ["a URL without its scheme", "homepage: www.shopify.com/x", "Write https://www.shopify.com/x."],
    ["a version of two numbers", 'version: "1.0"', "Write 1.0.0."],
    ["a version with its v", "version: v1.2.3", "Write 1.2.3."],
    [
      "a word that nothing near would make right",
      'version: "latest"',
      "Write a semantic version, such as 1.0.0.",
    ],
    ["a text with nothing in it", 'account_fields: [{name: a, default: ""}]', "Write one line of text."],
    [
      "a field that belongs deeper",
      tool(`{name: t, ${REST}, response: {root: a}}`),
      "Write it under rest, graphql, sql, applescript.",
    ],
    ["a name where a map is wanted", "budgets: [spend]", 'Write a map: {name: "spend"}.'],
    [
      "a number where a map is wanted",
      "utm: 1",
      "Write a map; its fields: static_params, allowed_variables, pattern.",
    ],
    [
      "a placeholder as OpenAPI writes it",
      tool("{name: t, rest: {method: GET, url: 'https://a.example/{pet-id}'}}"),
      "Write {{ params.pet_id }}.",
    ],
  ])("for %s", async (_, lines, expected) => {
    expect(await hint(lines)).toBe(expected);
  });
});
