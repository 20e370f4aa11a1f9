import { describe, expect, it } from "vitest";
import { diagnostic, WHOLE_FILE } from "../../src/base/index.ts";
import { caseProblems, certify, type FolderFacts, type Shown } from "../../src/certify/index.ts";
import type { Manifest, TestCase, Tests } from "../../src/manifest/index.ts";
import { good, makeTree } from "../manifest/folder.ts";

const HEAD = `provider_slug: acme
display_name: Acme
auth: bearer
base_url: https://api.example.com
scopes: [{name: w}, {name: guarded, requires_firearm: true, firearm_type: system}]
schemas:
  Id: {type: string, pattern: "^[0-9]+$"}
tools:
`;
const GET = `  - name: get_it
    capability: it.read
    description: Gets it.
    input: {type: object, properties: {id: {$ref: "#/schemas/Id"}, name: {type: string, pattern: "^[a-z]+$"}}}
    output: {type: object, required: [id], properties: {id: {$ref: "#/schemas/Id"}}}
    rest: {method: GET, path: /it}
`;
const write = (name: string, capability: string, more = ""): string => `  - name: ${name}
    capability: ${capability}
    description: Changes it.
    side_effecting: true
    ${more}
    rest: {method: POST, path: /it}
`;
const ADD = write("add_it", "it.create");
const README = "# Acme\n\n## Set-up\n\nStore the key.\n\n## Known limits\n\nNone known.\n";

const tree = makeTree();
const manifestOf = async (tools: string): Promise<Manifest> =>
  good(await tree.read("acme", HEAD + tools)).manifest;
const one = (more: Partial<TestCase>): TestCase => ({
  name: "a",
  tool: "get_it",
  input: {},
  mode: null,
  credentials: "present",
  responses: [],
  expect: { error: null },
  ...more,
});
const testsOf = (...cases: TestCase[]): Tests => ({ account: {}, cases });
const MISSING = one({ credentials: "missing", expect: { error: "needs_setup" } });
const ANSWERED = one({ name: "b", expect: { error: null, output: { id: "1" } } });
const REFUSED = one({ name: "c", tool: "add_it", mode: "readonly", expect: { error: "mode_refused" } });
const facts = (more: Partial<FolderFacts> = {}): FolderFacts => ({
  diagnostics: [],
  readme: README,
  tests: { tests: testsOf(MISSING, ANSWERED, REFUSED), diagnostics: [] },
  shown: null,
  ...more,
});
/** What running the cases has shown, and what a case changes in it. */
const shown = (more: Partial<Shown> = {}): Shown => ({
  cases: [],
  letThrough: [],
  health: { without: "needs_setup", having: "healthy" },
  ...more,
});
/** `gate: status`, and of what failed also what and the hint. */
const told = (manifest: Manifest | null, given: FolderFacts): Record<string, string> =>
  Object.fromEntries(
    certify(manifest, given).gates.map(({ gate, status, evidence }) => {
      const failed = evidence
        .filter((item) => item.status === "failed")
        .map(({ check, found }) => `${check}: ${found}`);
      return [gate, [status, ...failed].join("; ")];
    }),
  );
const NOTHING_FAILED = {
  contract: "pending",
  safety: "pending",
  audit: "pending",
  docs: "passed",
  tests: "pending",
};

describe("the gates", () => {
  it("fail nothing of a connector that has all, and wait for what only calls can show", async () => {
    expect(told(await manifestOf(GET + ADD), facts())).toEqual(NOTHING_FAILED);
  });

  it("pass where running the cases has shown the rest", async () => {
    const cases = [
      { name: "a", tool: "get_it", wrong: null, code: "auth.missing", hasReceipt: false },
      { name: "b", tool: "add_it", wrong: null, code: null, hasReceipt: true },
    ];
    const { gates } = certify(await manifestOf(GET + ADD), facts({ shown: shown({ cases }) }));
    expect(gates.map(({ gate, status }) => `${gate} ${status}`)).toEqual([
      "contract passed",
      "safety passed",
      "audit passed",
      "docs passed",
      "tests passed",
    ]);
  });

  it.each([
    [
      "tests",
      { cases: [{ name: "b", tool: "get_it", wrong: "another output", code: null, hasReceipt: false }] },
      "all cases pass: 1 case: b (another output)",
    ],
    [
      "safety",
      { letThrough: ["add_it (readonly)"] },
      "readonly refuses writes, write refuses what destroys: 1 tool: add_it (readonly)",
    ],
    [
      "audit",
      { cases: [{ name: "b", tool: "add_it", wrong: null, code: null, hasReceipt: false }] },
      "each side effect leaves a receipt: without one: 1 case: b",
    ],
    [
      "contract",
      { health: { without: "healthy", having: "healthy" } },
      "health: without credentials healthy, with them healthy; without whoami, only whether credentials are there",
    ],
  ])("fail %s where running the cases has shown it", async (gate, more, found) => {
    const given = facts({ shown: shown(more) });
    expect(told(await manifestOf(GET + ADD), given)[gate]).toBe(`failed; ${found}`);
  });

  it("wait for a case in which a write goes through", async () => {
    const { gates } = certify(await manifestOf(GET + ADD), facts({ shown: shown() }));
    const audit = gates.find(({ gate }) => gate === "audit");
    expect(audit?.evidence.map(({ status, found }) => [status, found])).toEqual([
      ["pending", "no case in which it goes through: 1 tool: add_it"],
      ["pending", "no case fails"],
    ]);
  });

  it("fail all that needs a manifest where check finds an error", () => {
    const broken = diagnostic("manifest.missing_key", "connectors/acme/manifest.yaml", WHOLE_FILE, "x");
    const given = facts({ diagnostics: [broken], tests: { tests: null, diagnostics: [] } });
    expect(certify(null, given)).toMatchObject({ ok: false, reviewTier: null });
    expect(told(null, given)).toEqual({
      ...NOTHING_FAILED,
      contract: "failed; check finds no error: 1 kind of error: manifest.missing_key",
    });
  });

  it.each([
    ["contract", "no tool", "  []\n", {}, "it can do something: there is no tool"],
    [
      "contract",
      "a tool without a capability",
      GET.replace(/ {4}capability.*\n/, ""),
      {},
      "each tool says what it is good for: not so: 1 tool: get_it",
    ],
    [
      "contract",
      "a tool without a description",
      GET.replace(/ {4}description.*\n/, ""),
      {},
      "each tool is described: not so: 1 tool: get_it",
    ],
    [
      "contract",
      "a tool without an executor",
      GET.replace(/ {4}rest.*\n/, ""),
      {},
      "each tool says how it does its work: not so: 1 tool: get_it",
    ],
    [
      "safety",
      "what destroys and names no scope",
      GET + write("add_it", "it.delete", "destructive: true"),
      {},
      "what destroys can be gated: not so: 1 tool: add_it",
    ],
    ["docs", "no README", GET + ADD, { readme: null }, "there is a README.md: there is none"],
    [
      "docs",
      "a README without a section",
      GET + ADD,
      { readme: README.replace("Set-up", "Use") },
      "it tells how to set up: there is no such section",
    ],
    [
      "docs",
      "a section of comments",
      GET + ADD,
      { readme: README.replace("None known.", "<!-- what? -->") },
      "it tells known limitations: the section is empty",
    ],
    ["tests", "no tests.yaml", GET + ADD, { tests: null }, "there is a tests.yaml: there is none"],
    [
      "tests",
      "no case without a credential",
      GET + ADD,
      { tests: { tests: testsOf(ANSWERED, REFUSED), diagnostics: [] } },
      "missing credentials give needs_setup: no case",
    ],
    [
      "tests",
      "a read without a case",
      GET + ADD,
      { tests: { tests: testsOf(MISSING, REFUSED), diagnostics: [] } },
      "each read has a case with a recorded response: without one: 1 tool: get_it",
    ],
    [
      "tests",
      "a write without a case",
      GET + ADD,
      { tests: { tests: testsOf(MISSING, ANSWERED), diagnostics: [] } },
      "each write has a case that readonly refuses: without one: 1 tool: add_it",
    ],
  ] as const)("fail %s for %s", async (gate, _, tools, more, reason) => {
    const tests =
      tools.includes("add_it") || "tests" in more
        ? {}
        : { tests: { tests: testsOf(MISSING, ANSWERED), diagnostics: [] } };
    const manifest = await manifestOf(tools);
    expect(told(manifest, facts({ ...tests, ...more }))).toMatchObject({
      [gate]: expect.stringContaining(`failed; ${reason}`),
    });
    expect(certify(manifest, facts({ ...tests, ...more })).ok).toBe(false);
  });

  it("leave firearms to a person", async () => {
    const open = await manifestOf(GET + write("add_it", "it.delete", "destructive: true\n    scopes: [w]"));
    const proposed = await manifestOf(
      GET + write("add_it", "it.delete", "destructive: true\n    scopes: [guarded]"),
    );
    const firearm = (manifest: Manifest) =>
      certify(manifest, facts()).gates[1]?.evidence.find(({ check }) => check.startsWith("a firearm"))
        ?.status;
    expect([firearm(open), firearm(proposed)]).toEqual(["pending", "passed"]);
  });
});

describe("the review tier", () => {
  it.each([
    ["read-heavy", GET],
    ["bounded write", GET + ADD],
    ["business mutation", GET + ADD + write("set_it", "it.update")],
    ["business mutation", GET + write("add_it", "it.create", "scopes: [guarded]")],
    ["destructive", GET + ADD + write("drop_it", "it.delete", "destructive: true")],
  ])("is %s", async (tier, tools) => {
    expect(certify(await manifestOf(tools), facts()).reviewTier).toBe(tier);
  });
});

describe("cases against the schemas of their tools", () => {
  it.each([
    ["each pattern of a schema counts by itself", one({ input: { id: "12", name: "ab" } }), []],
    ["an input that breaks a shared schema", one({ input: { id: "x" } }), ["tests.input"]],
    ["a wrong input that is expected", one({ input: { id: "x" }, expect: { error: "invalid_input" } }), []],
    [
      "a right input that is expected to be wrong",
      one({ input: {}, expect: { error: "invalid_input" } }),
      ["tests.input"],
    ],
    ["an output without a required field", one({ expect: { error: null, output: {} } }), ["tests.output"]],
  ])("%s", async (_, given, codes) => {
    const manifest = await manifestOf(GET);
    expect(caseProblems(testsOf(given), manifest).map(({ code }) => code)).toEqual(codes);
  });

  it("a pattern that would block a backtracking engine is answered at once", async () => {
    const manifest = await manifestOf(GET.replace('"^[a-z]+$"', '"^(a+)+$"'));
    const given = testsOf(one({ input: { name: `${"a".repeat(40)}!` } }));
    const start = performance.now();
    expect(caseProblems(given, manifest)).toHaveLength(1);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
