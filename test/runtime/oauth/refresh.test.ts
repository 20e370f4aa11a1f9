import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Auth } from "../../../src/manifest/index.ts";
import { openPglite } from "../../../src/registry/drivers/pglite.ts";
import { openPostgres } from "../../../src/registry/drivers/postgres.ts";
import { createRegistry, type Driver, type Registry } from "../../../src/registry/index.ts";
import { type Engine, ToolFailure } from "../../../src/runtime/index.ts";
import { pgliteFolder } from "../../helpers/pglite.ts";
import { serversMissing, startPostgres } from "../../helpers/postgres.ts";
import { describeEach } from "../../helpers/ways.ts";
import { json, type Upstream, upstream } from "../execution/workbench.ts";
import { connector, getter, type House, house } from "../serve/house.ts";

const CALLER = fileURLToPath(new URL("caller.ts", import.meta.url));

/** A provider whose tokens are `access-N`, of which only the latest is good. */
interface Provider extends Upstream {
  /** Bodies of requests for tokens. */
  readonly asked: () => URLSearchParams[];
  good: string;
  /** How the token endpoint answers. */
  tokens: () => { readonly status: number; readonly body: object };
}

async function provide(): Promise<Provider> {
  let number = 0;
  const server = await upstream((request, response) => {
    if (request.url === "/token") {
      const { status, body } = made.tokens();
      // Long enough that whoever does not wait comes meanwhile.
      setTimeout(() => json(body, status)(request, response), 150);
    } else {
      const isGood = request.headers.authorization === `Bearer ${made.good}`;
      json({ id: "1" }, isGood ? 200 : 401)(request, response);
    }
  });
  const made: Provider = {
    ...server,
    asked: () =>
      server.received.filter(({ url }) => url === "/token").map(({ body }) => new URLSearchParams(body)),
    good: "access-0-of-the-provider",
    tokens: () => {
      number += 1;
      made.good = `access-${number}-of-the-provider`;
      return {
        status: 200,
        body: {
          access_token: made.good,
          refresh_token: `refresh-${number}-of-the-provider`,
          expires_in: 3600,
        },
      };
    },
  };
  return made;
}

const oauth = (host: string, changes: Partial<Extract<Auth, { type: "oauth2" }>> = {}): Auth => ({
  type: "oauth2",
  authorization_url: `https://${host}/authorize`,
  token_url: `https://${host}/token`,
  refresh_url: null,
  grant: "authorization_code",
  pkce: true,
  scopes: { default: ["items.read"] },
  also: [],
  whoami: null,
  ...changes,
});

const WAYS = [
  { name: "on the embedded registry", missing: null },
  { name: "on PostgreSQL", missing: serversMissing() },
];

describeEach(WAYS, "an access token that has run out,", ({ name }) => {
  let where = "";
  let registry: Registry;
  let made: House;
  let provider: Provider;
  let stop: () => Promise<unknown> = async () => {};
  const engines: Engine[] = [];

  beforeAll(async () => {
    let driver: Driver;
    if (name.includes("embedded")) {
      const folder = pgliteFolder();
      where = folder.directory;
      stop = async () => folder.remove();
      driver = openPglite({ directory: where, shares: true });
      await driver.migrate();
    } else {
      const server = await startPostgres();
      where = server.url(await server.createDatabase(true));
      stop = () => server.stop();
      driver = openPostgres({ url: where });
    }
    registry = createRegistry(driver);
    made = house(registry);
    provider = await provide();
    const { host } = provider;
    await made.approve(connector("acme", host, [getter("get_item")], { auth: oauth(host) }));
    await made.approve(
      connector("machine", host, [getter("get_item")], {
        auth: oauth(host, { grant: "client_credentials" }),
      }),
    );
    for (const slug of ["acme", "machine"]) {
      await made.secret(slug, "CLIENT_ID", "the-client");
      await made.secret(slug, "CLIENT_SECRET", "the-secret-of-the-client");
    }
  });
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((one) => one.close()));
    provider.received.length = 0;
  });
  afterAll(async () => {
    await provider?.close();
    await registry?.close();
    await stop();
  });

  const expire = async (): Promise<void> => {
    await made.secret("acme", "ACCESS_TOKEN", "an-access-token-that-is-over");
    await made.secret("acme", "REFRESH_TOKEN", "a-refresh-token-that-is-good");
  };
  const call = async (slug: string): Promise<string> => {
    const engine = made.engine({ hosts: [provider.host] });
    engines.push(engine);
    const { signal } = new AbortController();
    const request = {
      agent: "ann",
      connector: slug,
      tool: "get_item",
      account: null,
      input: { id: "1" },
      key: null,
      signal,
    };
    return engine.gate.call(request).then(
      () => "ok",
      (error: unknown) => (error instanceof ToolFailure ? error.code : String(error)),
    );
  };
  const stored = async (key: string): Promise<number | undefined> =>
    (await registry.runtime.secret("acme", "default", key))?.version;

  it("is renewed once for 50 calls at once in two processes", async () => {
    await expire();
    await registry.close();
    const key = made.ring.current.bytes.toString("hex");
    const processes = [1, 2].map(() =>
      spawn(process.execPath, [CALLER, where, provider.host, "25", key], {
        stdio: ["pipe", "pipe", "inherit"],
      }),
    );
    const outputs = processes.map(async (child) => {
      let text = "";
      for await (const chunk of child.stdout) text += chunk;
      return text;
    });
    await Promise.all(processes.map((child) => new Promise((resolve) => child.stdout.once("data", resolve))));
    for (const child of processes) child.stdin.write("go\n");
    const ends = (await Promise.all(outputs)).map((text) =>
      JSON.parse(text.split("\n").find((line) => line.startsWith("{")) ?? "{}"),
    );
    expect(ends).toEqual([{ ok: 25 }, { ok: 25 }]);
    expect(provider.asked().map((body) => Object.fromEntries(body))).toEqual([
      {
        grant_type: "refresh_token",
        refresh_token: "a-refresh-token-that-is-good",
        client_id: "the-client",
        client_secret: "the-secret-of-the-client",
      },
    ]);
  });

  it("is replaced with its refresh token, and the next call asks for neither", async () => {
    await expire();
    const before = [await stored("ACCESS_TOKEN"), await stored("REFRESH_TOKEN")];
    expect(await call("acme")).toBe("ok");
    expect([await stored("ACCESS_TOKEN"), await stored("REFRESH_TOKEN")]).toEqual(
      before.map((version) => (version ?? 0) + 1),
    );
    expect(await call("acme")).toBe("ok");
    expect(provider.asked()).toHaveLength(1);
  });

  it("is renewed before it is sent where it is known to be past its time, though the provider would still take it", async () => {
    await expire();
    await made.secret("acme", "ACCESS_TOKEN", provider.good);
    await made.secret("acme", "EXPIRES_AT", "2020-01-01T00:00:00.000Z");
    const before = provider.good;
    expect(await call("acme")).toBe("ok");
    expect(await call("acme")).toBe("ok");
    expect(provider.asked()).toHaveLength(1);
    const sent = provider.received.filter(({ url }) => url !== "/token");
    expect(sent.map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${provider.good}`,
      `Bearer ${provider.good}`,
    ]);
    expect(provider.good).not.toBe(before);
  });

  it("is sent all the same where it can't be renewed, as the provider has the last word", async () => {
    await made.secret("acme", "ACCESS_TOKEN", provider.good);
    await made.secret("acme", "EXPIRES_AT", "2020-01-01T00:00:00.000Z");
    const { tokens } = provider;
    provider.tokens = () => ({ status: 500, body: {} });
    expect(await call("acme")).toBe("ok");
    provider.tokens = tokens;
    expect(provider.received.at(-1)?.headers.authorization).toBe(`Bearer ${provider.good}`);
  });

  it("that a person stores is taken for what it is, whatever was known of the one before", async () => {
    await made.secret("acme", "EXPIRES_AT", "2020-01-01T00:00:00.000Z");
    await made.secret("acme", "ACCESS_TOKEN", provider.good);
    expect(await call("acme")).toBe("ok");
    expect(provider.asked()).toHaveLength(0);
  });

  it("is not renewed again and again where the provider no longer says how long it is good", async () => {
    await expire();
    await made.secret("acme", "EXPIRES_AT", "2020-01-01T00:00:00.000Z");
    const { tokens } = provider;
    provider.tokens = () => {
      const { status, body } = tokens();
      return { status, body: { ...body, expires_in: undefined } };
    };
    for (let turn = 0; turn < 3; turn += 1) expect(await call("acme")).toBe("ok");
    provider.tokens = tokens;
    expect(provider.asked()).toHaveLength(1);
  });

  it("comes from client credentials where there has been none", async () => {
    expect(await call("machine")).toBe("ok");
    expect(provider.asked().map((body) => [body.get("grant_type"), body.get("scope")])).toEqual([
      ["client_credentials", "items.read"],
    ]);
  });

  it("is rejected with what to do where the provider takes the refresh token no longer", async () => {
    await expire();
    const { tokens } = provider;
    provider.tokens = () => ({ status: 400, body: { error: "invalid_grant" } });
    expect(await call("acme")).toBe("auth.rejected");
    provider.tokens = tokens;
    expect(await call("acme")).toBe("ok");
  });

  it("is asked for in the standard's own way where the provider knows no other", async () => {
    await expire();
    const { tokens } = provider;
    let tries = 0;
    provider.tokens = () => {
      tries += 1;
      return tries === 1 ? { status: 401, body: { error: "invalid_client" } } : tokens();
    };
    expect(await call("acme")).toBe("ok");
    const [, second] = provider.received.filter(({ url }) => url === "/token");
    // RFC 6749, 2.3.1: both parts are encoded as fields of a form.
    const [, pair = ""] = /^Basic (\S+)$/.exec(second?.headers.authorization ?? "") ?? [];
    expect(decodeURIComponent(atob(pair))).toBe("the-client:the-secret-of-the-client");
    provider.tokens = tokens;
  });
});
