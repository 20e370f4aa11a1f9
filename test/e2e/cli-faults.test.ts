/** 25 faults in one set of folders: 25 findings, each at its place and with a hint, in one run. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { beforeAll, describe, expect, it } from "vitest";
import { type CheckJson, PACKAGE, type Project, project, type RunJson, SMALLEST } from "./helpers.ts";

// A fault is written down as <code>⟦ before the offending token: that is where it must be reported.
const MARK = /<([a-z_.]+)>⟦/g;

const SEEDED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  acme: {
    "manifest.yaml": `provider_slug: acme
display_name: Acme
<manifest.unknown_key>⟦scpoes: []
version: <manifest.bad_format>⟦"one"
homepage: <manifest.bad_format>⟦ftp://acme.example
platform: <manifest.not_allowed>⟦amiga
scopes:
  - name: read_items
    requires_firearm: <manifest.wrong_type>⟦"no"
  - name: <scope.duplicate>⟦read_items
  - name: write_items
    <scope.firearm_type>⟦firearm_type: system
    <manifest.gating_field>⟦danger_level: 3
kpis:
  - {raw: sales, standard: gross_sales}
  - {raw: <kpi.duplicate>⟦sales, standard: net_sales}
utm_capabilities: [email, <list.duplicate>⟦email]
`,
  },
  beta: {
    "manifest.yaml": `provider_slug: <manifest.slug_mismatch>⟦alpha
display_name: "Beta 数据 🎉"
auth: {type: bearer, <manifest.secret_field>⟦token: abc}
base_url: https://beta.example
scopes: [{name: "数据 read"}, {name: write}]
tools:
  - name: <manifest.bad_format>⟦GetItem
    scopes: ["数据 read"]
    rest: {method: GET, path: /items}
  - name: list_items
    scopes: ["数据 read", <tool.unknown_scope>⟦wriet]
    rest: {method: GET, path: /items}
  - name: delete_item
    scopes: [write]
    side_effecting: true
    <tool.open_input>⟦input: {type: object, properties: {}}
    rest: {method: DELETE, path: /items}
  - name: run_it
    scopes: [write]
    <manifest.run_block>⟦run: rm -rf /
    rest: {method: GET, path: /items}
  - name: twice
    scopes: [write]
    rest: {method: GET, path: <template.unknown_variable>⟦"/items/{{ params.id }}"}
`,
    "tools/more.yaml": `- name: <tool.duplicate>⟦list_items
  scopes: []
  handler: <tool.handler_missing>⟦listItems
`,
  },
  gamma: {
    "manifest.yaml":
      "provider_slug: gamma\ndisplay_name: Gamma\n<yaml.duplicate_key>⟦display_name: G\nversion: <yaml.anchor>⟦&v 1.0.0\n",
  },
  "delta/sub": { "manifest.yaml": "provider_slug: sub\n" },
  delta: { "manifest.yaml": "provider_slug: delta\ndisplay_name: Delta\n", ".env": "A=b\n" },
  epsilon: { "README.md": "no manifest\n" },
  "Zeta!": { "manifest.yaml": SMALLEST.replaceAll("shopify", "zeta") },
};

/** Those that are told of a whole file or folder. */
const WHOLE = [
  "connectors/Zeta!:1:1 folder.name",
  "connectors/delta/.env:1:1 file.env",
  "connectors/delta/sub/manifest.yaml:1:1 folder.nested",
  "connectors/epsilon:1:1 folder.no_manifest",
];

function seed(into: Project): string[] {
  const expected: string[] = [...WHOLE];
  for (const [slug, files] of Object.entries(SEEDED)) {
    for (const [path, marked] of Object.entries(files)) {
      marked.split("\n").forEach((text, line) => {
        for (const found of text.matchAll(MARK)) {
          const before = text.slice(0, found.index).replace(MARK, "");
          expected.push(`connectors/${slug}/${path}:${line + 1}:${[...before].length + 1} ${found[1]}`);
        }
      });
      into.write(slug, { [path]: marked.replace(MARK, "") });
    }
  }
  return expected.sort();
}

const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
formats.default(ajv);
for (const name of ["diagnostic", "change", "check", "run", "failure"]) {
  ajv.addSchema(JSON.parse(readFileSync(join(PACKAGE, "docs/schemas", `${name}.json`), "utf8")));
}
const errorsOf = (schema: string, value: unknown): unknown => (ajv.validate(schema, value) ? [] : ajv.errors);

describe("25 seeded faults", () => {
  let shop: Project;
  let expected: string[];
  let report: CheckJson;
  beforeAll(async () => {
    shop = project();
    expected = seed(shop);
    shop.write("shopify", SMALLEST);
    report = await shop.json<CheckJson>(["check"]);
  });

  it("are told all at once, each at its line and column", () => {
    const errors = report.diagnostics.filter(({ severity }) => severity === "error");
    expect(errors.map((one) => `${one.file}:${one.line}:${one.column} ${one.code}`).sort()).toEqual(expected);
    expect(expected).toHaveLength(25);
    expect(report).toMatchObject({ ok: false, summary: { connectors: 7, errors: 25 } });
  });

  it("come each with a hint", () => {
    expect(report.diagnostics.filter(({ hint }) => hint.length < 10)).toEqual([]);
  });

  it("are printed as JSON that its schema describes", () => {
    expect(errorsOf("check.json", report)).toEqual([]);
  });

  it("are printed as SARIF that is valid against the published schema", async () => {
    const { stdout, code } = await shop.run(["check", "--format", "sarif"]);
    expect(code).toBe(1);
    const require = createRequire(import.meta.url);
    const { $schema, id, ...schema } = require("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
    expect([$schema, id]).not.toContain(undefined);
    const log = JSON.parse(stdout);
    expect(ajv.validate(schema, log) ? [] : ajv.errors).toEqual([]);
    expect(log.runs[0].results).toHaveLength(report.diagnostics.length);
    expect(log.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri).toBe(
      "connectors/Zeta!",
    );
  });

  it("are printed as GitHub annotations, one a line", async () => {
    const { stdout } = await shop.run(["check", "--format", "github"]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(report.diagnostics.length);
    expect(
      lines.filter((line) => !/^::(?:error|warning) file=[^,:]+(?:,\w+=[^,:]+)*::.+$/.test(line)),
    ).toEqual([]);
    expect(stdout).toContain("file=connectors/acme/manifest.yaml,line=3,endLine=3,col=1,endColumn=7,");
  });

  it("are printed with the line and a caret for people", async () => {
    const { stdout } = await shop.run(["check"]);
    expect(stdout).toContain("connectors/acme/manifest.yaml:3:1 error manifest.unknown_key");
    expect(stdout).toContain("  3 | scpoes: []\n    | ^^^^^^\n");
    expect(stdout).not.toContain("token: abc");
  });

  it.each(["pretty", "json", "github", "sarif"])("are the same bytes in two runs: %s", async (format) => {
    const [first, second] = [
      await shop.run(["check", "--format", format]),
      await shop.run(["check", "--format", format]),
    ];
    expect(second.stdout).toBe(first.stdout);
    expect(first.stdout.length).toBeGreaterThan(100);
  });

  it("keep no neighbour from being registered", async () => {
    const run = await shop.json<RunJson>(["run"]);
    expect(errorsOf("run.json", run)).toEqual([]);
    expect(run).toMatchObject({ ok: false, summary: { created: 1 } });
    expect(run.connectors.find(({ slug }) => slug === "shopify")?.outcome).toBe("created");
  });
});
