import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/base/index.ts";
import type { Auth } from "../../../src/manifest/index.ts";
import type { Connection, Executor } from "../../../src/runtime/seams.ts";
import { account, call, executorFor, failureOf, json, rest, type Upstream, upstream } from "./workbench.ts";

const OAUTH: Auth = {
  type: "oauth2",
  authorization_url: null,
  token_url: "https://acme.example/token",
  refresh_url: null,
  grant: "client_credentials",
  pkce: true,
  scopes: {},
  also: [],
  whoami: null,
};

let provider: Upstream;
let executor: Executor;

beforeAll(async () => {
  provider = await upstream((request, response) => json({ id: 7, path: request.url })(request, response));
  executor = executorFor(provider);
});

afterAll(async () => {
  await executor.close();
  await provider.close();
});

const last = () => provider.received.at(-1);

describe("a rest request", () => {
  it("fills in path and query, and says where the result is from", async () => {
    const result = await call(executor, provider, {
      tool: {
        rest: rest({
          path: "/orders/{{ params.id }}?fixed=1&cursor={{ params.cursor }}",
          query: {
            limit: "{{ params.limit | default: 50 }}",
            q: "name:{{ params.q }}",
            gone: "{{ params.gone }}",
          },
        }),
      },
      input: { id: "a b/é".replace("/", "-"), q: "x&y" },
    });
    expect(last()?.url).toBe("/orders/a%20b-%C3%A9?fixed=1&limit=50&q=name%3Ax%26y");
    expect(result).toEqual({
      id: 7,
      path: "/orders/a%20b-%C3%A9?fixed=1&limit=50&q=name%3Ax%26y",
      connector: "acme",
      account: "default",
    });
  });

  it("keeps the types of a JSON body and drops what is absent", async () => {
    await call(executor, provider, {
      tool: {
        side_effecting: true,
        rest: rest({
          method: "POST",
          path: "/x",
          body: {
            tags: "{{ params.tags }}",
            priority: "{{ params.priority | invert: 5 }}",
            done: "{{ params.done }}",
            nothing: "{{ params.nothing }}",
            project: { id: "{{ params.project }}" },
            note: "{{ params.none }}",
            size: "{{ params.size }}",
          },
        }),
      },
      input: { tags: ["a", "b"], priority: 1, done: false, none: null },
    });
    expect(JSON.parse(last()?.body ?? "")).toEqual({
      tags: ["a", "b"],
      priority: 4,
      done: false,
      note: null,
    });
    expect(last()?.headers["content-type"]).toBe("application/json");
  });

  it("maps the answer", async () => {
    const result = await call(executor, provider, {
      tool: {
        rest: rest({
          response: {
            root: null,
            static: null,
            mapping: { ref: '"no. " & id', asked: "$params.a", none: "nix" },
          },
        }),
      },
      input: { a: [1, 2] },
    });
    expect(result).toEqual({ ref: "no. 7", asked: [1, 2], connector: "acme", account: "default" });
  });

  it("sends the credential where auth says, and only there", async () => {
    const connection = account({ API_KEY: "k-123", APP_KEY: "k-456" });
    await call(executor, provider, {
      manifest: {
        auth: {
          type: "api_key",
          in: "query",
          name: "key",
          prefix: "",
          also: [{ in: "header", name: "App-Key", prefix: "k " }],
          whoami: null,
        },
      },
      tool: { rest: rest() },
      connection,
    });
    expect(last()?.url).toBe("/?key=k-123");
    expect(last()?.headers["app-key"]).toBe("k k-456");
  });

  it("sends every kind of credential, and names what lacks", async () => {
    const send = async (auth: Auth, connection: Connection) => {
      await call(executor, provider, { manifest: { auth }, tool: { rest: rest() }, connection });
      return last()?.headers;
    };
    const basic: Auth = { type: "basic", also: [{ in: "cookie", name: "sid", prefix: "" }], whoami: null };
    const secrets = { USERNAME: "user-1", PASSWORD: "p:w", SID: "a;b c", API_KEY: "k" };
    expect(await send(basic, account(secrets))).toMatchObject({
      authorization: `Basic ${Buffer.from("user-1:p:w").toString("base64")}`,
      cookie: "sid=a%3Bb%20c",
    });
    const { PASSWORD: _, ...alone } = secrets;
    expect(await send(basic, account(alone))).toMatchObject({
      authorization: `Basic ${Buffer.from("user-1:").toString("base64")}`,
    });
    const key: Auth = {
      type: "api_key",
      in: "header",
      name: "X-Key",
      prefix: "Token ",
      also: [],
      whoami: null,
    };
    expect(await send(key, account(secrets))).toMatchObject({ "x-key": "Token k" });
    // With client credentials there is no token before the first call.
    const first = account({}, { refresh: async (refused) => (refused === "" ? "first" : null) });
    expect(await send(OAUTH, first)).toMatchObject({ authorization: "Bearer first" });

    const lacks = await failureOf(send(basic, account({ USERNAME: "user-1" }, { account: "eu" })));
    expect([lacks.code, lacks.hint]).toEqual([
      "auth.missing",
      "Store it with `sentinel vault set acme:eu SID`.",
    ]);
    expect((await failureOf(send(OAUTH, account()))).code).toBe("auth.missing");
    for (const secret of ["a\r\nb: c", "CAN\u0100RY", "a".repeat(9000)]) {
      const failure = await failureOf(send(key, account({ API_KEY: secret })));
      expect(failure.code).toBe("auth.unusable");
      expect(failure.hint).toContain("`sentinel vault set acme API_KEY`");
    }
  });

  it("says of a part of the path whether it was not given, or is empty", async () => {
    const send = async (input: JsonObject): Promise<string> =>
      (
        await failureOf(
          call(executor, provider, { tool: { rest: rest({ path: "/{{ params.id }}" }) }, input }),
        )
      ).message;
    expect(await send({})).toBe("params.id is part of the path and was not given.");
    expect(await send({ id: "" })).toBe("params.id is part of the path and is empty.");
  });

  it("that a write is refused with has changed nothing, whatever becomes of the token's renewal", async () => {
    const refusing = await upstream(json({}, 401));
    const failing = account(
      { ACCESS_TOKEN: "an-old-token" },
      {
        refresh: async () => {
          throw new Error("the token endpoint is away");
        },
      },
    );
    const failure = await failureOf(
      call(executorFor(refusing), refusing, {
        manifest: { auth: OAUTH },
        tool: { rest: rest({ method: "POST", body: {} }), side_effecting: true },
        connection: failing,
      }),
    );
    await refusing.close();
    expect([refusing.received.length, failure.sent]).toEqual([1, false]);
  });

  it("fails without a credential before anything is sent", async () => {
    const before = provider.received.length;
    const failure = await failureOf(
      call(executor, provider, {
        manifest: { auth: { type: "bearer", also: [], whoami: null } },
        tool: { rest: rest() },
      }),
    );
    expect(failure.code).toBe("auth.missing");
    expect(failure.hint).toContain("sentinel vault set acme ACCESS_TOKEN");
    expect(provider.received.length).toBe(before);
  });
});
