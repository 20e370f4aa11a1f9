import { request } from "node:http";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { RegistryUnavailable } from "../../../src/base/index.ts";
import { type HttpServing, Serving, type ServingOptions, serveHttp } from "../../../src/runtime/index.ts";
import { ENGINES, type Fixture, stopEngines } from "../../contract/engines.ts";
import { eventually } from "../../e2e/support/process.ts";
import { json, type Upstream, upstream } from "../execution/workbench.ts";
import { connector, getter, type House, house, setter } from "./house.ts";

const SECRET = `canary-${"q8"}-Vx2`;

let fixture: Fixture;
let made: House;
let provider: Upstream;
let token = "";
const opened: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  const [embedded] = ENGINES;
  if (embedded === undefined) throw new Error("no engine");
  fixture = await embedded.open();
  made = house(fixture.registry);
  provider = await upstream((request, response) => {
    const after = request.url?.startsWith("/slow") ? 700 : 0;
    setTimeout(
      () => json({ url: request.url, seen: request.headers.authorization })(request, response),
      after,
    );
  });
  await made.approve(
    connector("shop", provider.host, [getter("get_order"), getter("slow"), setter("hold_order")]),
  );
  await made.secret("shop", "ACCESS_TOKEN", SECRET);
  token = await made.token("ann");
});
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});
afterAll(async () => {
  await provider?.close();
  await fixture?.close();
  await stopEngines();
});

async function start(more: Partial<ServingOptions> = {}, host = "127.0.0.1", port = 0): Promise<HttpServing> {
  const engine = made.engine({ hosts: [provider.host] });
  const serving = new Serving({
    engine,
    identity: { name: "sentinel", title: "Sentinel", version: "1.0.0", instructions: undefined },
    selection: { connectors: null, tools: null, readOnly: false },
    expose: "tools",
    pollMs: 50,
    ...more,
  });
  await serving.start();
  opened.push(engine);
  const doors = { hosts: ["mcp.example"], origins: ["https://inspector.example"] };
  const server = await serveHttp({
    serving,
    runtime: fixture.registry.runtime,
    host,
    port,
    doors,
  });
  serving.onChange(() => server.listChanged());
  opened.push(server);
  return server;
}

const ERAS = [
  ["2025-11-25", "legacy" as const],
  ["2026-07-28", { pin: "2026-07-28" }],
] as const;
type Era = (typeof ERAS)[number][1];

async function connect({ port }: HttpServing, mode: Era, onChanged?: () => void): Promise<Client> {
  const client = new Client(
    { name: "test", version: "1.0.0" },
    { versionNegotiation: { mode }, ...(onChanged && { listChanged: { tools: { onChanged } } }) },
  );
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  const url = new URL(`http://127.0.0.1:${port}/mcp`);
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  opened.push(client);
  return client;
}

const listed = async (client: Client): Promise<string[]> =>
  (await client.listTools()).tools.map(({ name }) => name);

describe.each(ERAS)("a client of revision %s over HTTP", (revision, era) => {
  it("lists and calls tools; the credential arrives and does not come back", async () => {
    const client = await connect(await start(), era);
    expect(client.getNegotiatedProtocolVersion()).toBe(revision);
    expect(await listed(client)).toEqual(["shop__get_order", "shop__hold_order", "shop__slow"]);
    const result = await client.callTool({ name: "shop__get_order", arguments: { id: "7" } });
    expect(provider.received.at(-1)?.headers.authorization).toBe(`Bearer ${SECRET}`);
    expect(result.structuredContent).toEqual({
      url: "/get_order/7",
      seen: "Bearer [redacted]",
      connector: "shop",
      account: "default",
    });
  });

  it("is told of wrong arguments as a result", async () => {
    const client = await connect(await start(), era);
    const before = provider.received.length;
    const result = await client.callTool({ name: "shop__get_order", arguments: { id: 7 } });
    expect(result).toMatchObject({
      isError: true,
      _meta: { "connector-sentinel/error": { code: "call.invalid_input" } },
    });
    expect(provider.received.length).toBe(before);
  });

  it("gets a receipt for a change, and the same again under its key", async () => {
    const client = await connect(await start(), era);
    const before = provider.received.length;
    const args = { id: "7", idempotency_key: `key-${revision}` };
    const first = await client.callTool({ name: "shop__hold_order", arguments: args });
    const second = await client.callTool({ name: "shop__hold_order", arguments: args });
    const receipt = first._meta?.["connector-sentinel/receipt"];
    expect(second._meta?.["connector-sentinel/receipt"]).toEqual({ ...Object(receipt), replayed: true });
    // Models read texts; what they see of _meta is up to their client.
    const texts = (of: object): string[] => Array.from(Object(of).content, (one) => Object(one).text);
    expect(second.structuredContent).toEqual(first.structuredContent);
    expect([texts(first).length, texts(second)[1]]).toEqual([
      1,
      expect.stringContaining("nothing was sent now"),
    ]);
    expect(provider.received.length).toBe(before + 1);
  });

  it("is told when people decide, and sees what they decided", async () => {
    let told = 0;
    const slug = `mart-${revision}`;
    const client = await connect(await start(), era, () => {
      told += 1;
    });
    expect(await listed(client)).not.toContain(`${slug.replaceAll("-", "_")}__ping`);
    const content = connector(slug, provider.host, [getter("ping")]);
    await made.add(content);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(told).toBe(0);
    await made.approve(content);
    await eventually("the client is told", () => told === 1);
    expect(await listed(client)).toContain(`${slug.replaceAll("-", "_")}__ping`);
    await fixture.registry.human("jane").deprecate(slug, "over");
    await eventually("the client is told again", () => told === 2);
    expect(await listed(client)).not.toContain(`${slug.replaceAll("-", "_")}__ping`);
  });

  it("has its call ended before the server goes", async () => {
    const server = await start();
    const client = await connect(server, era);
    const call = client.callTool({ name: "shop__slow", arguments: { id: "7" } });
    await eventually("the call is under way", () => provider.received.at(-1)?.url === "/slow/7");
    await server.close();
    expect((await call).structuredContent).toMatchObject({ url: "/slow/7" });
  });
});

describe("what does not come in", () => {
  const post = async (
    server: HttpServing,
    headers: Record<string, string>,
    path = "/mcp",
  ): Promise<number> => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: "127.0.0.1",
          port: server.port,
          path,
          method: "POST",
          headers: {
            "content-type": "application/json",
            accept: "application/json, text/event-stream",
            ...headers,
          },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
  };
  const bearer = () => ({ authorization: `Bearer ${token}` });

  it.each([
    ["no token", () => ({}), 401],
    ["a token of nobody", () => ({ authorization: "Bearer sentinel_nobody" }), 401],
    ["a token that is none", () => ({ authorization: "Bearer ' or 1=1" }), 401],
    ["another scheme", () => ({ authorization: `Basic ${token}` }), 401],
    ["a name that is not this server's", () => ({ ...bearer(), host: "evil.example" }), 403],
    ["loopback at another port", () => ({ ...bearer(), host: "localhost:1" }), 403],
    ["a web page at another port", () => ({ ...bearer(), origin: "http://localhost:1" }), 403],
    ["a web page without an origin", () => ({ ...bearer(), origin: "null" }), 403],
    [
      "a name and a page of the operator's",
      () => ({ ...bearer(), host: "mcp.example", origin: "https://inspector.example" }),
      200,
    ],
    ["a token", bearer, 200],
  ])("%s", async (_what, headers, status) => {
    expect(await post(await start(), headers())).toBe(status);
  });

  it("a session of another agent's", async () => {
    const server = await start();
    await connect(server, "legacy");
    const other = await made.token("eve");
    const url = `http://127.0.0.1:${server.port}/mcp`;
    const headers = {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      authorization: `Bearer ${token}`,
    };
    const opening = await fetch(url, {
      method: "POST",
      headers,
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "initialize",
        params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } },
      }),
    });
    await opening.text();
    const session = opening.headers.get("mcp-session-id") ?? "";
    const list = (who: string) =>
      fetch(url, {
        method: "POST",
        headers: { ...headers, authorization: `Bearer ${who}`, "mcp-session-id": session },
        body: JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/list" }),
      });
    const own = await list(token);
    await own.text();
    expect([own.status, (await list(other)).status]).toEqual([200, 404]);
  });
});

describe("a place that can't be served on", () => {
  it.each([
    ["another machine's address", "192.0.2.1"],
    ["a name that there is not", "nope.invalid"],
  ])("is %s", async (_what, host) => {
    await expect(start({}, host)).rejects.toMatchObject({ code: "serve.bad_host" });
  });

  it("is a port that another uses", async () => {
    const { port } = await start();
    await expect(start({}, "127.0.0.1", port)).rejects.toMatchObject({ code: "serve.port_taken" });
  });
});

describe("a server that ends", () => {
  const list = (port: number, path = "/mcp") =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
    });

  it("answers a request whose token is still looked up", async () => {
    const { runtime } = fixture.registry;
    const original = runtime.agent.bind(runtime);
    let asked = false;
    runtime.agent = async (hash) => {
      asked = true;
      await new Promise((resolve) => setTimeout(resolve, 500));
      return original(hash);
    };
    try {
      const server = await start();
      const answer = list(server.port);
      await eventually("the registry is asked for the agent", () => asked);
      await server.close();
      expect((await answer).status).toBe(503);
    } finally {
      runtime.agent = original;
    }
  });

  it.each([
    ["with a call under way", true],
    ["with nothing to do", false],
  ])("%s, says so at /readyz and takes nothing new", async (_what, busy) => {
    const server = await start();
    const client = await connect(server, { pin: "2026-07-28" });
    const call = busy ? client.callTool({ name: "shop__slow", arguments: { id: "8" } }) : null;
    if (busy) await eventually("the call is under way", () => provider.received.at(-1)?.url === "/slow/8");
    const closed = server.close();
    const ready = await fetch(`http://127.0.0.1:${server.port}/readyz`);
    expect([ready.status, await ready.json()]).toMatchObject([503, { ready: false, draining: true }]);
    expect((await list(server.port)).status).toBe(503);
    await Promise.all([closed, call]);
    await expect(fetch(`http://127.0.0.1:${server.port}/readyz`)).rejects.toThrow("fetch failed");
  });
});

describe("a registry that is away", () => {
  it("is told by /readyz and by each call, and nothing is sent", async () => {
    const { runtime } = fixture.registry;
    let away = false;
    const original = runtime.catalogue.bind(runtime);
    runtime.catalogue = async (...args) => {
      if (away) throw new RegistryUnavailable("registry.unavailable", "The registry is away.", "");
      return original(...args);
    };
    try {
      const server = await start();
      const client = await connect(server, { pin: "2026-07-28" });
      expect((await fetch(`http://127.0.0.1:${server.port}/readyz`)).status).toBe(200);
      away = true;
      const before = provider.received.length;
      await new Promise((resolve) => setTimeout(resolve, 1200));
      const result = await client.callTool({ name: "shop__get_order", arguments: { id: "7" } });
      expect(result).toMatchObject({
        isError: true,
        _meta: { "connector-sentinel/error": { code: "call.registry_away" } },
      });
      expect(provider.received.length).toBe(before);
      expect(await listed(client)).toContain("shop__get_order");
      const metrics = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
      expect(metrics).toContain("sentinel_serve_registry_up 0");
      away = false;
      await eventually("calls go through again", async () => {
        const again = await client.callTool({ name: "shop__get_order", arguments: { id: "8" } });
        return again.isError !== true;
      });
    } finally {
      runtime.catalogue = original;
    }
  });
});
