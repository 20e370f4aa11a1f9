import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/base/index.ts";
import type { Auth } from "../../../src/manifest/index.ts";
import { createExecutor } from "../../../src/runtime/execution/executor.ts";
import type { Connection, Executor } from "../../../src/runtime/seams.ts";
import { tool as toolOf } from "../../generate/manifest.ts";
import { account, call, failureOf, json, rest, type Upstream, upstream } from "./workbench.ts";

let provider: Upstream;

beforeAll(async () => {
  provider = await upstream((request, response) => {
    if (request.url === "/refused") return json({ error: "no such order" }, 404)(request, response);
    return json({ echo: request.headers.authorization ?? null, path: request.url })(request, response);
  });
});

afterAll(() => provider.close());

/** The function that docs/runtime.md shows. */
function documented(): string {
  const text = readFileSync(new URL("../../../docs/runtime.md", import.meta.url), "utf8");
  return /^## Handlers$[\s\S]*?^```ts\n([\s\S]*?)^```$/m.exec(text)?.[1] ?? "";
}

interface Run {
  readonly input?: JsonObject;
  readonly auth?: Auth;
  readonly connection?: Connection;
  readonly timeMs?: number;
}

/** Runs the function `run` of a service.ts with this text. */
async function run(
  service: string,
  { input = {}, auth, connection, timeMs = 20_000 }: Run = {},
): Promise<JsonObject> {
  const executor = createExecutor({
    allowedHosts: [`http://${provider.host}`],
    service: async () => service,
  });
  try {
    return await call(executor, provider, {
      ...(auth && { manifest: { auth } }),
      tool: { handler: "run" },
      input,
      ...(connection && { connection }),
      bounds: { timeMs },
    });
  } finally {
    await executor.close();
  }
}

describe("a function of service.ts", () => {
  it("gets the input, the account and a client, and gives a result", async () => {
    const service = `
      interface Input { readonly id: string }
      export async function run(input: Input, { http, account }: any) {
        const { status, data } = await http.post("/orders/" + input.id, { reason: "late" }, { query: { a: 1 } });
        return { status, path: data.path, shop: account.shop, gone: undefined };
      }`;
    const result = await run(service, {
      input: { id: "7" },
      connection: account({}, { fields: { shop: "main" } }),
    });
    expect(result).toEqual({
      status: 200,
      path: "/orders/7?a=1",
      shop: "main",
      connector: "acme",
      account: "default",
    });
    expect(provider.received.at(-1)).toMatchObject({ method: "POST", body: '{"reason":"late"}' });
  });

  it("never sees a credential, not even when the provider says it back", async () => {
    const service =
      "export const run = async (_: unknown, { http }: any) => (await http.get('/')).data.echo.length;";
    const result = await run(service, {
      auth: { type: "bearer", also: [], whoami: null },
      connection: account({ ACCESS_TOKEN: "t0p-secret-value" }),
    });
    expect(provider.received.at(-1)?.headers.authorization).toBe("Bearer t0p-secret-value");
    expect(result.value).toBe("Bearer [gone]".length);
  });

  it("puts secrets of auth: keys where it wants without seeing them", async () => {
    const service = `export async function run(_: unknown, { http, secret }: any) {
      await http.post("/a", { nested: [secret("APP_SECRET")] }, { headers: { Authorization: "Bearer " + secret("TOKEN") } });
      await http.get("/b", { basic: ["me", secret("TOKEN")], query: { key: secret("APP_SECRET"), plain: "x" } });
      return { none: secret("OTHER"), unknown: secret("UNKNOWN"), looks: secret("TOKEN").startsWith("secret-") };
    }`;
    const key = (name: string, optional = false) => ({ name, description: null, optional });
    const result = await run(service, {
      auth: { type: "keys", keys: [key("APP_SECRET"), key("OTHER", true), key("TOKEN")], whoami: null },
      connection: account({ TOKEN: "tok-1", APP_SECRET: "app-1" }),
    });
    const [first, second] = provider.received.slice(-2);
    expect(first?.headers.authorization).toBe("Bearer tok-1");
    expect(first?.body).toBe('{"nested":["app-1"]}');
    expect(second?.headers.authorization).toBe(`Basic ${Buffer.from("me:tok-1").toString("base64")}`);
    expect(second?.url).toBe("/b?plain=x&key=app-1");
    expect(result).toMatchObject({ none: null, unknown: null, looks: true });
  });

  it.each([
    ["a module", "await import('node:fs')"],
    ["a module by way of text", "await import(['node', 'net'].join(':'))"],
    ["another file", "await import('./other.ts')"],
    ["a process", "process.env"],
    ["a socket", "await fetch('http://127.0.0.1:1')"],
    ["code from text", "new Function('return 1')()"],
    ["code from text by a constructor", "(async () => {}).constructor('return process')()"],
    ["built-in modules", "globalThis.process.getBuiltinModule('fs')"],
    ["the streams behind the console", "console._stdout.constructor"],
    ["a channel", "new BroadcastChannel('x')"],
    ["a web socket", "new WebSocket('ws://127.0.0.1:1')"],
  ])("has no way to %s", async (_what, code) => {
    const failure = await failureOf(run(`export async function run() { return String(${code}); }`));
    expect(["handler.failed", "handler.refused"]).toContain(failure.code);
  });

  it("has what the platform has for texts, keys and time", async () => {
    const service = `export async function run() {
      console.log("quiet");
      const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode("a"));
      return [new URL("/b?c=1", "https://a.example").href, Buffer.from(digest).toString("hex").slice(0, 8), btoa("x"), structuredClone({ a: [1] })];
    }`;
    expect((await run(service)).items).toEqual(["https://a.example/b?c=1", "ca978112", "eA==", { a: [1] }]);
  });

  it("refuses a module that is imported at the top", async () => {
    const failure = await failureOf(
      run("import fs from 'node:fs'; export const run = () => fs.readdirSync('/');"),
    );
    expect(failure.code).toBe("handler.refused");
  });

  it.each([
    ["another host", "https://elsewhere.example/", {}, "firewall.host"],
    ["the metadata service", "http://169.254.169.254/latest", {}, "firewall.http"],
    ["a file", "file:///etc/passwd", {}, "firewall.http"],
    ["a step up", "/orders/../admin", {}, "firewall.path"],
    ["an encoded step up", "/orders/%2e%2e/admin", {}, "firewall.path"],
    ["a step up behind a tab", "/orders/.\t./admin", {}, "firewall.path"],
    ["a step up behind a backslash", "/orders\\..\\admin", {}, "firewall.path"],
    ["another host by two slashes", "//elsewhere.example/", {}, "firewall.path"],
    ["another host by one slash", "https:/elsewhere.example/", {}, "firewall.host"],
    ["an empty id", "/orders//hold", {}, "firewall.path"],
    ["an encoded slash", "/orders/a%2Fb", {}, "firewall.path"],
    ["a slash that is encoded twice", "/orders/a%252Fb", {}, "firewall.path"],
    ["a step up that is encoded twice", "/orders/%252e%252e/admin", {}, "firewall.path"],
    ["a step up before a semicolon", "/orders/..;x/admin", {}, "firewall.path"],
    ["a path that ends early", "/orders/42/cancel#/hold", {}, "firewall.path"],
    ["a path with a query of somebody else's", "/orders/x?admin=1", {}, "firewall.path"],
    ["a space", "/orders/a b", {}, "firewall.path"],
    ["an address that ends early", "https://elsewhere.example/a#/hold", {}, "firewall.path"],
    ["another host's header", "/", { headers: { Host: "evil.example" } }, "firewall.header"],
    ["a broken header", "/", { headers: { "X-A": "a\r\nX-B: b" } }, "input.bad_value"],
    ["a strange option", "/", { proxy: "http://evil.example" }, "handler.refused"],
  ])("can't request %s", async (_what, address, options, code) => {
    const before = provider.received.length;
    const service = `export const run = ({ address, options }: any, { http }: any) => http.get(address, options);`;
    const failure = await failureOf(run(service, { input: { address, options } }));
    expect(failure.code).toBe(code);
    expect(provider.received.length).toBe(before);
  });

  it("can't name the field of a query that carries the credential, nor another field", async () => {
    const auth: Auth = { type: "api_key", in: "query", name: "api_key", prefix: "", also: [], whoami: null };
    const service =
      "export const run = async ({ f }: any, { http }: any) => (await http.get('/q', { query: { f, limit: 10 } })).data;";
    for (const f of [{ api_key: "other" }, { limit: 99 }]) {
      const failure = await failureOf(run(service, { auth, input: { f } }));
      expect(failure.code).toBe("firewall.query");
    }
  });

  it("follows a link of the provider's with its query", async () => {
    const service = "export const run = async ({ next }: any, { http }: any) => (await http.get(next)).data;";
    const next = `https://${provider.host}/orders?page=2`;
    expect(await run(service, { input: { next } })).toMatchObject({ path: "/orders?page=2" });
  });

  it("of docs/runtime.md keeps an argument in its part of the path", async () => {
    const example = documented().replace("hold_order", "run");
    await run(example, { input: { id: "4 ?admin=1#" } });
    expect(provider.received.at(-1)?.url).toBe("/orders/4%20%3Fadmin%3D1%23/hold");
    for (const id of ["42/cancel", "..", ""]) {
      expect((await failureOf(run(example, { input: { id } }))).code).toBe("firewall.path");
    }
  });

  it("tells what it threw, what it did not catch, and what it lacks", async () => {
    const thrown = await failureOf(run("export function run() { throw new Error('the shop is shut'); }"));
    expect([thrown.code, thrown.message]).toEqual(["handler.failed", "The function threw: the shop is shut"]);
    const status = await failureOf(
      run("export const run = (_: unknown, { http }: any) => http.get('/refused');"),
    );
    expect([status.code, status.message]).toEqual([
      "api.status",
      'The provider answered 404: "{\\"error\\":\\"no such order\\"}"',
    ]);
    expect((await failureOf(run("export const other = 1;"))).code).toBe("handler.missing");
    expect((await failureOf(run("export const run = {{{"))).code).toBe("handler.failed");
  });

  it("can catch a status that is no success, and a refused request, by their codes", async () => {
    const service = `export async function run(_: unknown, { http }: any) {
      const told = (error: any) => [error instanceof Error, error.code, error.message];
      const status = await http.get("/refused").catch(told);
      return { status, refused: await http.get("/a b").catch(told) };
    }`;
    expect(await run(service)).toMatchObject({
      status: [true, "api.status", expect.stringContaining("404")],
      refused: [true, "firewall.path", expect.stringContaining("encodeURIComponent")],
    });
  });

  it("is not run where the account lacks a secret that is not optional", async () => {
    const key = { name: "TOKEN", description: null, optional: false };
    const auth: Auth = { type: "keys", keys: [key], whoami: null };
    expect((await failureOf(run("export const run = () => 1;", { auth }))).code).toBe("auth.missing");
  });

  it("leaves the outcome open once one of its requests was a write that worked", async () => {
    const service = `export async function run({ first }: any, { http }: any) {
      await Promise.all([http.post(first, {}), http.get("/")]);
      await http.post("/refused", {});
    }`;
    const one = await failureOf(run(service, { input: { first: "/ok" } }));
    expect([one.code, one.sent]).toEqual(["api.status", true]);
    const none = await failureOf(run(service, { input: { first: "/refused" } }));
    expect([none.code, none.sent]).toEqual(["api.status", false]);
  });

  it("keeps a secret in a body from another host, in whatever encoding it is there", async () => {
    const other = await upstream(json({}));
    const moved = await upstream(json({}, 307, { location: `http://${other.host}/` }));
    const value = 'line one\n"two" & three';
    const executor = createExecutor({
      allowedHosts: [moved, other].map(({ host }) => `http://${host}`),
      service: async () => `export const run = async (input: any, { http, secret }: any) =>
        http.post("/", { key: secret("KEY") }, { encoding: input.encoding });`,
    });
    const elsewhere = toolOf({
      name: "elsewhere",
      rest: rest({ path: null, url: `https://${other.host}/` }),
    });
    for (const encoding of ["json", "form"]) {
      const work = call(executor, moved, {
        manifest: {
          auth: { type: "keys", keys: [{ name: "KEY", description: null, optional: false }], whoami: null },
          tools: [elsewhere],
        },
        tool: { handler: "run", side_effecting: true },
        input: { encoding },
        connection: account({ KEY: value }),
      });
      expect((await failureOf(work)).code).toBe("firewall.redirect");
    }
    expect([moved.received.length, other.received.length]).toEqual([2, 0]);
    await Promise.all([executor.close(), moved.close(), other.close()]);
  });

  it("shares the machine with others: of many calls, few processes run at a time", async () => {
    const service = "export const run = async (_: unknown, { http }: any) => (await http.get('/')).data.now;";
    let most = 0;
    let now = 0;
    const counting = await upstream((request, response) => {
      most = Math.max(most, ++now);
      setTimeout(() => json({ now: now-- })(request, response), 400);
    });
    const executor = createExecutor({
      allowedHosts: [`http://${counting.host}`],
      service: async () => service,
    });
    const calls = Array.from({ length: 12 }, () => call(executor, counting, { tool: { handler: "run" } }));
    expect((await Promise.all(calls)).length).toBe(12);
    expect(most).toBeLessThanOrEqual(4);
    await Promise.all([executor.close(), counting.close()]);
  });

  describe("with requests that it does not wait for", () => {
    let slow: Upstream;
    let executor: Executor;
    beforeEach(async () => {
      slow = await upstream((request, response) => {
        if (request.url !== "/hang") json({ fine: true })(request, response);
      });
      executor = createExecutor({
        allowedHosts: [`http://${slow.host}`],
        service: async () => `export const run = async ({ name }: any, { http }: any) => {
          const arrived = () => new Promise((resolve) => setTimeout(resolve, 500));
          if (name === "reads") for (let i = 0; i < 8; i++) http.get("/hang").catch(() => {});
          if (name === "writes") http.post("/hang", {}).catch(() => {});
          if (name === "throws") await Promise.all([http.post("/hang", {}), arrived().then(() => { throw new Error("early"); })]);
          if (name === "at once") http.post("/hang", {}).catch(() => {});
          if (name === "later") for (let i = 0; i < 9; i++) http.request(i < 8 ? "GET" : "POST", "/hang").catch(() => {});
          else await arrived();
          return { done: true };
        }`,
      });
    });
    afterEach(() => Promise.all([executor.close(), slow.close()]));
    const named = (name: string) => call(executor, slow, { tool: { handler: "run" }, input: { name } });

    it("gives back the connections of its host when it ends", async () => {
      expect(await named("reads")).toMatchObject({ done: true });
      expect(slow.received.map(({ url }) => url)).toEqual(Array.from({ length: 8 }, () => "/hang"));
      const next = await call(executor, slow, { tool: { rest: rest() }, bounds: { timeMs: 5000 } });
      expect(next).toMatchObject({ fine: true });
    });

    it.each(["writes", "throws"])(
      "never succeeds with a write under way, whose outcome is open: %s",
      async (name) => {
        const failure = await failureOf(named(name));
        expect([failure.code, failure.sent]).toEqual(["handler.failed", true]);
        expect(slow.received.map(({ url }) => url)).toEqual(["/hang"]);
      },
    );

    it.each(["at once", "later"])("never succeeds either where a write had not begun: %s", async (name) => {
      expect((await failureOf(named(name))).code).toBe("handler.failed");
    });
  });

  it.each([
    ["a number", "5", { value: 5 }],
    ["null", "null", { value: null }],
    ["a failure without words", "{ failed: null }", { failed: null }],
    ["one of Node's own messages", "{ cmd: 'NODE_HANDLE', type: 'nope' }", { cmd: "NODE_HANDLE" }],
    ["nothing", "undefined", { value: null }],
  ])("that makes %s of every object fails or gives just that", async (_what, made, result) => {
    const service = `export const run = async (_: unknown, { http }: any) => {
      Object.defineProperty(Object.prototype, "toJSON", { configurable: true, value: () => (${made}) });
      return { a: 1 };
    }`;
    expect(await run(service)).toMatchObject(result);
  });

  it.each([
    ["what is no JSON", "nonsense"],
    ["a number", "5"],
    ["null", "null"],
    ["a failure without words", '{"failed":null}'],
    ["a failure that is no text", '{"failed":{"code":{},"message":5}}'],
    ["a question without a number", '{"ask":{},"question":1}'],
    ["nothing", ""],
    ["one of Node's own messages", '{"cmd":"NODE_HANDLE","type":"nope"}'],
  ])("whose process says %s has failed", async (_what, said) => {
    const service = `export function run() { JSON.stringify = () => ${JSON.stringify(said)}; throw new Error(); }`;
    expect((await failureOf(run(service))).code).toBe("handler.failed");
  });

  it("whose process asks for more at a time than it may has failed", async () => {
    const service = `export async function run(_: unknown, { http }: any) {
      JSON.stringify = () => "1}\\n" + '{"ask":1,"question":1}\\n'.repeat(100) + '{"ask":1,"question":1';
      await http.get("/");
    }`;
    const failure = await failureOf(run(service));
    expect(failure.message).toBe("The function's process died: it said more than it may.");
  });

  it("is told that a request is too large, and goes on", async () => {
    const service = `export async function run(_: unknown, { http }: any) {
      const codes = [];
      for (let i = 0; i < 3; i++) await http.post("/", "x".repeat(6e7)).catch((error) => codes.push(error.code));
      return codes;
    }`;
    expect((await run(service)).items).toEqual(Array.from({ length: 3 }, () => "input.too_large"));
  });

  it("makes its requests by turns, of which it may have many", async () => {
    const service = `export async function run(_: unknown, { http }: any) {
      const all = Array.from({ length: 60 }, (_, index) => http.post("/" + index, "x".repeat(1e5)));
      const end = Date.now() + 1500;
      while (Date.now() < end);
      await http.get("/rested");
      return (await Promise.all(all)).map(({ data }) => data.path);
    }`;
    const before = provider.received.length;
    const answer = run(service);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(provider.received.length - before).toBeLessThanOrEqual(8);
    expect((await answer).items).toEqual(Array.from({ length: 60 }, (_, index) => `/${index}`));
  });

  it.each(["done", "question"])("whose process says more than it may has failed: %s", async (what) => {
    const service = `export function run() {
      JSON.stringify = () => '{"ask":1,"${what}":"' + "x".repeat(${what === "done" ? 11e6 : 22e6}) + '"}';
      throw new Error();
    }`;
    const failure = await failureOf(run(service));
    expect([failure.code, failure.message]).toEqual([
      "handler.failed",
      "The function's process died: it said more than it may.",
    ]);
  });

  it("is ended when it does not end, eats memory, or floods", async () => {
    const hangs = await failureOf(run("export const run = () => { for (;;); };", { timeMs: 1500 }));
    expect(hangs.code).toBe("handler.timeout");
    const waits = await failureOf(run("export const run = () => new Promise(() => {});", { timeMs: 1500 }));
    expect(waits.code).toBe("handler.timeout");
    const floods =
      "export const run = async (_: unknown, { http }: any) => { for (;;) await http.get('/'); };";
    expect((await failureOf(run(floods))).code).toBe("handler.refused");
    const outside =
      "const all = []; for (let i = 0; i < 15; i++) all.push(Buffer.alloc(1e8, 1)); return all.length;";
    const pages = "return new Uint8Array(new WebAssembly.Memory({ initial: 16000 }).buffer).fill(1).length;";
    for (const body of [outside, pages]) {
      const large = await failureOf(run(`export const run = () => { ${body} };`));
      expect([large.code, large.message]).toEqual([
        "handler.too_large",
        "The function was stopped: it took more than 512 MB of memory.",
      ]);
    }
    const eats =
      "export const run = () => { const all: unknown[] = []; for (;;) all.push(new Array(1e5).fill(all.length)); };";
    expect((await failureOf(run(eats))).code).toBe("handler.too_large");
  }, 60_000);
});
