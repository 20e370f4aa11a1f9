import { describe, expect, it } from "vitest";
import { good, makeTree, places } from "./folder.ts";

const MANIFEST = `provider_slug: shopify
display_name: Shopify
auth: bearer
base_url: https://{{account.shop}}.example.com
scopes: [{name: w}]
account_fields: [{name: region}]
tools:
  - {name: get_it, rest: {method: GET, path: /it}}
  - {name: change_it, side_effecting: true, scopes: [w], rest: {method: PUT, path: /it}}
  - {name: drop_it, side_effecting: true, destructive: true, scopes: [w], rest: {method: DELETE, path: /it}}
  - {name: work_it, handler: work}
`;
const SERVICE = "export function work() {}\n";
const tree = makeTree();
const read = (tests: string | Buffer, manifest = MANIFEST) =>
  tree.read("shopify", { "manifest.yaml": manifest, "service.ts": SERVICE, "tests.yaml": tests });
const oneCase = (...lines: string[]): string =>
  `cases:\n  - name: a\n${lines.map((l) => `    ${l}\n`).join("")}`;
const OUTPUT = ["tool: get_it", "responses: [{body: 1}]", "expect: {output: {}}"];

describe("tests.yaml is good", () => {
  it.each([
    ["a read with its answer", oneCase(...OUTPUT)],
    [
      "an output that is no map",
      oneCase("tool: get_it", "responses: [{}]", "expect: {output: {value: null}}"),
    ],
    [
      "an account with a declared field and one that a template reads",
      `account: {region: eu, shop: x}\n${oneCase(...OUTPUT)}`,
    ],
    ["no credential", oneCase("tool: get_it", "credentials: missing", "expect: {error: needs_setup}")],
    ["a write in readonly", oneCase("tool: change_it", "mode: readonly", "expect: {error: mode_refused}")],
    ["what destroys, in write", oneCase("tool: drop_it", "mode: write", "expect: {error: mode_refused}")],
    [
      "an answer after a wait",
      oneCase(
        "tool: get_it",
        "responses: [{status: 429, headers: {Retry-After: '0'}}, {}]",
        "expect: {output: {value: null}}",
      ),
    ],
    [
      "a refusal of the provider",
      oneCase("tool: get_it", "responses: [{status: 500, body: oops}]", "expect: {error: provider_error}"),
    ],
    ["a function that asks nobody", oneCase("tool: work_it", "expect: {output: {}}")],
  ])("with %s", async (_, tests) => {
    expect(good(await read(tests)).diagnostics.map(({ code }) => code)).toEqual([]);
  });

  it("and changes no digest", async () => {
    const without = good(await tree.read("shopify", { "manifest.yaml": MANIFEST, "service.ts": SERVICE }));
    expect(good(await read(oneCase(...OUTPUT))).digest).toBe(without.digest);
  });
});

describe("tests.yaml is refused", () => {
  it.each([
    ["an unknown key", oneCase(...OUTPUT, "expects: 1"), "6:5 manifest.unknown_key"],
    ["an unknown error", oneCase("tool: get_it", "expect: {error: need_setup}"), "4:21 manifest.not_allowed"],
    [
      "a status that is none",
      oneCase("tool: get_it", "responses: [{status: 99}]", "expect: {output: {}}"),
      "4:26 manifest.bad_format",
    ],
    ["no cases", "cases: []\n", "1:8 manifest.too_short"],
    ["a list", "- a\n", "1:1 manifest.wrong_type"],
    ["nothing", "", "1:1 yaml.empty"],
    [
      "an output that is a list",
      oneCase("tool: get_it", "responses: [{}]", "expect: {output: [1]}"),
      "5:22 tests.expectation",
    ],
    [
      "an anchor",
      oneCase("tool: &a get_it", "responses: [{}]", "expect: {error: provider_error}"),
      "3:11 yaml.anchor",
    ],
    ["a tool that is not there", oneCase("tool: get_i", "expect: {output: {}}"), "3:11 tests.unknown_tool"],
    [
      "a name twice",
      `${oneCase(...OUTPUT)}  - {name: a, tool: work_it, expect: {output: {}}}\n`,
      "6:12 list.duplicate",
    ],
    [
      "an account field that nobody reads",
      `account: {shp: x}\n${oneCase(...OUTPUT)}`,
      "1:11 tests.unknown_field",
    ],
    ["no expectation", oneCase("tool: get_it", "responses: [{}]", "expect: {}"), "5:5 tests.expectation"],
    [
      "two expectations",
      oneCase("tool: get_it", "responses: [{}]", "expect: {output: {}, error: provider_error}"),
      "5:5 tests.expectation",
    ],
    [
      "an answer without a credential",
      oneCase("tool: get_it", "credentials: missing", "responses: [{}]", "expect: {output: {}}"),
      "6:13 tests.contradiction",
    ],
    [
      "nothing to set up",
      oneCase("tool: get_it", "expect: {error: needs_setup}"),
      "4:21 tests.contradiction",
    ],
    [
      "a write that readonly lets through",
      oneCase("tool: change_it", "mode: readonly", "responses: [{}]", "expect: {output: {}}"),
      "6:13 tests.contradiction",
    ],
    [
      "a read that readonly refuses",
      oneCase("tool: get_it", "mode: readonly", "expect: {error: mode_refused}"),
      "5:21 tests.contradiction",
    ],
    ["an output without an answer", oneCase("tool: get_it", "expect: {output: {}}"), "2:5 tests.responses"],
    [
      "an answer to nothing",
      oneCase("tool: change_it", "mode: readonly", "responses: [{}]", "expect: {error: mode_refused}"),
      "5:5 tests.responses",
    ],
  ])("with %s", async (_, tests, place) => {
    const reading = await read(tests);
    expect(reading.ok).toBe(false);
    expect(places(reading.diagnostics)).toEqual([`tests.yaml ${place}`]);
  });

  it("that needs a credential of a connector without one", async () => {
    const tests = oneCase("tool: get_it", "credentials: missing", "expect: {error: needs_setup}");
    const { diagnostics } = await read(tests, MANIFEST.replace("bearer", "none"));
    expect(places(diagnostics)).toEqual(["tests.yaml 4:18 tests.contradiction"]);
  });

  it("over 256 KiB, and under another name", async () => {
    expect(places((await read(Buffer.alloc(257 * 1024, "#"))).diagnostics)).toEqual([
      "tests.yaml 1:1 file.too_large",
    ]);
    const files = { "manifest.yaml": MANIFEST, "service.ts": SERVICE, "tests.yml": oneCase(...OUTPUT) };
    expect(places((await tree.read("shopify", files)).diagnostics)).toEqual([
      "tests.yml 1:1 folder.not_read",
    ]);
  });

  it("with a secret in it, and does not show it", async () => {
    const secret = `ghp_${"a1B2".repeat(9)}`;
    const { diagnostics } = await read(
      oneCase("tool: get_it", `input: {token: ${secret}}`, "responses: [{}]", "expect: {output: {}}"),
    );
    expect(places(diagnostics)).toEqual(["tests.yaml 4:20 file.secret"]);
    expect(JSON.stringify(diagnostics)).not.toContain(secret);
  });

  it("but not of what can't be told while the manifest is wrong", async () => {
    const { diagnostics } = await read(
      oneCase("tool: other", "expect: {output: {}}"),
      `${MANIFEST}summary: [x]\n`,
    );
    expect(places(diagnostics)).toEqual(["12:10 manifest.wrong_type"]);
  });
});
