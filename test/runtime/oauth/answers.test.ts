import type { RequestListener } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OauthAuth, TokenClient } from "../../../src/runtime/oauth/endpoint.ts";
import { ask, type Tokens } from "../../../src/runtime/oauth/grants.ts";
import { manifest } from "../../generate/manifest.ts";
import { account, failureOf, json, type Upstream, upstream } from "../execution/workbench.ts";

const GOOD = { access_token: "an-access-token", refresh_token: "a-refresh-token", expires_in: 3600 };
const TOKENS: Tokens = { access: "an-access-token", refresh: "a-refresh-token", expiresIn: 3600 };

describe("a token endpoint's answer", () => {
  let provider: Upstream;
  let client: TokenClient;
  let answer: RequestListener = json({});
  beforeAll(async () => {
    provider = await upstream((request, response) => answer(request, response));
    client = new TokenClient([`http://${provider.host}`], {}, 200);
  });
  afterAll(async () => {
    await client.close();
    await provider.close();
  });

  const asked = (given: RequestListener): Promise<Tokens | null> => {
    answer = given;
    const auth: OauthAuth = {
      type: "oauth2",
      authorization_url: null,
      token_url: `https://${provider.host}/token`,
      refresh_url: null,
      grant: "authorization_code",
      pkce: true,
      scopes: {},
      also: [],
      whoami: null,
    };
    const content = manifest({ provider_slug: "acme", base_url: `https://${provider.host}`, auth });
    const connection = account({ CLIENT_ID: "the-client" });
    return ask(client, content, auth, connection, { kind: "refresh", token: "the-former-one" });
  };
  const said =
    (text: string, type: string, status = 200): RequestListener =>
    (_request, response) => {
      response.writeHead(status, { "content-type": type }).end(text);
    };

  it.each([
    ["a list of scopes", { scope: ["a", "b"] }, {}],
    ["no scope", { scope: null }, {}],
    ["no error", { error: null, error_description: null }, {}],
    ["an error that is empty", { error: "" }, {}],
    ["a refresh token that is null", { refresh_token: null }, { refresh: null }],
    ["a refresh token that is empty", { refresh_token: "" }, { refresh: null }],
    ["no time", { expires_in: null }, { expiresIn: null }],
    ["a time in words", { expires_in: "soon" }, { expiresIn: null }],
    ["a blank time", { expires_in: " " }, { expiresIn: null }],
    ["a time below zero", { expires_in: -1 }, { expiresIn: null }],
    ["a time as text", { expires_in: "3600" }, {}],
    ["a time beyond all dates", { expires_in: 1e18 }, { expiresIn: 100 * 366 * 86_400 }],
    ["a kind of token of its own", { token_type: "user" }, {}],
  ])("is taken with %s", async (_, changed, expected) => {
    expect(await asked(json({ ...GOOD, ...changed }))).toEqual({ ...TOKENS, ...expected });
  });

  it("is taken as a form, and with another status of success", async () => {
    const form = new URLSearchParams({ ...GOOD, expires_in: "3600" }).toString();
    expect(await asked(said(form, "application/x-www-form-urlencoded"))).toEqual(TOKENS);
    expect(await asked(json(GOOD, 201))).toEqual(TOKENS);
  });

  it.each([
    ["that does not come", () => {}, "api.timeout"],
    ["with status 500", json({}, 500), "api.unreachable"],
    ["with status 503 and an error", json({ error: "busy" }, 503), "api.unreachable"],
    ["that says that it passes", json({ error: "temporarily_unavailable" }, 400), "api.unreachable"],
    ["with status 429", json({}, 429), "api.rate_limited"],
    ["that is a page", said("<h1>We are back soon", "text/html"), "api.bad_response"],
    ["without a token", json({ access_token: "" }), "api.bad_response"],
    ["that is no", json({ error: "unauthorized_client" }, 400), "auth.rejected"],
    ["that is no, with 200", json({ error: { code: 7 } }), "auth.rejected"],
    ["that is a page of status 404", said("<h1>Not here", "text/html", 404), "auth.rejected"],
  ] as const)("%s is told as what it is", async (_, given, code) => {
    expect((await failureOf(asked(given))).code).toBe(code);
  });

  it("that the grant is not good is no failure, whatever its status", async () => {
    for (const status of [200, 400, 401, 500])
      expect(await asked(json({ error: "invalid_grant" }, status))).toBe(null);
  });
});
