/** What `check` prints: the same bytes each time, in every format, with nothing of the machine in it. */
import { mkdtempSync, rmSync } from "node:fs";
import { homedir, hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CheckJson, makeConnectors, PACKAGE, type Project, project, sentinel, tiny } from "./helpers.ts";

const FORMATS = ["pretty", "json", "github", "sarif"];

/** Faults of many kinds in many files, so that an order that is left to chance shows. */
const FAULTY: Readonly<Record<string, string>> = {
  alpha: "provider_slug: alpha\ndisplay_name: no\nsummary: [a]\n",
  beta: "provider_slug: bta\ndisplay_name: Beta\nscopes:\n  - name: a\n  - name: a\n  - nme: b\n",
  "gamma-a": tiny("gamma-a"),
  gamma_a: tiny("gamma_a"),
  delta: "provider_slug: delta\ndisplay_name: {a: 1}\ndisplay_name: B\nkpis: [{raw: a}]\n",
  epsilon: "provider_slug: epsilon\n  display_name: E\n",
  Zeta: tiny("zeta"),
  eta: tiny("eta", "    danger_level: 4\ntools:\n  - name: T\n    scopes: [read_al]\n"),
};

let here: Project;
let there: Project;
const outside = mkdtempSync(join(tmpdir(), "sentinel-e2e-outside-"));
beforeAll(() => {
  here = project();
  there = project();
  here.writeAll({ ...makeConnectors(20, 5), ...FAULTY });
  there.writeAll(Object.fromEntries(Object.entries({ ...makeConnectors(20, 5), ...FAULTY }).reverse()));
});
afterAll(() => rmSync(outside, { recursive: true, force: true }));

describe.each(FORMATS)("check --format %s", (format) => {
  it("prints the same bytes twice, in another folder, zone and language, and from outside", async () => {
    const first = await here.run(["check", "--format", format]);
    expect(first, first.stderr).toMatchObject({ code: 1 });
    expect(first.stdout.length).toBeGreaterThan(500);
    const again = await here.run(["check", "--format", format]);
    expect(again.stdout).toBe(first.stdout);
    const far = await there.run(["check", "--format", format], {
      env: { TZ: "Asia/Kathmandu", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8", COLUMNS: "40" },
    });
    expect(far.stdout).toBe(first.stdout);
    const away = await sentinel(["check", "--format", format, "--cwd", there.dir], { cwd: outside });
    expect(away.stdout).toBe(first.stdout);
  });

  it("names no path of the machine", async () => {
    const { stdout, stderr } = await here.run(["check", "--format", format]);
    for (const place of [here.dir, tmpdir(), PACKAGE.replace(/\/$/, ""), homedir(), hostname()]) {
      expect(stdout).not.toContain(`${place}/`);
      expect(stderr).not.toContain(`${place}/`);
    }
    expect(stdout).toContain("connectors/alpha/manifest.yaml");
  });
});

describe("check", () => {
  it("reports in the one order: file, line, column, code", async () => {
    const { diagnostics } = await here.json<CheckJson>(["check"]);
    const unit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
    const sorted = diagnostics.toSorted(
      (a, b) => unit(a.file, b.file) || a.line - b.line || a.column - b.column || unit(a.code, b.code),
    );
    expect(diagnostics.map((one) => [one.file, one.line, one.column, one.code])).toEqual(
      sorted.map((one) => [one.file, one.line, one.column, one.code]),
    );
  });

  it("counts what it lists", async () => {
    const { summary, diagnostics, ok } = await here.json<CheckJson>(["check"]);
    expect(ok).toBe(false);
    expect(summary).toEqual({
      connectors: 20 + Object.keys(FAULTY).length,
      errors: diagnostics.filter((one) => one.severity === "error").length,
      warnings: diagnostics.filter((one) => one.severity === "warning").length,
    });
  });

  it("writes nothing and starts no database", async () => {
    const before = here.files();
    await here.run(["check"]);
    expect(here.files()).toEqual(before);
    expect(here.has("../.sentinel/registry")).toBe(false);
  });
});
