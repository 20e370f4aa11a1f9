import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json, type Upstream, upstream } from "../runtime/execution/workbench.ts";
import { commandIn } from "./command.ts";

const folder = mkdtempSync(join(tmpdir(), "sentinel-schemas-"));
// Whatever it runs is held against docs/schemas.
const sentinel = commandIn(folder);
let provider: Upstream;

const manifest = (host: string): string => `provider_slug: acme
display_name: Acme
version: 1.0.0
base_url: https://${host}
auth:
  type: oauth2
  grant: client_credentials
  token_url: https://${host}/token
  whoami: {rest: {method: GET, path: /me, response: {mapping: {id: id}}}}
account_fields:
  - {name: region, default: eu}
scopes:
  - {name: items, description: Items., requires_firearm: true, firearm_type: PRICING_UPDATE}
  - {name: all, description: Everything.}
kpis:
  - {raw: total, standard: gross_sales, aggregation: sum, unit: currency}
tools:
  - name: get_item
    capability: item.read
    description: Gets an item.
    scopes: [all]
    input: {type: object, properties: {id: {type: string}}, required: [id], additionalProperties: false}
    rest: {method: GET, path: "/items/{{ params.id }}"}
  - name: touch_item
    description: Touches an item.
    scopes: [all]
    side_effecting: true
    input: {type: object, properties: {id: {type: string}}, required: [id], additionalProperties: false}
    rest: {method: PUT, path: "/items/{{ params.id }}"}
  - name: drop_item
    description: Drops an item.
    scopes: [items]
    side_effecting: true
    destructive: true
    input: {type: object, properties: {id: {type: string}}, required: [id], additionalProperties: false}
    rest: {method: DELETE, path: "/items/{{ params.id }}"}
`;

beforeAll(async () => {
  provider = await upstream(json({ id: "1", access_token: "t0ken-of-acme", token_type: "bearer" }));
  mkdirSync(join(folder, "connectors", "acme"), { recursive: true });
  writeFileSync(join(folder, "connectors", "acme", "manifest.yaml"), manifest(provider.host));
  writeFileSync(
    join(folder, "sentinel.config.yaml"),
    `runtime: {allowed_hosts: ["http://${provider.host}"], capabilities: {item.read: acme}}\n`,
  );
  const { code, text } = await sentinel(["run"]);
  if (code !== 0) throw new Error(text);
});
afterAll(async () => {
  await provider.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("what commands print as JSON is described", () => {
  it("from the review to a call", async () => {
    const all: [words: string, code: number, input?: string][] = [
      ["review list", 0],
      ["review show acme", 0],
      ["review diff acme", 0],
      ["review firearms acme", 0],
      ["review firearms acme all --none", 0],
      ["review kpis list acme", 0],
      ["review approve acme --yes", 1],
      ["review kpis map acme total aoa", 0],
      ["review approve acme --yes", 0],
      ["vault set acme CLIENT_ID", 0, "id"],
      ["vault set acme CLIENT_SECRET", 0, "secret"],
      ["account set acme:us region=us", 0],
      ["health", 1],
      ["vault list acme", 0],
      ["vault delete acme:us --all", 0],
      ["connect acme", 0],
      ["health", 0],
      ["capabilities", 0],
      ["config show", 0],
      ['call acme get_item --input {"id":"1"}', 0],
      ['call acme touch_item --input {"id":"1"}', 0],
      ['call acme drop_item --input {"id":"1"} --mode admin', 1],
      ["log", 0],
      ["log verify", 0],
    ];
    for (const [words, code, input] of all) {
      const ran = await sentinel(words.split(" "), input);
      expect([ran.code, ran.text], words).toEqual([code, expect.anything()]);
    }
  }, 240_000);
});

describe("a plan", () => {
  it.each([
    ["write", "mode.admin_needed"],
    ["readonly", "mode.readonly"],
    ["admin", null],
  ])("in the mode %s tells what the gate would ask", async (mode, refused) => {
    const words = ["call", "acme", "drop_item", "--input", '{"id":"1"}', "--plan", "--mode", mode];
    const { json: said } = await sentinel(words);
    expect(said.plan).toMatchObject({ destructive: true, mode, refused, needs_firearm: true });
  });
});

describe("the rest is described as well", () => {
  it.each([
    ["review deprecate acme --reason over --yes", 0],
    ["migrate", 0],
    ["new fresh", 0],
    ["contract fresh --output contract.json", 0],
    ["contract broken --output contract.json", 1],
  ])("%s", async (words, code) => {
    mkdirSync(join(folder, "connectors", "broken"), { recursive: true });
    writeFileSync(join(folder, "connectors", "broken", "manifest.yaml"), "provider_slug: broken\n");
    const ran = await sentinel(words.split(" "));
    expect([ran.code, ran.json.ok], ran.text).toEqual([code, code === 0]);
  });
});
