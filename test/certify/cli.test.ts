import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { afterAll, describe, expect, it } from "vitest";

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const schemas = ["certify", "diagnostic"].map((name) =>
  JSON.parse(readFileSync(at(`docs/schemas/${name}.json`), "utf8")),
);
const isCertificate = new Ajv({ schemas, strict: false }).getSchema("certify.json");
const cwd = mkdtempSync(join(tmpdir(), "certify-"));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** Runs the command line and gives its JSON, which must be what docs/schemas says. */
function certifying(slug: string, where = cwd) {
  const args = [at("src/cli/main.ts"), "--cwd", where, "certify", slug, "--format", "json"];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  const certificate = JSON.parse(stdout);
  if (certificate.error === undefined) {
    expect(isCertificate?.(certificate), JSON.stringify(isCertificate?.errors)).toBe(true);
  }
  return { status, certificate };
}

const slugs = readdirSync(at("connectors"), { withFileTypes: true }).filter((entry) => entry.isDirectory());

describe("sentinel certify", () => {
  it.each(slugs.map(({ name }) => name))("fails nothing of connectors/%s", (slug) => {
    const { status, certificate } = certifying(slug, at(""));
    expect({ status, ok: certificate.ok, diagnostics: certificate.diagnostics }).toEqual({
      status: 0,
      ok: true,
      diagnostics: [],
    });
  });

  it("names what is missing of a new connector, exits 1, and writes nothing", () => {
    const made = spawnSync(process.execPath, [at("src/cli/main.ts"), "--cwd", cwd, "new", "acme"]);
    expect(made.status).toBe(0);
    const before = readdirSync(cwd, { recursive: true }).sort();
    const { status, certificate } = certifying("acme");
    expect(status).toBe(1);
    expect(
      certificate.gates.map(({ gate, status }: { gate: string; status: string }) => [gate, status]),
    ).toEqual([
      ["contract", "passed"],
      ["safety", "passed"],
      ["audit", "pending"],
      ["docs", "failed"],
      ["tests", "passed"],
    ]);
    expect(readdirSync(cwd, { recursive: true }).sort()).toEqual(before);
  });

  it("shows the place of a case that does not fit its tool", () => {
    const path = join(cwd, "connectors/acme/tests.yaml");
    writeFileSync(path, readFileSync(path, "utf8").replace('input: { id: "1" }', "input: { id: 1 }"));
    expect(certifying("acme")).toMatchObject({
      status: 1,
      certificate: {
        diagnostics: [{ code: "generated.missing" }, { code: "tests.input", line: 5, column: 5 }],
      },
    });
  });

  it("runs the cases, and names the one that ends otherwise than it says", () => {
    const folder = join(cwd, "connectors/echo");
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "manifest.yaml"),
      `provider_slug: echo
display_name: Echo
auth: bearer
base_url: https://api.example.com
scopes: [{name: w}]
tools:
  - name: add_it
    capability: it.create
    description: Adds it.
    scopes: [w]
    side_effecting: true
    input: {type: object, properties: {id: {type: string}}, required: [id], additionalProperties: false}
    rest: {method: POST, path: "/it/{{ params.id }}", response: {mapping: {made: "id"}}}
`,
    );
    const tests = (made: string): void =>
      writeFileSync(
        join(folder, "tests.yaml"),
        `cases:
  - {name: none, tool: add_it, input: {id: "1"}, credentials: missing, expect: {error: needs_setup}}
  - {name: refused, tool: add_it, input: {id: "1"}, mode: readonly, expect: {error: mode_refused}}
  - {name: broken, tool: add_it, input: {id: "1"}, responses: [{status: 500, body: {}}], expect: {error: provider_error}}
  - {name: made, tool: add_it, input: {id: "1"}, responses: [{body: {id: "7"}}], expect: {output: {made: "${made}"}}}
`,
      );
    const found = (gate: string): string[] =>
      certifying("echo")
        .certificate.gates.find((one: { gate: string }) => one.gate === gate)
        .evidence.map(({ check, status, found }: Record<string, string>) => `${check}: ${status}, ${found}`);
    tests("8");
    expect(found("tests")).toContain("all cases pass: failed, 1 case: made (another output)");
    tests("7");
    expect(found("tests")).toContain("all cases pass: passed, 4 of 4");
    expect(found("audit")).toEqual([
      "each side effect leaves a receipt: passed, 1 tool: add_it",
      "failures have codes: passed, 3 codes: auth.missing, call.outcome_unknown, mode.readonly",
    ]);
  });

  it("could not run for a connector that is not there", () => {
    expect(certifying("acne")).toMatchObject({
      status: 2,
      certificate: { error: { code: "check.unknown_connector", hint: 'Did you mean "acme"?' } },
    });
  });
});
