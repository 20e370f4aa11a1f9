import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/base/index.ts";
import { Commands } from "./command.ts";

const commands = new Commands();
const sentinel = (...args: string[]) => commands.plain(...args);
const importing = (...args: string[]) => commands.importing(...args);
const write = (path: string, content: string | JsonObject): void => commands.write(path, content);
const read = (path: string): string => commands.read(path);

const ACME = {
  tool: "aos-acme",
  connector: { label: "Acme" },
  commands: [{ id: "order.list", summary: "List orders", required_mode: "readonly", resource: "order" }],
};
const MANIFEST = "connectors/acme/manifest.yaml";

describe("sentinel import argentos", () => {
  beforeEach(() => {
    write("aos-acme/connector.json", ACME);
    write("aos-acme/permissions.json", { permissions: { "order.list": "readonly" } });
  });

  it("makes a folder that passes check, and merges into what people have made of it", () => {
    expect(importing("argentos", "aos-acme")).toMatchObject({
      status: 0,
      report: { ok: true, provider_slug: "acme", carried: { tools: 1 } },
    });
    const check = sentinel("check", "--format", "json");
    expect(JSON.parse(check.stdout)).toMatchObject({ ok: true, summary: { connectors: 1, errors: 0 } });
    const first = read(MANIFEST);
    expect(importing("argentos", "aos-acme/").report).toMatchObject({ ok: true, files: [] });
    expect(read(MANIFEST)).toBe(first);

    const rest = '    rest: { method: "GET", url: "https://api.acme.example/orders" }\n';
    write(MANIFEST, first + rest);
    const [order] = ACME.commands;
    write("aos-acme/connector.json", { ...ACME, commands: [{ ...order, summary: "List the orders" }] });
    expect(importing("argentos", "aos-acme").report).toMatchObject({ ok: true, kept: ["tools/order_list"] });
    expect(read(MANIFEST)).toContain('"List the orders"');
    expect(read(MANIFEST)).toContain(rest.trim());
  });

  it.each([
    ["a folder that is not there", ["none"], "import.not_argentos"],
    ["a file", ["aos-acme/connector.json"], "import.not_argentos"],
    ["a folder of something else", ["other"], "import.not_argentos"],
    ["a name that leads out", ["aos-acme", "--slug", "../up"], "import.slug"],
    ["a file that is a link", ["linked"], "file.not_regular"],
    ["a file that is too large", ["large"], "file.too_large"],
  ])("says in one line what keeps it from running: %s", (_, args, code) => {
    write("other/package.json", {});
    mkdirSync(join(commands.cwd, "linked"));
    symlinkSync(join(commands.cwd, "aos-acme/connector.json"), join(commands.cwd, "linked/connector.json"));
    write("large/connector.json", " ".repeat(9 * 1024 * 1024));
    expect(importing("argentos", ...args)).toMatchObject({
      status: 2,
      report: { ok: false, error: { code } },
    });
    expect(existsSync(join(commands.cwd, "connectors"))).toBe(false);
  });

  it("names the other files of the folder", () => {
    write("aos-acme/client.py", "");
    const { report } = importing("argentos", "aos-acme", "--dry-run");
    expect(report).toMatchObject({
      not_carried: expect.arrayContaining([expect.objectContaining({ what: "the file client.py" })]),
    });
    expect(existsSync(join(commands.cwd, "connectors"))).toBe(false);
  });
});

describe("sentinel contract", () => {
  const NAME = "ACME_CONNECTOR_CONTRACT.json";
  beforeEach(() =>
    write(MANIFEST, 'provider_slug: "acme"\ndisplay_name: "Acme"\nscopes: [{name: "read"}]\n'),
  );

  it("prints the contract, or writes it under its name; import reads it back", () => {
    const { status, stdout } = sentinel("contract", "acme");
    expect({ status, slug: JSON.parse(stdout).provider_slug }).toEqual({ status: 0, slug: "acme" });
    const written = sentinel("contract", "connectors/acme/", "--output", "contracts/", "--format", "json");
    expect(JSON.parse(written.stdout)).toMatchObject({ ok: true, path: `contracts/${NAME}`, changed: true });
    expect(read(`contracts/${NAME}`)).toBe(stdout);
    const again = sentinel("contract", "acme", "--output", "contracts", "--format", "json");
    expect(JSON.parse(again.stdout)).toMatchObject({ ok: true, path: `contracts/${NAME}`, changed: false });
    expect(sentinel("contract", "acme", "--output", "acme.json").status).toBe(0);
    expect(read("acme.json")).toBe(stdout);
    expect(readdirSync(join(commands.cwd, "contracts"))).toEqual([NAME]);

    rmSync(join(commands.cwd, "connectors"), { recursive: true });
    expect(importing("contract", `contracts/${NAME}`)).toMatchObject({
      status: 0,
      report: { provider_slug: "acme", carried: { scopes: 1 } },
    });
    expect(sentinel("contract", "acme").stdout).toBe(stdout);
    expect(importing("contract", `contracts/${NAME}`).report).toMatchObject({ ok: true, files: [] });
  });

  it("is not made of a connector with errors, or of none", () => {
    write(MANIFEST, 'provider_slug: "acme"\n');
    const { status, stdout } = sentinel("contract", "acme", "--format", "json");
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, diagnostics: [{ code: "manifest.missing_key" }] });
    const none = sentinel("contract", "acne", "--format", "json");
    expect(none.status).toBe(2);
    expect(JSON.parse(none.stdout)).toMatchObject({ error: { code: "check.unknown_connector" } });
  });

  it("that is not right is told with line and column, and nothing is written", () => {
    const contract = sentinel("contract", "acme").stdout;
    rmSync(join(commands.cwd, "connectors"), { recursive: true });
    write("bad.json", contract.replace('"draft"', '"approved"').replace('"notes"', '"note"'));
    expect(importing("contract", "bad.json")).toMatchObject({
      status: 1,
      report: {
        ok: false,
        provider_slug: null,
        diagnostics: [
          { code: "manifest.missing_key", file: "bad.json" },
          { code: "import.contract_locked", file: "bad.json", line: 5, column: 13 },
          { code: "manifest.unknown_key", hint: "Did you mean notes?" },
        ],
      },
    });
    expect(existsSync(join(commands.cwd, "connectors"))).toBe(false);
  });

  it.each([
    ["a file that is not there", ["none.json"], "import.unreadable"],
    ["a folder", ["connectors"], "file.not_regular"],
    ["a link", ["link.json"], "file.not_regular"],
    ["a name that leads out", ["good.json", "--slug", "../up"], "import.slug"],
    ["a folder that nobody imported", ["good.json"], "import.not_imported"],
  ])("says in one line what keeps it from running: %s", (_, args, code) => {
    write("good.json", sentinel("contract", "acme").stdout);
    symlinkSync(join(commands.cwd, "good.json"), join(commands.cwd, "link.json"));
    expect(importing("contract", ...args)).toMatchObject({
      status: 2,
      report: { ok: false, error: { code } },
    });
    expect(readdirSync(join(commands.cwd, "connectors"))).toEqual(["acme"]);
  });
});
