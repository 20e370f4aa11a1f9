/** The command line as a user meets it: exit codes, streams, formats, settings, help. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { beforeAll, describe, expect, it } from "vitest";
import { type CheckJson, MAIN, PACKAGE, type Project, project, type ShowJson, SMALLEST } from "./helpers.ts";

const ajv = new Ajv({ strict: false, allErrors: true });
for (const name of ["diagnostic", "change", "check", "run", "status", "show", "doctor", "failure"]) {
  ajv.addSchema(JSON.parse(readFileSync(join(PACKAGE, "docs/schemas", `${name}.json`), "utf8")));
}
const errorsOf = (schema: string, value: unknown): unknown => (ajv.validate(schema, value) ? [] : ajv.errors);

const BROKEN = "provider_slug: shopify\ndisplay_name: Shopify\nscpoes: []\n";

describe("exit codes", () => {
  it("are 0 for fine, 1 for findings, 2 for could not run", async () => {
    const shop = project();
    shop.write("shopify", SMALLEST);
    expect(await shop.run(["check"])).toMatchObject({ code: 0 });
    shop.write("shopify", BROKEN);
    expect(await shop.run(["check"])).toMatchObject({ code: 1 });
    expect(await shop.run(["check", "nope"])).toMatchObject({ code: 2, stdout: "" });
    expect(await shop.run(["check", "--cwd", "nowhere"])).toMatchObject({ code: 2 });
  });

  it.each([
    [["chekc"], /Unknown command 'chekc'\.\s+hint: Did you mean check\?/],
    [["review", "aprove", "x"], /Unknown command 'aprove'\.\s+hint: Did you mean approve\?/],
    [["check", "--fromat", "json"], /Unknown option '--fromat'\.\s+hint: Did you mean --format\?/],
    [["check", "--format", "xml"], /Allowed choices are pretty, json, github, sarif/],
    [["run", "--allow-archive", "some"], /A whole number is wanted/],
    [["run", "--registry", "a", "--database-url", "postgres://db/x"], /cannot be used with/],
    [["run", "--registry", ""], /'--registry <dir>' argument '' is invalid. Nothing is named/],
    [["show"], /Missing required argument 'slug'/],
    [["status", "--format", "sarif"], /^$/],
    [["show", "shopfy"], /Did you mean "shopify"\?/],
  ])("is 2 for %j, with what was meant", async (args, told) => {
    const shop = project();
    if (args.includes("shopfy")) {
      shop.write("shopify", SMALLEST);
      await shop.run(["run"]);
    }
    const { code, stderr } = await shop.run(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(told);
  });

  it("is 2 with an object that says why, for a machine", async () => {
    const { code, stdout, stderr } = await project().run(["check", "--fromat", "--format", "json"]);
    expect([code, stderr]).toEqual([2, ""]);
    expect(JSON.parse(stdout)).toEqual({
      format_version: 1,
      ok: false,
      error: {
        code: "usage.unknown_option",
        message: "Unknown option '--fromat'.",
        hint: "Did you mean --format?",
      },
    });
  });
});

describe("options that every command understands", () => {
  it("stand before or after the command", async () => {
    const shop = project();
    shop.write("shopify", BROKEN);
    const [before, after] = [
      await shop.run(["--format", "json", "check", "shopify"]),
      await shop.run(["check", "shopify", "--format", "json"]),
    ];
    expect(before.stdout).toBe(after.stdout);
    expect(before.json<CheckJson>().ok).toBe(false);
  });

  it("find everything below --cwd", async () => {
    const shop = project();
    shop.write("shopify", BROKEN);
    const { stdout } = await shop.run(["--cwd", shop.dir, "check"], { cwd: PACKAGE });
    expect(stdout).toContain("connectors/shopify/manifest.yaml:3:1 error");
  });

  it("take a folder's path, as a shell completes it, for its slug", async () => {
    const shop = project();
    shop.write("shopify", SMALLEST);
    expect((await shop.run(["check", "connectors/shopify/"])).stdout).toMatch(/^[\s\S]*1 connector checked/);
  });

  it("are beaten by flags, then environment, then file", async () => {
    const shop = project();
    for (const folder of ["from-file", "from-env", "from-flag"]) {
      mkdirSync(join(shop.dir, folder, folder), { recursive: true });
    }
    writeFileSync(join(shop.dir, "sentinel.config.yaml"), "connectors: from-file\nformat: json\n");
    const where = async (args: string[], env: Record<string, string>): Promise<string | undefined> =>
      (await shop.run(["check", ...args], { env })).json<CheckJson>().diagnostics[0]?.file.split("/")[0];
    expect(await where([], {})).toBe("from-file");
    expect(await where([], { SENTINEL_CONNECTORS: "from-env" })).toBe("from-env");
    expect(await where(["--connectors", "from-flag"], { SENTINEL_CONNECTORS: "from-env" })).toBe("from-flag");
  });
});

describe("a bad sentinel.config.yaml", () => {
  it("is told with line and column, and nothing is done", async () => {
    const shop = project();
    shop.write("shopify", SMALLEST);
    writeFileSync(join(shop.dir, "sentinel.config.yaml"), "source: shop\nregistri: here\n");
    const { code, stdout } = await shop.run(["run"]);
    expect(code).toBe(2);
    expect(stdout).toContain("sentinel.config.yaml:2:1 error manifest.unknown_key");
    expect(stdout).toContain("Did you mean registry?");
    expect(shop.has("shopify/mcp.ts")).toBe(false);
    expect((await shop.run(["doctor"])).stdout).toMatch(/fail +configuration +sentinel\.config\.yaml:2:1/);
  });
});

describe("help", () => {
  it.each([["--help"], ["check", "--help"], ["help", "run"], ["review", "kpis", "map", "--help"]])(
    "of %s goes to stdout with examples",
    async (...args) => {
      const { code, stdout, stderr } = await project().run(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(/^Usage: sentinel[\s\S]*Examples:\n {2}sentinel /);
    },
  );

  it("is what no arguments mean", async () => {
    expect(await project().run([])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Usage: sentinel"),
    });
  });
});

describe("streams", () => {
  it("carry colours only where asked for", async () => {
    const shop = project();
    shop.write("shopify", BROKEN);
    const coloured = await shop.run(["check"], { env: { NO_COLOR: "", FORCE_COLOR: "1" } });
    expect(coloured.stdout).toContain("\u001b[31m");
    const env = { NO_COLOR: "1", FORCE_COLOR: "1" };
    expect((await shop.run(["check"], { env })).stdout).not.toContain("\u001b");
    const flag = await shop.run(["check", "--no-color"], { env: { NO_COLOR: "", FORCE_COLOR: "1" } });
    expect(flag.stdout).not.toContain("\u001b");
  });

  it("never carry what a manifest hides", async () => {
    const shop = project();
    shop.write(
      "shopify",
      `provider_slug: shopify\ndisplay_name: "a\u001b]0;x\u0007\u202eb"\n"\u009b2J": 1\n`,
    );
    for (const format of ["pretty", "json", "github", "sarif"]) {
      const { stdout, code } = await shop.run(["check", "--format", format]);
      expect(code).toBe(1);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    }
  });

  it("may be closed by whoever reads them", async () => {
    const shop = project();
    shop.write("shopify", BROKEN);
    const child = spawn(process.execPath, [MAIN, "check"], {
      cwd: shop.dir,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  });
});

describe("new", () => {
  let shop: Project;
  beforeAll(async () => {
    shop = project();
    const made = await shop.run(["new", "tiktok-ads", "--name", 'TikTok "Ads"']);
    expect(made, made.stderr).toMatchObject({ code: 0 });
  });

  it("writes a folder that passes check, finds its schema, and registers", async () => {
    const check = await shop.json<CheckJson>(["check"]);
    expect(check.diagnostics.map(({ code }) => code)).toEqual(["generated.missing"]);
    const manifest = shop.read("tiktok-ads/manifest.yaml");
    expect(manifest).toMatch(/^# yaml-language-server: \$schema=\.\.\/manifest\.schema\.json\n/);
    expect(manifest).toContain("PROVIDER_TIKTOK_ADS_ACCESS_TOKEN");
    expect(JSON.parse(shop.read("manifest.schema.json"))).toHaveProperty("properties.provider_slug");
    expect(await shop.run(["run"])).toMatchObject({ code: 0 });
    expect((await shop.json<ShowJson>(["show", "tiktok-ads"])).display_name).toBe('TikTok "Ads"');
  });

  it.each([
    ["what is there already", "tiktok-ads", "files.exists"],
    ["another's vault keys", "tiktok_ads", "folder.vault_collision"],
    ["what is no slug", "TikTok", "folder.name"],
    ["a device's name", "con", "folder.reserved_name"],
    ["a path", "../elsewhere", "folder.name"],
  ])("refuses %s", async (_what, slug, code) => {
    const before = shop.files();
    const refused = await shop.run(["new", slug, "--format", "json"]);
    expect(refused.code).toBe(2);
    expect(refused.json()).toMatchObject({ ok: false, error: { code } });
    expect(errorsOf("failure.json", refused.json())).toEqual([]);
    expect(shop.files()).toEqual(before);
  });
});

describe("what commands print as JSON", () => {
  let shop: Project;
  beforeAll(async () => {
    shop = project();
    shop.write("shopify", SMALLEST);
    expect(await shop.run(["run"])).toMatchObject({ code: 0 });
  });

  it.each([
    ["check.json", ["check"]],
    ["run.json", ["plan"]],
    ["run.json", ["run", "--changes"]],
    ["status.json", ["status"]],
    ["show.json", ["show", "shopify"]],
    ["doctor.json", ["doctor"]],
    ["failure.json", ["show", "nope"]],
  ])("%s describes %j", async (schema, args) => {
    const printed = await shop.json<object>(args);
    expect(Object.keys(printed)[0]).toBe("format_version");
    expect(errorsOf(schema, printed)).toEqual([]);
  });

  it("is the schema of manifests for `schema`, and --write keeps it beside the connectors", async () => {
    const { stdout } = await shop.run(["schema"]);
    expect(JSON.parse(stdout).$schema).toContain("draft-07");
    expect(await shop.run(["schema", "--write"])).toMatchObject({ code: 0 });
    expect(shop.read("manifest.schema.json")).toBe(stdout);
  });
});

describe("review", () => {
  it("says what blocks an approval and with which command it is cleared; these commands clear it", async () => {
    const shop = project();
    shop.write("shopify", SMALLEST);
    await shop.run(["run"]);
    const blocked = await shop.run(["review", "approve", "shopify", "--yes"]);
    expect(blocked.code).toBe(1);
    expect(blocked.stdout).toContain("sentinel review kpis map shopify total_sales <core-kpi>");
    expect(blocked.stdout).toContain("sentinel review firearms shopify write_products --type <type>");

    expect(await shop.run(["review", "kpis", "map", "shopify", "total_sales", "aoa"])).toMatchObject({
      code: 0,
    });
    const firearms = ["review", "firearms", "shopify", "--all", "--type", "PRICING_UPDATE"];
    expect((await shop.run(firearms)).stdout).toContain("2 scopes changed");
    const unnamed = await shop.run(["review", "approve", "shopify"]);
    expect(unnamed).toMatchObject({ code: 2, stderr: expect.stringContaining("--digest") });
    expect((await shop.json<ShowJson>(["show", "shopify"])).is_approved).toBe(false);
    const stale = await shop.run(["review", "approve", "shopify", "--digest", "0".repeat(64)]);
    expect(stale).toMatchObject({ code: 2, stderr: expect.stringContaining("registry.stale_digest") });

    const shown = (await shop.run(["review", "show", "shopify"])).stdout;
    const command = /sentinel (review approve shopify --digest [0-9a-f]{64})/.exec(shown)?.[1] ?? "";
    expect(await shop.run(command.split(" "))).toMatchObject({ code: 0 });
    expect(await shop.json<ShowJson>(["show", "shopify"])).toMatchObject({
      status: "approved",
      is_approved: true,
    });
    expect((await shop.run(["review", "list"])).stdout).toBe("No draft waits for a decision.\n");
  });

  it.each([
    [["firearms", "shopify", "a", "--type", "system", "--none"], "usage.conflict"],
    [["firearms", "shopify", "--none"], "usage.scopes"],
    [["firearms", "shopify", "a", "--all", "--none"], "usage.scopes"],
    [["firearms", "shopify", "a"], "usage.decision"],
  ])("refuses %j", async (args, code) => {
    const refused = await project().run(["review", ...args]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(code) });
  });
});

describe("the launcher", () => {
  const old = "/usr/bin/node";
  const version = existsSync(old) ? spawn(old, ["--version"]) : null;
  const major = new Promise<number>((resolve) => {
    if (version === null) resolve(99);
    version?.stdout.on("data", (text) => resolve(Number(/v(\d+)/.exec(String(text))?.[1] ?? 99)));
  });

  it("hands over to the bundled Node where the machine's is too old", async ({ skip }) => {
    if ((await major) >= 22) skip("this machine has no old Node");
    const shop = project();
    shop.write("shopify", BROKEN);
    const child = spawn(old, [MAIN, "check", "--format", "json"], { cwd: shop.dir });
    let stdout = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(1);
    expect(JSON.parse(stdout).summary.errors).toBe(1);
  });
});
