import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  dumpOf,
  eventually,
  MAIN,
  PACKAGE,
  type Project,
  project,
  Reviewer,
  type Running,
} from "./helpers.ts";

/** A credential, in the ways in which a provider may echo it. */
const CANARY = `cAn4ry+${"Zz/9"}~Kq"7_vault`;
const bytes = Buffer.from(CANARY);
const ENCODINGS: Record<string, string> = {
  plain: CANARY,
  base64: bytes.toString("base64"),
  base64url: bytes.toString("base64url"),
  "base64 within": Buffer.from(`a${CANARY}b`).toString("base64"),
  hex: bytes.toString("hex"),
  "HEX with colons": bytes
    .toString("hex")
    .toUpperCase()
    .replace(/..(?=.)/g, "$&:"),
  url: encodeURIComponent(CANARY),
  "url, twice": encodeURIComponent(encodeURIComponent(CANARY)),
  "every byte of a url": [...bytes].map((byte) => `%${byte.toString(16)}`).join(""),
  "JSON in JSON": JSON.stringify(JSON.stringify(CANARY)),
  "escapes of JSON": [...CANARY]
    .map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join(""),
  "entities of HTML": [...CANARY].map((char) => `&#${char.charCodeAt(0)};`).join(""),
  "UTF-16 in base64": Buffer.from(CANARY, "utf16le").toString("base64"),
  capitals: CANARY.toUpperCase(),
};

/** Where some encoding of the canary stands in a text. */
function leaks(text: string): string[] {
  return Object.entries(ENCODINGS).flatMap(([name, form]) => {
    // The ends of base64 depend on what stands beside.
    const core = name.includes("within") ? form.slice(4, -4) : form.replace(/=+$/, "").slice(0, -1);
    return text.includes(core) || text.includes(JSON.stringify(core).slice(1, -1)) ? [name] : [];
  });
}

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

const seen: Seen[] = [];
let provider: Server;
let work: Project;
let served: Running;
let url = "";
let token = "";
/** Everything that anybody was told. */
const told: string[] = [];

const manifest = (slug: string, port: number, auth: string): string => `provider_slug: ${slug}
display_name: ${slug}
version: 1.0.0
base_url: https://127.0.0.1:${port}
auth: ${auth}
scopes:
  - {name: items.read, description: Reads items.}
  - {name: items.write, description: Changes items., requires_firearm: true, firearm_type: PRICING_UPDATE}
tools:
  - name: get_item
    capability: item.read
    description: Gets an item.
    scopes: [items.read]
    input: {type: object, properties: {id: {type: string}}, required: [id], additionalProperties: false}
    rest: {method: GET, path: "/items/{{ params.id }}"}
  - name: rename_item
    capability: item.update
    description: Renames an item.
    scopes: [items.write]
    side_effecting: true
    input:
      type: object
      properties: {id: {type: string}, name: {type: string}}
      required: [id, name]
      additionalProperties: false
    rest: {method: PUT, path: "/items/{{ params.id }}", body: {name: "{{ params.name }}"}}
`;

async function said(args: readonly string[], file?: string): Promise<string> {
  const prefix = file === undefined ? [] : ["sh", "-c", `exec "$0" "$@" < ${file}`];
  const { stdout, stderr } = await work.run(args, { prefix });
  told.push(stdout, stderr);
  return stdout;
}

beforeAll(async () => {
  provider = createServer((request, response) => {
    const { method = "", url: path = "", headers } = request;
    seen.push({ method, url: path, headers });
    const how = Object.values(ENCODINGS)[Number(/^\/items\/echo-(\d+)$/.exec(path)?.[1] ?? -1)];
    const status = path.startsWith("/items/fail") ? 422 : 200;
    response.writeHead(status, { "content-type": "application/json" });
    response.end(
      JSON.stringify({ id: "1", echo: how ?? null, sent: headers.authorization ?? headers["x-key"] }),
    );
    request.resume();
  });
  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
  const address = provider.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;

  work = project();
  writeFileSync(
    join(work.dir, "sentinel.config.yaml"),
    `runtime: {allowed_hosts: ["http://127.0.0.1:${port}"], log_values: true}\n`,
  );
  writeFileSync(join(work.dir, "canary.txt"), CANARY);
  work.write("acme", manifest("acme", port, "{type: bearer}"));
  work.write("open-box", manifest("open-box", port, "{type: api_key, in: header, name: x-key}"));
  await said(["run"]);
  await said(["vault", "set", "acme"], join(work.dir, "canary.txt"));
  await said(["vault", "set", "open-box"], join(work.dir, "canary.txt"));
  const ada = new Reviewer(work);
  for (const slug of ["acme", "open-box"]) await ada.approve(slug);
  ({ token } = JSON.parse(await said(["agent", "add", "ann", "--format", "json"])));
  served = work.start(["serve", "--port", "0"]);
  await served.waitFor(/serving at (\S+)/);
  url = /serving at (\S+)/.exec(served.output.stderr)?.[1] ?? "";
});
afterAll(async () => {
  provider.closeAllConnections();
  await new Promise((resolve) => provider.close(resolve));
});

async function connect(mode: "legacy" | { pin: string }): Promise<Client> {
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return client;
}

async function call(client: Client, name: string, args: Record<string, unknown>) {
  const result = await client.callTool({ name, arguments: args });
  told.push(JSON.stringify(result));
  return result;
}

const codeOf = (result: { _meta?: unknown }): unknown =>
  Object(Object(result._meta)["connector-sentinel/error"]).code ?? "ok";

describe.each([
  ["2025-11-25", "legacy" as const],
  ["2026-07-28", { pin: "2026-07-28" }],
])("from nothing to calls, with a client of %s", (_revision, mode) => {
  it("lists the tools of both connectors and calls them with the credential in its place", async () => {
    const client = await connect(mode);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual([
      "acme__get_item",
      "acme__rename_item",
      "open_box__get_item",
      "open_box__rename_item",
    ]);
    expect(codeOf(await call(client, "acme__get_item", { id: "1" }))).toBe("ok");
    expect(seen.at(-1)).toMatchObject({ url: "/items/1", headers: { authorization: `Bearer ${CANARY}` } });
    expect(codeOf(await call(client, "open_box__get_item", { id: "2" }))).toBe("ok");
    expect(seen.at(-1)).toMatchObject({ url: "/items/2", headers: { "x-key": CANARY } });
    await client.close();
  });
});

describe("the gate, from outside", () => {
  it("refuses a change without a grant, makes it with one, once for one key", async () => {
    const client = await connect({ pin: "2026-07-28" });
    const change = () => call(client, "acme__rename_item", { id: "9", name: "Box", idempotency_key: "once" });
    expect(codeOf(await change())).toBe("firearms.missing_grant");
    await said(["grant", "add", "ann", "PRICING_UPDATE", "--for", "1h", "--as", "ada"]);
    const before = seen.length;
    const [first, second] = [await change(), await change()];
    expect([codeOf(first), codeOf(second)]).toEqual(["ok", "ok"]);
    expect(second._meta).toMatchObject({ "connector-sentinel/receipt": { replayed: true } });
    expect(seen.length).toBe(before + 1);
    await client.close();
  });

  it("offers at once what people decide, and no draft", async () => {
    const client = await connect({ pin: "2026-07-28" });
    const text = work.read("open-box/manifest.yaml");
    work.write(
      "open-box",
      text.replace("version: 1.0.0", "version: 1.1.0").replace(/get_item/g, "fetch_item"),
    );
    await said(["run"]);
    const names = async () => (await client.listTools()).tools.map(({ name }) => name);
    expect(await names()).toContain("open_box__get_item");
    await new Reviewer(work).approve("open-box");
    await eventually("the new revision is offered", async () =>
      (await names()).includes("open_box__fetch_item"),
    );
    expect(await names()).not.toContain("open_box__get_item");
    await client.close();
  });
});

describe("sentinel call", () => {
  it("calls a tool, and says with exit code 1 why not", async () => {
    const good = await work.json<{ ok: boolean; result: { id: string } }>([
      "call",
      "acme",
      "get_item",
      "--input",
      '{"id": "5"}',
    ]);
    expect(good).toMatchObject({ ok: true, result: { id: "1", connector: "acme", account: "default" } });
    const refused = await work.run([
      "call",
      "acme",
      "rename_item",
      "--input",
      '{"id":"5","name":"x"}',
      "--mode",
      "readonly",
      "--format",
      "json",
    ]);
    expect(refused.code).toBe(1);
    expect(refused.json()).toMatchObject({ ok: false, error: { code: "mode.readonly" } });
  });

  it("shows what would be sent, and sends nothing", async () => {
    const before = seen.length;
    const shown = await said([
      "call",
      "acme",
      "rename_item",
      "--input",
      '{"id":"5","name":"x"}',
      "--plan",
      "--format",
      "json",
    ]);
    expect(JSON.parse(shown).plan).toMatchObject({
      side_effecting: true,
      steps: [{ kind: "http", method: "PUT", body: { name: "x" }, credentials: ["authorization"] }],
    });
    expect(seen.length).toBe(before);
  });
});

describe("a connector's own mcp.ts", () => {
  it("serves itself through the same gate, until its content is another than what was approved", async () => {
    const modules = join(work.dir, "node_modules");
    mkdirSync(modules, { recursive: true });
    symlinkSync(PACKAGE, join(modules, "connector-sentinel"), "dir");
    const own = async (): Promise<string[]> => {
      const client = new Client({ name: "test", version: "1" });
      const args = [join(work.connectors, "acme", "mcp.ts")];
      await client.connect(new StdioClientTransport({ command: process.execPath, args, cwd: "/" }));
      const names = (await client.listTools()).tools.map(({ name }) => name);
      const code = codeOf(await call(client, "get_item", { id: "77" }));
      await client.close();
      return [...names, String(code)];
    };
    expect(await own()).toEqual(["get_item", "rename_item", "ok"]);
    expect(seen.at(-1)).toMatchObject({ url: "/items/77", headers: { authorization: `Bearer ${CANARY}` } });
    work.write("acme", work.read("acme/manifest.yaml").replace("version: 1.0.0", "version: 1.0.1"));
    await said(["run"]);
    expect(await own()).toEqual(["get_item", "rename_item", "call.not_approved"]);
  });
});

describe("serve over stdio", () => {
  it("offers a part of what is approved", async () => {
    const client = new Client({ name: "test", version: "1" });
    const args = [MAIN, "serve", "--connectors", "acme", "--read-only", "--cwd", work.dir];
    await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: "ignore" }));
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["acme__get_item"]);
    await client.close();
  });
});

describe("the credential", () => {
  it("is found nowhere: in no result, no error, no record, no file", async () => {
    const client = await connect({ pin: "2026-07-28" });
    for (const [at] of Object.keys(ENCODINGS).entries())
      await call(client, "acme__get_item", { id: `echo-${at}` });
    expect(codeOf(await call(client, "acme__get_item", { id: "fail" }))).toBe("api.status");
    // An agent that knows it may say it: what it says is not kept either.
    await call(client, "acme__get_item", { id: CANARY });
    await client.close();
    await said(["log", "--format", "json", "--limit", "1000"]);
    const ended = await served.stop();
    told.push(ended.stdout, ended.stderr);
    expect(ended.code).toBe(0);
    const arrived = seen.filter(({ headers }) =>
      JSON.stringify(headers).includes(JSON.stringify(CANARY).slice(1, -1)),
    );
    expect(arrived.length).toBeGreaterThan(15);
    expect(told.length).toBeGreaterThan(25);
    expect(leaks(told.join("\n"))).toEqual([]);
    expect(leaks(await dumpOf(work))).toEqual([]);
    const state = join(work.dir, ".sentinel");
    const files = readdirSync(state, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(files.length).toBeGreaterThan(5);
    for (const { parentPath, name } of files) {
      expect([name, leaks(readFileSync(join(parentPath, name), "latin1"))]).toEqual([name, []]);
    }
    expect((await said(["log", "verify"])).toString()).toContain("all as they were");
  });
});
