import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadSettings } from "../../src/cli/config.ts";
import { type RegistryTarget, registryTarget } from "../../src/cli/target.ts";

let cwd = "";
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "sentinel-config-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const file = (text: string): void => writeFileSync(join(cwd, "sentinel.config.yaml"), text);
const codes = async (): Promise<string[]> =>
  (await loadSettings({ cwd }, {})).diagnostics.map(({ code, line, column }) => `${line}:${column} ${code}`);

async function target(flags: object = {}, environment: Record<string, string> = {}): Promise<RegistryTarget> {
  const { settings } = await loadSettings({ cwd, ...flags }, environment);
  return registryTarget(settings.registry, cwd);
}

describe("where a setting comes from", () => {
  it("has defaults", async () => {
    const { settings, diagnostics } = await loadSettings({ cwd }, {});
    expect(diagnostics).toEqual([]);
    expect(settings).toMatchObject({
      workspace: { cwd, connectors: join(cwd, "connectors"), display: "connectors" },
      source: "default",
      as: null,
      format: "pretty",
      quiet: false,
      watch: {},
    });
  });

  it.each([
    ["the file", {}, {}, "from-file"],
    ["the environment before the file", {}, { SENTINEL_SOURCE: "from-env" }, "from-env"],
    ["a flag before both", { source: "from-flag" }, { SENTINEL_SOURCE: "from-env" }, "from-flag"],
    ["the file, where a variable is empty", {}, { SENTINEL_SOURCE: "" }, "from-file"],
  ])("is %s", async (_what, flags, environment, source) => {
    file("source: from-file\n");
    expect((await loadSettings({ cwd, ...flags }, environment)).settings.source).toBe(source);
  });

  it("reads every field of the file", async () => {
    file(`connectors: providers
source: shop
as: Ada
format: json
quiet: true
watch: { settle_ms: 10, rescan_seconds: 60, poll_seconds: 5, health_port: 9464, log_level: warn }
`);
    const { settings, diagnostics } = await loadSettings({ cwd }, {});
    expect(diagnostics).toEqual([]);
    expect(settings).toMatchObject({
      workspace: { connectors: join(cwd, "providers"), display: "providers" },
      ...{ source: "shop", as: "Ada", format: "json", quiet: true },
      watch: { settle_ms: 10, rescan_seconds: 60, poll_seconds: 5, health_port: 9464, log_level: "warn" },
    });
  });

  it("reads every variable of the environment", async () => {
    const { settings } = await loadSettings(
      { cwd },
      {
        ...{ SENTINEL_CONNECTORS: "../elsewhere", SENTINEL_SOURCE: "shop", SENTINEL_AS: "Ada" },
        ...{
          SENTINEL_FORMAT: "json",
          SENTINEL_QUIET: "1",
          SENTINEL_SETTLE_MS: "10",
          SENTINEL_LOG_LEVEL: "warn",
        },
        ...{ SENTINEL_RESCAN_SECONDS: "60", SENTINEL_POLL_SECONDS: "5", SENTINEL_HEALTH_PORT: "0" },
      },
    );
    expect(settings).toMatchObject({
      workspace: { display: "../elsewhere" },
      ...{ source: "shop", as: "Ada", format: "json", quiet: true },
      watch: { settle_ms: 10, rescan_seconds: 60, poll_seconds: 5, health_port: 0, log_level: "warn" },
    });
  });

  it.each([
    ["SENTINEL_FORMAT", "xml"],
    ["SENTINEL_QUIET", "perhaps"],
    ["SENTINEL_HEALTH_PORT", "70000"],
    ["SENTINEL_SETTLE_MS", "1e3"],
    ["SENTINEL_SOURCE", "Not A Name"],
  ])("refuses %s=%s by name", async (name, value) => {
    await expect(loadSettings({ cwd }, { [name]: value })).rejects.toMatchObject({
      code: "config.environment",
      message: expect.stringContaining(name),
    });
  });

  it("refuses a directory that is not there and a source that is no name", async () => {
    await expect(loadSettings({ cwd: join(cwd, "nope") }, {})).rejects.toMatchObject({ code: "config.cwd" });
    await expect(loadSettings({ cwd, source: "a b" }, {})).rejects.toMatchObject({ code: "config.source" });
  });
});

describe("sentinel.config.yaml is read as strictly as a manifest", () => {
  it.each([
    ["a misspelt field", "sorce: shop\n", ["1:1 manifest.unknown_key"]],
    ["a wrong type", "quiet: yes please\n", ["1:8 manifest.wrong_type"]],
    ["a number out of range", "watch:\n  health_port: 70000\n", ["2:16 manifest.wrong_type"]],
    ["an alias", "as: &a Ada\nsource: *a\n", ["1:5 yaml.anchor", "2:9 yaml.alias"]],
    ["a duplicate", "source: a\nsource: b\n", ["2:1 yaml.duplicate_key"]],
    ["two registries", "registry: a\nsupabase_url: https://x.example\n", ["2:1 config.two_registries"]],
    ["a key", "supabase_secret_key: abc\n", ["1:1 config.secret"]],
    ["a token", "access_token: abc\n", ["1:1 config.secret"]],
    ["a password in a URL", ["database_url: postgres://u:", "pass@db/x\n"].join(""), ["1:15 config.secret"]],
    [
      "a password behind a URL",
      ["database_url: postgres://u@db/x?pass", "word=abc\n"].join(""),
      ["1:15 config.secret"],
    ],
  ])("%s", async (_what, text, expected) => {
    file(text);
    expect(await codes()).toEqual(expected);
  });

  it("suggests what was meant", async () => {
    file("sorce: shop\n");
    const { diagnostics } = await loadSettings({ cwd }, {});
    expect(diagnostics[0]?.hint).toContain("source");
  });

  it("does not repeat the password", async () => {
    file(["database_url: postgres://u:", "hunter2@db/x\n"].join(""));
    expect(JSON.stringify((await loadSettings({ cwd }, {})).diagnostics)).not.toContain("hunter2");
  });
});

describe("where the registry is", () => {
  const postgres = "postgres://sentinel@db.example/registry";

  it("is embedded unless said otherwise", async () => {
    expect(await target()).toEqual({ kind: "pglite", directory: join(cwd, ".sentinel", "registry") });
  });

  it("is what a flag says, whatever the environment says of another kind", async () => {
    const environment = { SUPABASE_URL: "https://x.example", SENTINEL_DATABASE_URL: postgres };
    expect(await target({ registry: "here" }, environment)).toEqual({
      kind: "pglite",
      directory: join(cwd, "here"),
    });
  });

  it("is what our own variable says before SUPABASE_URL, and that before the file", async () => {
    file(`registry: from-file\n`);
    const supabase = { SUPABASE_URL: "https://x.example", SUPABASE_SECRET_KEY: "key" };
    expect(await target({}, { ...supabase, SENTINEL_DATABASE_URL: postgres })).toEqual({
      kind: "postgres",
      url: postgres,
    });
    expect(await target({}, supabase)).toMatchObject({ kind: "supabase", key: "key", accessToken: null });
    expect(await target()).toMatchObject({ kind: "pglite", directory: join(cwd, "from-file") });
  });

  it("takes a person's token beside the publishable key", async () => {
    const environment = {
      SUPABASE_URL: "https://x.example",
      SUPABASE_PUBLISHABLE_KEY: "public",
      SENTINEL_ACCESS_TOKEN: "token",
    };
    expect(await target({}, environment)).toMatchObject({ key: "public", accessToken: "token" });
  });

  it.each([
    ["postgres://u@/db?host=/run/postgresql", "postgres://u@%2Frun%2Fpostgresql/db"],
    ["postgres:///db?host=/run/postgresql&port=5433", "postgres://%2Frun%2Fpostgresql:5433/db"],
    ["postgresql://u@/db?host=::1&sslmode=disable", "postgresql://u@[::1]/db?sslmode=disable"],
    ["postgres://u@/db", "postgres://u@localhost/db"],
    ["postgres://u@%2Frun/db", "postgres://u@%2Frun/db"],
  ])("is %s as PostgreSQL's own tools take it", async (url, meant) => {
    expect(await target({}, { SENTINEL_DATABASE_URL: url })).toEqual({ kind: "postgres", url: meant });
  });

  it.each([
    ["a URL that is none", { SENTINEL_DATABASE_URL: "mysql://db/x" }, "config.database_url"],
    [
      "a password that is not encoded",
      { SENTINEL_DATABASE_URL: "postgres://u:a@/b@db/x" },
      "config.database_url",
    ],
    ["Supabase without a key", { SUPABASE_URL: "https://x.example" }, "config.supabase_key"],
    [
      "two in one place",
      { SENTINEL_DATABASE_URL: postgres, SENTINEL_REGISTRY: "here" },
      "config.two_registries",
    ],
  ])("refuses %s", async (_what, environment, code) => {
    await expect(target({}, environment)).rejects.toMatchObject({ code });
  });
});
