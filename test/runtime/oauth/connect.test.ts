import { createHash } from "node:crypto";
import type { RequestListener } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Auth, Whoami } from "../../../src/manifest/index.ts";
import { type Engine, ToolFailure } from "../../../src/runtime/index.ts";
import { ENGINES, type Fixture, stopEngines } from "../../contract/engines.ts";
import { tool } from "../../generate/manifest.ts";
import { json, rest, type Upstream, upstream } from "../execution/workbench.ts";
import { connector, getter, type House, house } from "../serve/house.ts";

const CODE = `code-${"of"}-the-provider`;
const ACCESS = `access-${"of"}-the-person`;

let fixture: Fixture;
let made: House;
let provider: Upstream;
let engine: Engine;
/** What the provider was asked to consent to. */
let asked = new URLSearchParams();
/** What it answers in the browser, instead of a code. */
let refuses: string | null = null;
/** How its token endpoint answers, instead of with tokens. */
let troubled: RequestListener | null = null;

beforeAll(async () => {
  const [embedded] = ENGINES;
  if (embedded === undefined) throw new Error("no engine");
  fixture = await embedded.open();
  made = house(fixture.registry);
  provider = await upstream((request, response) => {
    const url = new URL(request.url ?? "", "http://provider");
    if (url.pathname === "/authorize") {
      asked = url.searchParams;
      const back = new URL(asked.get("redirect_uri") ?? "");
      back.searchParams.set("state", asked.get("state") ?? "");
      back.searchParams.set(refuses === null ? "code" : "error", refuses ?? CODE);
      response.writeHead(302, { location: back.href }).end();
    } else if (url.pathname === "/token" && troubled !== null) {
      troubled(request, response);
    } else if (url.pathname === "/token") {
      const body = new URLSearchParams(provider.received.at(-1)?.body);
      const challenge = createHash("sha256")
        .update(body.get("code_verifier") ?? "")
        .digest("base64url");
      const isGood = body.get("code") === CODE && challenge === asked.get("code_challenge");
      const tokens = { access_token: ACCESS, refresh_token: "a-refresh-token", expires_in: 3600 };
      json(isGood ? tokens : { error: "invalid_grant" }, isGood ? 200 : 400)(request, response);
    } else {
      const isKnown = request.headers.authorization === `Bearer ${ACCESS}`;
      json(isKnown ? { id: "7", name: "Ann", email: "ann@example.com" } : {}, isKnown ? 200 : 401)(
        request,
        response,
      );
    }
  });
  const { host } = provider;
  const whoami: Whoami = { ...tool(), description: null, rest: rest({ path: "/me" }) };
  const auth: Auth = {
    type: "oauth2",
    authorization_url: `https://${host}/authorize?audience=api`,
    token_url: `https://${host}/token`,
    refresh_url: null,
    grant: "authorization_code",
    pkce: true,
    scopes: { default: ["read", "write"] },
    also: [],
    whoami,
  };
  await made.approve(connector("acme", host, [getter("get_item")], { auth }));
  await made.approve(connector("plain", host, [getter("get_item")]));
  engine = made.engine({ hosts: [host] });
});
afterAll(async () => {
  await engine?.close();
  await provider?.close();
  await fixture?.close();
  await stopEngines();
});

/** Connects as a person does: opens what is shown. */
async function connect(browser: (url: string) => Promise<unknown> = (url) => fetch(url)): Promise<string> {
  const signal = AbortSignal.timeout(3000);
  const how = { port: 0, signal, show: (url: string) => void browser(url).catch(() => {}) };
  engine.vault.forget("acme");
  return engine.connect("acme", null, how).then(
    () => "connected",
    (error: unknown) => (error instanceof ToolFailure ? error.code : String(error)),
  );
}

const health = async (slug: string) => {
  engine.vault.forget(slug);
  const { status, reasons, accounts } = await engine.health(slug);
  return { status, codes: reasons.map(({ code }) => code), who: accounts.map(({ whoami }) => whoami?.name) };
};

describe("an account", () => {
  it("needs setup as long as its secrets are not there", async () => {
    expect(await health("acme")).toMatchObject({ status: "needs_setup", codes: ["auth.missing"] });
    expect(await health("plain")).toMatchObject({ status: "needs_setup", codes: ["auth.missing"] });
    expect(await connect()).toBe("auth.missing");
  });

  it("is not connected by whoever comes back without our state, or with a no", async () => {
    await made.secret("acme", "CLIENT_ID", "the-client-of-acme");
    refuses = "access_denied";
    expect(await connect()).toBe("auth.rejected");
    refuses = null;
    const forge = (url: string): Promise<unknown> => {
      const back = new URL(new URL(url).searchParams.get("redirect_uri") ?? "");
      back.search = `?code=${CODE}&state=forged`;
      return fetch(back);
    };
    expect(await connect(forge)).toBe("auth.rejected");
    expect(await health("acme")).toMatchObject({ status: "needs_setup" });
  });

  it("is connected by a person's consent, with PKCE, and is known then", async () => {
    expect(await connect()).toBe("connected");
    expect(Object.fromEntries(asked)).toMatchObject({
      audience: "api",
      response_type: "code",
      client_id: "the-client-of-acme",
      scope: "read write",
      code_challenge_method: "S256",
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback$/),
    });
    expect(await health("acme")).toEqual({ status: "healthy", codes: [], who: ["Ann"] });
  });

  it.each([
    ["has a fault", json({}, 500), "api.unreachable"],
    ["shows a page", json("We are back soon."), "api.bad_response"],
  ])("is degraded, not in error, while the token endpoint %s", async (_, answer, code) => {
    troubled = answer;
    await made.secret("acme", "ACCESS_TOKEN", "an-access-token-that-is-over");
    expect(await health("acme")).toMatchObject({ status: "degraded", codes: [code] });
    troubled = null;
    await made.secret("acme", "ACCESS_TOKEN", ACCESS);
    expect(await health("acme")).toMatchObject({ status: "healthy" });
  });

  it("is in error where the provider takes its credential no longer, and a better one leaves it degraded", async () => {
    await made.secret("acme", "ACCESS_TOKEN", "revoked-by-the-provider", "eu");
    await made.secret("acme", "CLIENT_ID", "the-client-of-acme", "eu");
    const { status, accounts } = await (async () => {
      engine.vault.forget("acme");
      return engine.health("acme");
    })();
    expect([status, accounts.map((one) => [one.account, one.status])]).toEqual([
      "degraded",
      [
        ["default", "healthy"],
        ["eu", "error"],
      ],
    ]);
  });

  it("without a way to ask the provider is healthy when nothing is missing", async () => {
    await made.secret("plain", "ACCESS_TOKEN", "some-access-token");
    expect(await health("plain")).toEqual({ status: "healthy", codes: [], who: [undefined] });
  });

  it("is in error where its secret is sealed with a master key that is not at hand", async () => {
    await house(fixture.registry).secret("plain", "ACCESS_TOKEN", "sealed-by-another-vault");
    expect(await health("plain")).toMatchObject({ status: "error", codes: ["vault.key_missing"] });
  });

  it("of a connector without OAuth can't be connected", async () => {
    const how = { port: 0, signal: AbortSignal.timeout(1000), show: () => {} };
    await expect(engine.connect("plain", null, how)).rejects.toMatchObject({ code: "connect.not_oauth" });
  });
});
