import type { RequestListener } from "node:http";
import { createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import zlib from "node:zlib";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/base/index.ts";
import { createExecutor } from "../../../src/runtime/execution/executor.ts";
import { readAnswer } from "../../../src/runtime/execution/response.ts";
import type { ToolFailure } from "../../../src/runtime/seams.ts";
import {
  account,
  type Case,
  call,
  executorFor,
  failureOf,
  json,
  listen,
  rest,
  type Upstream,
  upstream,
} from "./workbench.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Calls a provider that answers like this. */
async function against(
  answer: RequestListener,
  one: Partial<Case> = {},
): Promise<{ provider: Upstream; work: Promise<JsonObject> }> {
  const provider = await upstream(answer);
  const executor = executorFor(provider);
  cleanups.push(
    () => provider.close(),
    () => executor.close(),
  );
  return {
    provider,
    work: call(executor, provider, { tool: { rest: rest() }, bounds: { timeMs: 5000 }, ...one }),
  };
}

async function fails(answer: RequestListener, one: Partial<Case> = {}): Promise<ToolFailure> {
  return failureOf((await against(answer, one)).work);
}

async function succeeds(answer: RequestListener, one: Partial<Case> = {}): Promise<JsonObject> {
  return (await against(answer, one)).work;
}

/** Calls a server that writes these bytes, whatever it was asked. */
async function raw(answer: (socket: Socket) => void, one: Partial<Case> = {}): Promise<ToolFailure> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", () => answer(socket));
  });
  const host = `127.0.0.1:${await listen(server)}`;
  const executor = executorFor({ host });
  cleanups.push(
    async () => {
      for (const socket of sockets) socket.destroy();
      await promisify(server.close.bind(server))();
    },
    () => executor.close(),
  );
  return failureOf(call(executor, { host }, { tool: { rest: rest() }, bounds: { timeMs: 2000 }, ...one }));
}

const POST: Case["tool"] = { side_effecting: true, rest: rest({ method: "POST", body: { a: 1 } }) };
const BOMB = Buffer.alloc(200 * 1024 * 1024);

describe("a hostile provider", () => {
  it("that hangs before, in or after the header is given up", async () => {
    for (const said of ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"]) {
      const failure = await raw((socket) => void socket.write(said), { bounds: { timeMs: 700 } });
      expect([said, failure.code]).toEqual([said, "api.timeout"]);
    }
  });

  it("that drips a byte at a time is given up", async () => {
    const failure = await raw(
      (socket) => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        const timer = setInterval(() => socket.write("x"), 50);
        socket.on("close", () => clearInterval(timer));
      },
      { bounds: { timeMs: 800 } },
    );
    expect(failure.code).toBe("api.timeout");
  });

  it("that never ends its body is cut off", async () => {
    const failure = await fails((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, "x")));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    expect(failure.code).toBe("api.too_large");
  });

  it("that sends its body in a million pieces is cut off", async () => {
    const failure = await raw((socket) => {
      socket.write(
        `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${"1\r\na\r\n".repeat(1_000_000)}0\r\n\r\n`,
      );
    });
    expect([failure.code, failure.message]).toEqual([
      "api.bad_response",
      "The answer comes in too many pieces.",
    ]);
  });

  it("that sends its body in small pieces of any size is read whole", async () => {
    const parts = Array.from({ length: 20_000 }, (_, at) => `${at},`.repeat(1 + (at % 7)));
    const result = await succeeds((_request, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      for (const part of parts) response.write(part);
      response.end();
    });
    expect(result.value).toBe(parts.join(""));
  });

  it("that sends gigantic headers is cut off", async () => {
    const failure = await raw((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${"x-a: y\r\n".repeat(200_000)}\r\n`);
    });
    expect(["api.too_large", "api.bad_response"]).toContain(failure.code);
  });

  it.each([
    ["gzip", () => zlib.gzipSync(BOMB)],
    ["deflate", () => zlib.deflateSync(BOMB)],
    ["br", () => zlib.brotliCompressSync(BOMB, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } })],
    ["zstd", () => zlib.zstdCompressSync(BOMB)],
    ["gzip, gzip", () => zlib.gzipSync(zlib.gzipSync(BOMB))],
  ])("that sends a bomb in %s is cut off", async (coding, make) => {
    const bomb = make();
    expect(bomb.length).toBeLessThan(1_000_000);
    const failure = await fails((_request, response) => {
      response.writeHead(200, { "content-encoding": coding, "content-type": "application/json" }).end(bomb);
    });
    expect(failure.code).toBe("api.too_large");
  });

  it("that lies about its coding is told", async () => {
    for (const coding of ["gzip", "br", "zstd", "deflate", "rot13", "gzip, gzip, gzip"]) {
      const failure = await fails((_request, response) => {
        response.writeHead(200, { "content-encoding": coding }).end(Buffer.alloc(100, 0xff));
      });
      expect([coding, failure.code]).toEqual([coding, "api.bad_response"]);
    }
  });

  it("that lies about its length is told", async () => {
    const short = await raw((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc"));
    expect(short.code).toBe("api.bad_response");
    const twice = await raw((socket) =>
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd"),
    );
    expect(twice.code).toBe("api.bad_response");
    const both = await raw((socket) =>
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
    );
    expect(both.code).toBe("api.bad_response");
  });

  it("that speaks something else is told", async () => {
    for (const said of ["SSH-2.0-OpenSSH_9\r\n", "HTTP/9.9 999 ?\r\n\r\n", "\u0000\u0001\u0002"]) {
      const failure = await raw((socket) => socket.end(said));
      expect(["api.bad_response"]).toContain(failure.code);
    }
  });

  it("that hangs up is told, and a write is then of unknown outcome", async () => {
    const read = await raw((socket) => socket.destroy());
    expect([read.code, read.sent]).toEqual(["api.bad_response", false]);
    const write = await raw((socket) => socket.destroy(), { tool: POST });
    expect([write.code, write.sent]).toEqual(["api.bad_response", true]);
  });

  it("that is not there was sent nothing", async () => {
    const gone = await upstream(json({}));
    await gone.close();
    const executor = executorFor(gone);
    cleanups.push(() => executor.close());
    const failure = await failureOf(call(executor, gone, { tool: POST }));
    expect([failure.code, failure.sent]).toEqual(["api.unreachable", false]);
  });

  it("whose name leads nowhere was sent nothing", async () => {
    const resolve = async () => {
      throw Object.assign(new Error("getaddrinfo ENOTFOUND api.example"), { code: "ENOTFOUND" });
    };
    const executor = createExecutor({}, { resolve });
    cleanups.push(() => executor.close());
    const failure = await failureOf(call(executor, { host: "api.example" }, { tool: POST }));
    expect([failure.code, failure.sent]).toEqual(["api.unreachable", false]);
  });

  it.each([
    ["lists", `${"[".repeat(50_000)}${"]".repeat(50_000)}`],
    ["lists around a long number", `${"[".repeat(50_000)}12345678901234567${"]".repeat(50_000)}`],
  ])(
    "that nests %s without end is read as text, and a write that it answers is done",
    async (_name, text) => {
      const result = await succeeds(
        (_request, response) => {
          response.writeHead(200, { "content-type": "application/json" }).end(text);
        },
        { tool: POST },
      );
      expect(result.value).toBe(text);
    },
  );

  const keys = (count: number): string =>
    `{${Array.from({ length: count }, (_, at) => `"${at.toString(36)}":0`).join()}}`;

  it.each([
    ["a million values", `[${"{},".repeat(1_000_000)}0]`],
    ["a hundred thousand keys", keys(100_001)],
    ["five million levels", "[".repeat(5_000_000)],
  ])("that sends more than %s is read as text, and soon", async (_name, text) => {
    const body = Buffer.from(text);
    const answer = { status: 200, headers: { "content-type": "application/json" }, body };
    expect(readAnswer(answer) === text).toBe(true);
  });

  it("that sends many values, but not too many, is read", async () => {
    const part = { a: [1, "x,{[:", { b: null }], c: { d: '"\\' } };
    const text = `[${Array.from({ length: 90_000 }, () => JSON.stringify(part)).join()},${keys(100_000)}]`;
    const answer = {
      status: 200,
      headers: { "content-type": "application/json" },
      body: Buffer.from(text),
    };
    const value = readAnswer(answer);
    expect(Array.isArray(value) ? [value.length, value[89_999]] : value).toEqual([90_001, part]);
  });

  it.each([
    ["escapes", { id: "1234567890123456789", t: "\n".repeat(4_900_000) }, `"${"\\n".repeat(4_900_000)}"`],
    ["quotes", { id: "1234567890123456789", t: '"'.repeat(4_900_000) }, `"${'\\"'.repeat(4_900_000)}"`],
    ["digits", { id: "1234567890123456789", t: "1".repeat(9_000_000) }, "1".repeat(9_000_000)],
  ])("that sends millions of %s is read", async (_name, value, text) => {
    const result = await succeeds((_request, response) => {
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(`{"id":1234567890123456789,"t":${text}}`);
    });
    expect(result.id === value.id && result.t === value.t).toBe(true);
  });

  it("does not keep others waiting", async () => {
    const slow = await upstream(() => {});
    const quick = await upstream(json({ ok: true }));
    const executor = executorFor(slow, quick);
    cleanups.push(
      () => slow.close(),
      () => quick.close(),
      () => executor.close(),
    );
    const controller = new AbortController();
    let ended = 0;
    const waiting = Array.from({ length: 30 }, () =>
      failureOf(call(executor, slow, { tool: { rest: rest() }, signal: controller.signal })).finally(() => {
        ended += 1;
      }),
    );
    expect(await call(executor, quick, { tool: { rest: rest() } })).toMatchObject({ ok: true });
    await expect.poll(() => slow.received.length).toBe(8);
    expect(ended).toBe(0);
    controller.abort();
    expect(new Set((await Promise.all(waiting)).map(({ code }) => code))).toEqual(new Set(["api.cancelled"]));
    expect(slow.received.length).toBe(8);
  });
});

describe("a long number in JSON", () => {
  const read = (text: string) =>
    readAnswer({ status: 200, headers: { "content-type": "application/json" }, body: Buffer.from(text) });

  it("is a text where a double would change it, and nothing else is touched", () => {
    const text = String.raw`{"a":9007199254740993,"b":-9007199254740993,"c":9007199254740991,"d":1234567890123456.5,
      "e":0.12345678901234567890,"f":1e0000000000000001,"g":1.5e-1234567890123456789,"h":"9007199254740993","i":"\\",
      "j":"a\"9007199254740993","9007199254740993":[9007199254740993,12345678901234567890]}`;
    expect(read(text)).toEqual({
      ...JSON.parse(text),
      a: "9007199254740993",
      b: "-9007199254740993",
      "9007199254740993": ["9007199254740993", "12345678901234567890"],
    });
  });

  it("is told from all others as a reader of JSON tells it", () => {
    /** Each number with its text, as the platform's reader knows it. */
    const exact = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
      const source = context?.source ?? "";
      const isLong = typeof value === "number" && !Number.isSafeInteger(value) && /^-?[0-9]+$/.test(source);
      return isLong ? source : value;
    };
    const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger());
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.array(number),
        fc.bigInt(),
        fc.nat({ max: 1 }),
        (value, list, big, gap) => {
          const text = JSON.stringify([value, list, "BIG", "9007199254740993"], null, gap).replace(
            '"BIG"',
            `${big}`,
          );
          expect(read(text)).toEqual(JSON.parse(text, exact));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("an answer", () => {
  const said =
    (type: string | null, body: string | Buffer, status = 200): RequestListener =>
    (_request, response) => {
      response.writeHead(status, type === null ? {} : { "content-type": type }).end(body);
    };

  it.each([
    ["JSON", "application/json; charset=utf-8", '{"a":1}', { a: 1 }],
    ["JSON of a kind", "application/vnd.api+json", '{"a":1}', { a: 1 }],
    ["JSON that is called text", "text/html", ' [{"a":1}]', { items: [{ a: 1 }] }],
    ["JSON that nobody has named", null, '{"a":1}', { a: 1 }],
    ["text that is called JSON", "application/json", "It works!", { value: "It works!" }],
    ["a JSON text", "application/json", '"yes"', { value: "yes" }],
    ["JSON's null", "application/json", "null", { value: null }],
    ["JSON after a byte order mark", "application/json", '\ufeff{"a":1}', { a: 1 }],
    ["text", "text/csv", "a,b\n1,2", { value: "a,b\n1,2" }],
    ["text of another alphabet", "text/plain; charset=iso-8859-1", Buffer.from([0xe9]), { value: "é" }],
    ["bytes", "image/png", Buffer.from([0, 255]), { content_type: "image/png", base64: "AP8=" }],
    ["nothing", "application/json", "", { value: null }],
    [
      "an id that no double holds",
      "application/json",
      '{"id":12345678901234567890,"n":[1.5,-9007199254740993]}',
      { id: "12345678901234567890", n: [1.5, "-9007199254740993"] },
    ],
    [
      "an object with an account of the provider's",
      "application/json",
      '{"id":7,"account":{"id":"acct_1"},"connector":"acme"}',
      { value: { id: 7, account: { id: "acct_1" }, connector: "acme" } },
    ],
    [
      "an object that names us already",
      "application/json",
      '{"a":1,"connector":"acme","account":"default"}',
      { a: 1 },
    ],
    ["a name that is no field", "application/json", '{"__proto__":{"polluted":1},"a":1}', { a: 1 }],
  ])("is read as %s", async (_what, type, body, expected) => {
    const result = await succeeds(said(type, body));
    expect(result).toMatchObject({ ...expected, connector: "acme", account: "default" });
    expect(Object.hasOwn({}, "polluted") || "polluted" in {}).toBe(false);
  });

  it("of 204 is nothing", async () => {
    expect(await succeeds((_request, response) => response.writeHead(204).end())).toEqual({
      value: null,
      connector: "acme",
      account: "default",
    });
  });

  it("can't say that it is from somebody else", async () => {
    const result = await succeeds(json({ connector: "other", account: "root" }));
    expect(result).toEqual({
      value: { connector: "other", account: "root" },
      connector: "acme",
      account: "default",
    });
  });

  it("is scrubbed, and so is what is said of it", async () => {
    const connection = account({ ACCESS_TOKEN: "t0ken-abc" });
    const manifest: Case["manifest"] = { auth: { type: "bearer", also: [], whoami: null } };
    const echo: RequestListener = (request, response) =>
      json({ deep: [{ t0ken: request.headers.authorization }] }, request.url === "/" ? 200 : 400)(
        request,
        response,
      );
    expect(JSON.stringify(await succeeds(echo, { connection, manifest }))).not.toContain("t0ken-abc");
    const failure = await fails(echo, { connection, manifest, tool: { rest: rest({ path: "/bad" }) } });
    expect(failure.code).toBe("api.status");
    expect(failure.message).toContain("[gone]");
    expect(`${failure.message}${failure.hint}${failure.cause}`).not.toContain("t0ken-abc");
  });
});

describe("a provider that refuses", () => {
  it("a write with 4xx has done nothing, with 5xx nobody knows", async () => {
    for (const [status, code, sent] of [
      [400, "api.status", false],
      [404, "api.status", false],
      [401, "auth.rejected", false],
      [429, "api.rate_limited", false],
      [500, "api.status", true],
      [503, "api.status", true],
    ] as const) {
      const failure = await fails(json({}, status), { tool: POST });
      expect([status, failure.code, failure.sent]).toEqual([status, code, sent]);
    }
  });

  it("is asked again when it wants patience, for a read", async () => {
    let asked = 0;
    const { provider, work } = await against((request, response) => {
      asked += 1;
      return asked < 3
        ? json({}, asked === 1 ? 429 : 503, { "retry-after": "0" })(request, response)
        : json({ asked })(request, response);
    });
    expect(await work).toMatchObject({ asked: 3 });
    expect(provider.received.length).toBe(3);
  });

  it("is told as it was said: with no time where there was none", async () => {
    const { work } = await against(json({}, 429), { tool: POST });
    const { code, message, hint } = await failureOf(work);
    expect([code, message]).toEqual([
      "api.rate_limited",
      "The provider asks to be called less often (429). It does not say for how long.",
    ]);
    expect(hint).toContain("a minute");
  });

  it("is not waited for longer than a call may wait", async () => {
    const { provider, work } = await against(json({}, 429, { "retry-after": "3600" }));
    const failure = await failureOf(work);
    expect(failure.code).toBe("api.rate_limited");
    expect(failure.message).toContain("3600 seconds");
    expect(provider.received.length).toBe(1);
  });

  it("is sent a write once without a key, and again with one", async () => {
    const once = await against(json({}, 429, { "retry-after": "0" }), { tool: POST });
    await failureOf(once.work);
    expect(once.provider.received.length).toBe(1);
    const keyed = await against(json({}, 429, { "retry-after": "0" }), {
      tool: POST,
      bounds: { idempotencyKey: "key-1", timeMs: 5000 },
    });
    await failureOf(keyed.work);
    const silent = await against(json({}, 503), {
      tool: POST,
      bounds: { idempotencyKey: "key-2", timeMs: 5000 },
    });
    await failureOf(silent.work);
    expect(silent.provider.received.length).toBe(1);
    expect(keyed.provider.received.map(({ headers }) => headers["idempotency-key"])).toEqual([
      "key-1",
      "key-1",
      "key-1",
    ]);
  });

  it("is told a new access token once", async () => {
    const refused: string[] = [];
    const connection = account(
      { ACCESS_TOKEN: "old" },
      {
        refresh: async (token) => {
          refused.push(token);
          return "new";
        },
      },
    );
    const manifest: Case["manifest"] = {
      auth: {
        type: "oauth2",
        authorization_url: null,
        token_url: "https://acme.example/token",
        refresh_url: null,
        grant: "authorization_code",
        pkce: true,
        scopes: {},
        also: [],
        whoami: null,
      },
    };
    const wants =
      (token: string): RequestListener =>
      (request, response) =>
        request.headers.authorization === `Bearer ${token}`
          ? json({ ok: true })(request, response)
          : json({}, 401)(request, response);
    const renewed = await against(wants("new"), { connection, manifest, tool: POST });
    expect(await renewed.work).toMatchObject({ ok: true });
    expect(renewed.provider.received.length).toBe(2);
    const never = await against(wants("other"), { connection, manifest, tool: POST });
    expect((await failureOf(never.work)).code).toBe("auth.rejected");
    expect(never.provider.received.length).toBe(2);
    expect(refused).toEqual(["old", "old"]);
  });

  it("is left alone when the executor closes", async () => {
    const provider = await upstream(() => {});
    const executor = executorFor(provider);
    cleanups.push(() => provider.close());
    const work = failureOf(call(executor, provider, { tool: POST }));
    await expect.poll(() => provider.received.length).toBe(1);
    await executor.close();
    expect((await work).sent).toBe(true);
    const after = await failureOf(call(executor, provider, { tool: POST }));
    expect(after.code).toBe("api.bad_response");
    expect(provider.received.length).toBe(1);
  });

  it("is not said to have been sent what was taken back while it waited for a connection", async () => {
    const provider = await upstream(() => {});
    const executor = executorFor(provider);
    cleanups.push(
      () => provider.close(),
      () => executor.close(),
    );
    const bounds = { timeMs: 1500 };
    const busy = Array.from({ length: 8 }, () =>
      failureOf(call(executor, provider, { tool: { rest: rest() }, bounds })),
    );
    while (provider.received.length < 8) await sleep(20);
    const failure = await failureOf(
      call(executor, provider, { tool: POST, bounds, signal: AbortSignal.timeout(200) }),
    );
    expect([failure.code, failure.sent]).toEqual(["api.cancelled", false]);
    await Promise.all(busy);
    expect(provider.received.length).toBe(8);
  });

  it("may have done what it put off, though it is gone when it is asked again", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => {
        server.close();
        socket.end("HTTP/1.1 503 Later\r\nretry-after: 0\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
      });
    });
    const host = `127.0.0.1:${await listen(server)}`;
    const executor = executorFor({ host });
    cleanups.push(() => executor.close());
    const failure = await failureOf(
      call(executor, { host }, { tool: POST, bounds: { timeMs: 5000, idempotencyKey: "key" } }),
    );
    expect([failure.code, failure.sent]).toEqual(["api.unreachable", true]);
  });

  it("is opened no tunnel through, and has no connection less for it", async () => {
    const { provider, work } = await against(json({ ok: true }));
    await work;
    const executor = executorFor(provider);
    cleanups.push(() => executor.close());
    const tunnel = { tool: { rest: rest({ method: "CONNECT" }) }, bounds: { timeMs: 2000 } };
    for (let tries = 0; tries < 10; tries += 1) {
      expect((await failureOf(call(executor, provider, tunnel))).code).toBe("firewall.method");
    }
    expect(
      await call(executor, provider, { tool: { rest: rest() }, bounds: { timeMs: 2000 } }),
    ).toMatchObject({
      ok: true,
    });
  });

  it("is left alone when the client has gone", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 200);
    const failure = await fails(() => {}, { signal: controller.signal, tool: POST });
    expect([failure.code, failure.sent]).toEqual(["api.cancelled", true]);
    const early = await fails(() => {}, { signal: AbortSignal.abort(), tool: POST });
    expect([early.code, early.sent]).toEqual(["api.cancelled", false]);
  });
});
