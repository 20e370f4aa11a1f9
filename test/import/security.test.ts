import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../src/base/index.ts";
import { documentOf, makeWorkbench } from "./workbench.ts";

const bench = makeWorkbench();

const KEY: JsonObject = { type: "apiKey", in: "query", name: "key" };
const TOKEN: JsonObject = { type: "apiKey", in: "header", name: "X-Token" };
const CODE: JsonObject = {
  type: "oauth2",
  flows: {
    authorizationCode: {
      authorizationUrl: "https://acme.example/authorize",
      tokenUrl: "https://acme.example/token",
      scopes: { "things:read": "Read <b>things</b>.", "things:write": "Change things." },
    },
  },
};
const flow = (name: string, more: JsonObject = {}): JsonObject => ({
  type: "oauth2",
  flows: { [name]: { authorizationUrl: "https://acme.example/authorize", scopes: { a: "A." }, ...more } },
});

function withSchemes(securitySchemes: JsonObject, security?: Json, operation: JsonObject = {}): JsonObject {
  return documentOf(operation, {
    components: { securitySchemes },
    ...(security === undefined ? {} : { security }),
  });
}

describe("auth", () => {
  it.each<[string, JsonObject, JsonObject]>([
    ["a key in a query", KEY, { type: "api_key", in: "query", name: "key" }],
    ["a key in a cookie", { ...KEY, in: "cookie" }, { type: "api_key", in: "cookie", name: "key" }],
    [
      "a key after a word",
      { ...TOKEN, description: 'Prefixed with "token".' },
      { type: "api_key", prefix: "token " },
    ],
    [
      "a bearer that is written as a key",
      { ...TOKEN, name: "Authorization", description: "Bearer TOKEN" },
      { type: "bearer" },
    ],
    ["http bearer", { type: "http", scheme: "Bearer" }, { type: "bearer" }],
    ["http basic", { type: "http", scheme: "basic" }, { type: "basic" }],
    [
      "OpenID Connect",
      { type: "openIdConnect", openIdConnectUrl: "https://acme.example" },
      { type: "bearer" },
    ],
    [
      "an authorization code",
      CODE,
      {
        type: "oauth2",
        grant: "authorization_code",
        authorization_url: "https://acme.example/authorize",
        token_url: "https://acme.example/token",
        scopes: { default: ["things:read", "things:write"] },
      },
    ],
    [
      "client credentials",
      flow("clientCredentials", { tokenUrl: "http://acme.example/token" }),
      { type: "oauth2", grant: "client_credentials", token_url: "https://acme.example/token" },
    ],
    ["a flow that can't be run", flow("implicit"), { type: "bearer" }],
    ["nothing that a manifest can do", { type: "mutualTLS" }, { type: "none" }],
  ])("comes from %s", async (_, scheme, auth) => {
    const { manifest } = await bench.importDocument(withSchemes({ Main: scheme }));
    expect(manifest.auth).toMatchObject(auth);
  });

  it("is the first of several, and the others are reported", async () => {
    const { manifest, lost } = await bench.importDocument(
      withSchemes({ A: { type: "mutualTLS" }, B: KEY, C: CODE }),
    );
    expect(manifest).toMatchObject({ auth: { type: "api_key" }, auth_mode: "both" });
    expect(lost).toContainEqual(
      "security: the security scheme A (mutualTLS): a manifest has no such way to sign in",
    );
    expect(lost).toContainEqual(expect.stringContaining("the security scheme C (oauth2 authorizationCode)"));
  });

  it("is the one that operations accept", async () => {
    const { manifest } = await bench.importDocument(
      withSchemes({ B: KEY, C: CODE }, [{ C: ["things:read"] }]),
    );
    expect(manifest.auth.type).toBe("oauth2");
  });

  it("sends several keys where several are wanted", async () => {
    const { manifest } = await bench.importDocument(withSchemes({ B: KEY, C: TOKEN }, [{ B: [], C: [] }]));
    expect(manifest.auth).toMatchObject({ name: "key", also: [{ in: "header", name: "X-Token" }] });
  });

  it("takes the place of parameters that are the credential", async () => {
    const parameters = [
      { name: "id", in: "path", required: true, schema: { type: "string" } },
      { name: "key", in: "query", schema: { type: "string" } },
      { name: "x-token", in: "header", schema: { type: "string" } },
      { name: "Authorization", in: "header", schema: { type: "string" } },
    ];
    const { manifest, tool } = await bench.importDocument(
      withSchemes({ B: KEY, C: TOKEN }, undefined, { parameters }),
    );
    expect(Object.keys(tool("the_thing").input.properties ?? {})).toEqual(["id"]);
    expect(manifest.auth).toMatchObject({ name: "key", also: [{ name: "X-Token" }] });
  });

  it.each([
    ["Authorization", "header", { type: "bearer" }],
    ["xi-api-key", "header", { type: "api_key", in: "header", name: "xi-api-key" }],
    ["access_token", "query", { type: "api_key", in: "query", name: "access_token" }],
  ])("is seen in a parameter where no scheme says it: %s", async (name, place, auth) => {
    const parameters = [{ name, in: place, schema: { type: "string" } }];
    const { manifest, tool } = await bench.importDocument(documentOf({ parameters }));
    expect(manifest.auth).toMatchObject(auth);
    expect(tool("the_thing").input.properties).toEqual({ id: { type: "string" } });
  });
});

describe("scopes", () => {
  it("are those of every scheme and flow, with their descriptions and page", async () => {
    const other = flow("clientCredentials", { tokenUrl: "https://acme.example/token" });
    const { manifest } = await bench.importDocument({
      ...withSchemes({ C: CODE, D: other }),
      externalDocs: { url: "https://acme.example/docs" },
    });
    const source = "https://acme.example/docs";
    expect(manifest.scopes).toMatchObject([
      { name: "a", type: "D", description: "A.", source },
      { name: "things:read", type: "C", description: "Read things.", source },
      { name: "things:write", type: "C", description: "Change things.", source },
    ]);
    for (const scope of manifest.scopes)
      expect(scope).toMatchObject({ requires_firearm: false, firearm_type: null });
  });

  it("of a tool are all that one of its alternatives wants", async () => {
    const security = [{ C: ["things:read"] }, { C: ["things:write", "unknown"] }];
    const { tool, lost } = await bench.importDocument(withSchemes({ C: CODE }, [], { security }));
    expect(tool("the_thing").scopes).toEqual(["things:read", "things:write"]);
    expect(lost).toContainEqual("GET /things/{id}: the scope unknown: no security scheme declares it");
  });

  it("of a tool are those of the document where it says nothing", async () => {
    const { tool } = await bench.importDocument(withSchemes({ C: CODE }, [{ C: ["things:read"] }]));
    expect(tool("the_thing").scopes).toEqual(["things:read"]);
  });
});

describe("servers", () => {
  const served = (servers: Json, more: JsonObject = {}): JsonObject => documentOf({}, { servers, ...more });

  it.each<[string, Json, string]>([
    ["https", [{ url: "https://api.acme.example/v1/" }], "https://api.acme.example/v1"],
    ["https before http", [{ url: "http://a.example" }, { url: "https://b.example" }], "https://b.example"],
    ["http as https", [{ url: "http://a.example:8080/x" }], "https://a.example:8080/x"],
    ["a host without a scheme", [{ url: "api.acme.example/v1" }], "https://api.acme.example/v1"],
    ["a path only", [{ url: "/v1" }], "https://{{account.host}}/v1"],
    ["the machine itself", [{ url: "http://localhost:3000" }], "https://{{account.host}}"],
    ["a credential in it", [{ url: "https://me:pw@a.example" }], "https://{{account.host}}"],
    ["none", [], "https://{{account.host}}"],
    [
      "a variable of a path",
      [{ url: "https://a.example/{v}", variables: { v: { default: "v2" } } }],
      "https://a.example/v2",
    ],
  ])("are taken as they can be called: %s", async (_, servers, url) => {
    expect((await bench.importDocument(served(servers))).manifest.base_url).toBe(url);
  });

  it("count from where the document was read", async () => {
    const address = "https://acme.example/api/openapi.json";
    const { manifest } = await bench.importDocument(served([{ url: "../v1" }]), { address });
    expect(manifest.base_url).toBe("https://acme.example/v1");
  });

  it("ask the account for variables of a host", async () => {
    const variables = { region: { default: "eu", enum: ["eu", "us"], description: "Where it is." } };
    const { manifest } = await bench.importDocument(
      served([{ url: "https://{region}.acme.example", variables }]),
    );
    expect(manifest.base_url).toBe("https://{{account.region}}.acme.example");
    expect(manifest.account_fields).toEqual([
      { name: "region", description: "Where it is.", default: "eu", values: ["eu", "us"] },
    ]);
  });

  it("of an operation are its own", async () => {
    const servers = [{ url: "https://uploads.acme.example" }];
    const { tool } = await bench.importDocument(documentOf({ servers }));
    expect(tool("the_thing").rest).toMatchObject({
      path: null,
      url: "https://uploads.acme.example/things/{{ params.id }}",
    });
  });

  it("that are not called are reported", async () => {
    const { lost } = await bench.importDocument(
      served([{ url: "https://a.example" }, { url: "https://b.example", description: "Sandbox" }]),
    );
    expect(lost).toContainEqual(
      "servers: the server https://b.example (Sandbox): a manifest has one base_url",
    );
  });
});
