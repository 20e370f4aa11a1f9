import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { usableFields } from "../../src/cli/commands/account/fields.ts";
import { manifest, tool } from "../generate/manifest.ts";
import { rest } from "../runtime/execution/workbench.ts";
import { commandIn } from "./command.ts";

const SHOPIFY = fileURLToPath(new URL("../../connectors/shopify", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sentinel-mistakes-"));
const sentinel = commandIn(folder);

beforeAll(async () => {
  cpSync(SHOPIFY, join(folder, "connectors", "shopify"), { recursive: true });
  const { code, text } = await sentinel(["run"]);
  if (code !== 0) throw new Error(text);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("what a command line names by mistake", () => {
  it.each([
    ["serve", "--tools", ""],
    ["serve", "--tools", " , "],
    ["serve", "--connectors", ","],
    ["call", "--agent", " "],
    ["import openapi", "--include", ""],
  ])("is nothing: %s %s %j", async (command, option, value) => {
    const { code, json } = await sentinel([...command.split(" "), option, value]);
    expect([code, json.error]).toEqual([
      2,
      expect.objectContaining({
        code: "usage.invalid_argument",
        message: expect.stringContaining("Nothing is named."),
      }),
    ]);
  });

  it.each([
    ["serve", "Bad!"],
    ["call shop get_order", ".ann"],
    ["agent add", "an n"],
  ])("is no agent: %s %s", async (command, name) => {
    const words = command.split(" ");
    const { code, json } = await sentinel([...words, ...(words[0] === "agent" ? [name] : ["--agent", name])]);
    expect([code, json.error]).toEqual([2, expect.objectContaining({ code: "agent.bad_name" })]);
  });

  it.each([
    ["serve --port 65536", "usage.invalid_argument"],
    ["connect shop --port 99999", "usage.invalid_argument"],
    ["watch --health-port 99999", "usage.invalid_argument"],
    ["grant revoke nope", "grant.unknown"],
    ["agent revoke sentinel_canary", "agent.unknown_token"],
    ["grant add ann financial --for 9999999w", "usage.duration"],
  ])("is the user's to mend, and no fault of ours: %s", async (command, code) => {
    const { json, text } = await sentinel(command.split(" "));
    expect(json.error).toEqual(expect.objectContaining({ code }));
    expect(text).not.toContain("sentinel_canary");
  });

  it.each([
    ["vault set shop ACCESS_TOKEN canary", "usage.excess_arguments", "Pipe the value in"],
    ["vault rotate canary", "usage.excess_arguments", "help"],
    ["vault set shop ACCESS_TOKEN --value=canary", "usage.unknown_option", "help"],
    ["vault set shopify canary", "vault.unknown_key", "one of those"],
    ["account set shopify canary", "usage.field", "name=value"],
  ])("is a secret, and is not repeated: %s", async (command, code, hint) => {
    const { json, text } = await sentinel(command.split(" "));
    expect(json.error).toEqual(expect.objectContaining({ code, hint: expect.stringContaining(hint) }));
    expect(text).not.toContain("canary");
  });

  it.each([
    ["another account", "call shopify:eu list_orders --account us", "usage.conflict"],
    ["the same account twice", "call shopify:eu list_orders --account eu", "call.unknown_connector"],
  ])("is %s", async (_what, command, code) => {
    const { json } = await sentinel(command.split(" "));
    expect(json.error).toEqual(expect.objectContaining({ code }));
  });

  it("is a field that the connector does not use, unless that is meant or it is taken away", async () => {
    const { json } = await sentinel(["account", "set", "shopify", "nope=1"]);
    expect(json.error).toEqual(expect.objectContaining({ code: "account.unknown_field" }));
    expect((await sentinel(["account", "set", "shopify", "nope=1", "--any"])).json.fields).toEqual({
      nope: "1",
    });
    expect((await sentinel(["account", "set", "shopify", "nope="])).json.fields).toEqual({});
  });
});

describe("the fields that an account can use", () => {
  it("are those that are declared, those that templates name, and the path of a file", () => {
    const fields = usableFields(
      manifest({
        auth: { type: "local_path", file_extensions: [], description: null, whoami: null },
        base_url: "https://{{account.shop}}.example",
        account_fields: [{ name: "region", description: null, default: null, values: [] }],
        tools: [tool({ name: "get", rest: rest({ path: "/a", query: { t: '{{ account["team"] }}' } }) })],
      }),
    );
    expect(fields).toEqual(["region", "path", "shop", "team"]);
  });
});
