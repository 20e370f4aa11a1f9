import type { LookupAddress } from "node:dns";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/base/index.ts";
import type { Manifest } from "../../../src/manifest/index.ts";
import { createExecutor } from "../../../src/runtime/execution/executor.ts";
import { forbiddenAddress } from "../../../src/runtime/execution/http/address.ts";
import { checkTarget, hostOf, OwnHosts } from "../../../src/runtime/execution/http/hosts.ts";
import { manifest as manifestOf, tool as toolOf } from "../../generate/manifest.ts";
import {
  account,
  type Case,
  call,
  executorFor,
  failureOf,
  json,
  rest,
  type Upstream,
  upstream,
} from "./workbench.ts";

/** Spellings of addresses that nobody outside may reach; some are no URL at all, which is as good. */
const SPELLINGS = [
  "127.0.0.1",
  "127.0.0.1.",
  "127.1",
  "127.0.1",
  "2130706433",
  "0x7f000001",
  "0x7f.0.0.1",
  "0X7F.1",
  "017700000001",
  "0177.0.0.1",
  "0177.0.0.01",
  "00000177.0.0.1",
  "127.0.0.1%00",
  "①②⑦.⓪.⓪.①",
  "127。0。0。1",
  "０x7f.1",
  "0",
  "0.0.0.0",
  "10.0.0.1",
  "10.1",
  "172.16.5.4",
  "172.31.255.255",
  "192.168.0.1",
  "192.168.257",
  "0xc0a80001",
  "169.254.169.254",
  "169.254.43518",
  "2852039166",
  "0251.0376.0251.0376",
  "0xa9fea9fe",
  "168.63.129.16",
  "100.64.0.1",
  "100.100.100.200",
  "192.0.0.192",
  "198.18.0.1",
  "203.0.113.5",
  "224.0.0.1",
  "255.255.255.255",
  "240.0.0.1",
  "[::1]",
  "[::]",
  "[0:0:0:0:0:0:0:1]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[::ffff:0:127.0.0.1]",
  "[::127.0.0.1]",
  "[::ffff:169.254.169.254]",
  "[64:ff9b::7f00:1]",
  "[64:ff9b::169.254.169.254]",
  "[64:ff9b:1::a00:1]",
  "[2002:7f00:1::]",
  "[2002:a9fe:a9fe::1]",
  "[2001:0:a9fe:a9fe::1]",
  "[fe80::1]",
  "[fec0::1]",
  "[fc00::1]",
  "[fd00:ec2::254]",
  "[ff02::1]",
  "[2001:db8::1]",
  "[3fff::1]",
  "[100::1]",
  "[5f00::1]",
  "[fe80::1%25eth0]",
  "localhost",
  "LOCALHOST",
  "localhost.",
  "a.localhost",
  "ⓛocalhost",
  "printer.local",
  "metadata.google.internal",
  "instance-data",
  "router.home.arpa",
];

let provider: Upstream;
let other: Upstream;
/** Where `/to?…` redirects, and how. */
let redirect = { status: 302, location: "" };

beforeAll(async () => {
  provider = await upstream((request, response) => {
    if (!request.url?.startsWith("/to")) return json({ here: 1 })(request, response);
    return json({}, redirect.status, { location: redirect.location })(request, response);
  });
  other = await upstream(json({ other: 1 }));
});

afterAll(async () => {
  await provider.close();
  await other.close();
});

const BEARER: Partial<Manifest> = { auth: { type: "bearer", also: [], whoami: null } };
const connection = account({ ACCESS_TOKEN: "canary-token" });

describe("the firewall at the literal", () => {
  it.each(SPELLINGS)("lets nothing through to %s", async (host) => {
    const executor = createExecutor({}, { resolve: async () => [{ address: "127.0.0.1", family: 4 }] });
    const failure = await failureOf(call(executor, { host }, { tool: { rest: rest() } }));
    expect(["firewall.address", "account.bad_field", "firewall.host"]).toContain(failure.code);
    expect(failure.sent).toBe(false);
    await executor.close();
  });

  it("knows more than 31 spellings, and what is public", () => {
    expect(new Set(SPELLINGS).size).toBeGreaterThan(31);
    for (const address of ["1.1.1.1", "93.184.216.34", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"]) {
      expect([address, forbiddenAddress(address)]).toEqual([address, null]);
    }
  });

  it("knows forbidden ranges in any spelling of theirs", () => {
    const ranges = [
      [127, 0, 0, 0, 8],
      [10, 0, 0, 0, 8],
      [172, 16, 0, 0, 12],
      [192, 168, 0, 0, 16],
      [169, 254, 0, 0, 16],
      [100, 64, 0, 0, 10],
      [0, 0, 0, 0, 8],
      [224, 0, 0, 0, 3],
    ] as const;
    const written = fc.constantFrom(
      "decimal",
      "hex",
      "octal",
      "short",
      "dotted hex",
      "mapped",
      "nat64",
      "6to4",
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...ranges),
        fc.nat({ max: 2 ** 32 - 1 }),
        written,
        ([a, b, c, d, bits], random, how) => {
          const base = a * 2 ** 24 + b * 2 ** 16 + c * 256 + d;
          const number = base + (random % 2 ** (32 - bits));
          const parts = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256);
          const hex = number.toString(16).padStart(8, "0");
          const groups = `${hex.slice(0, 4)}:${hex.slice(4)}`;
          const host = {
            decimal: `${number}`,
            hex: `0x${hex}`,
            octal: `0${number.toString(8)}`,
            short: `${parts[0]}.${number % 2 ** 24}`,
            "dotted hex": parts.map((part) => `0x${part.toString(16)}`).join("."),
            mapped: `[::ffff:${groups}]`,
            nat64: `[64:ff9b::${groups}]`,
            "6to4": `[2002:${groups}::1]`,
          }[how];
          const url = new URL(`https://${host}/`);
          const rules = { approved: new Set([hostOf(url)]), own: new OwnHosts() };
          expect(() => checkTarget(url, rules)).toThrow(/is not a public address/);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("lets an operator's own host be private, but never the metadata service by another name", () => {
    expect(forbiddenAddress("10.0.0.1", "own")).toBeNull();
    expect(forbiddenAddress("::1", "own")).toBeNull();
    for (const address of [
      "169.254.169.254",
      "168.63.129.16",
      "100.100.100.200",
      "fd00:ec2::254",
      "fd00:ec2::23",
      "fd20:ce::254",
      "fe80::1",
      "224.0.0.1",
      "0.0.0.0",
      "::ffff:10.0.0.1",
    ]) {
      expect(forbiddenAddress(address, "own")).not.toBeNull();
    }
  });
});

describe("a host of the operator's own without TLS", () => {
  it.each([
    ["http://127.0.0.1:80", "https://127.0.0.1:80", "http://127.0.0.1/"],
    ["http://intranet.example:443", "https://intranet.example:443", "http://intranet.example:443/"],
    ["http://intranet.example:443", "https://intranet.example", "http://intranet.example:443/"],
    ["http://intranet.example:8080", "https://intranet.example:8080", "http://intranet.example:8080/"],
    ["http://intranet.example", "https://intranet.example", "http://intranet.example/"],
    ["http://intranet.example", "https://intranet.example:8080", "http://intranet.example:8080/"],
  ])("named as %s is called as %s at %s", (allowed, base, spoken) => {
    const own = new OwnHosts([allowed]);
    const url = own.asSpoken(new URL(base));
    expect(url.href).toBe(spoken);
    expect(checkTarget(url, { approved: new Set([hostOf(new URL(base))]), own })).toBe("own");
  });

  it("is approved at its own port only", () => {
    const own = new OwnHosts(["http://intranet.example"]);
    const rules = { approved: new Set(["intranet.example:8080"]), own };
    expect(() => checkTarget(new URL("http://intranet.example/"), rules)).toThrow(/does not name/);
    expect(() => checkTarget(new URL("https://intranet.example/"), rules)).toThrow(/does not name/);
  });
});

describe("the firewall at the resolved address", () => {
  /** A call to a name that resolves to these, one list after the other. */
  async function resolving(...answers: LookupAddress[][]): Promise<string> {
    let asked = 0;
    const resolve = async () => answers[Math.min(asked++, answers.length - 1)] ?? [];
    const executor = createExecutor({}, { resolve });
    try {
      const one: Case = { manifest: BEARER, tool: { rest: rest() }, connection, bounds: { timeMs: 5000 } };
      return (await failureOf(call(executor, { host: `api.example:${provider.port}` }, one))).code;
    } finally {
      await executor.close();
    }
  }
  const inside: LookupAddress = { address: "127.0.0.1", family: 4 };
  const outside: LookupAddress = { address: "93.184.216.34", family: 4 };

  it("refuses a name that leads inside, also among others", async () => {
    const before = provider.received.length;
    expect(await resolving([inside])).toBe("firewall.address");
    expect(await resolving([outside, inside])).toBe("firewall.address");
    expect(await resolving([{ address: "::ffff:127.0.0.1", family: 6 }])).toBe("firewall.address");
    expect(await resolving([])).toBe("api.unreachable");
    expect(provider.received.length).toBe(before);
  });

  it("connects to the address that it has checked, whatever the name says by then", async () => {
    const answers = ["127.0.0.1", "169.254.169.254"];
    let asked = 0;
    const resolve = async (): Promise<LookupAddress[]> => [
      { address: answers[asked++] ?? "127.0.0.1", family: 4 },
    ];
    const closing = await upstream((request, response) =>
      json({ here: 1 }, 200, { connection: "close" })(request, response),
    );
    const host = `rebind.example:${closing.port}`;
    const executor = createExecutor({ allowedHosts: [`http://${host}`] }, { resolve });
    const one: Case = { manifest: BEARER, tool: { rest: rest() }, connection };
    expect(await call(executor, { host }, one)).toMatchObject({ here: 1 });
    expect(asked).toBe(1);
    expect((await failureOf(call(executor, { host }, one))).code).toBe("firewall.address");
    expect([asked, closing.received.length]).toEqual([2, 1]);
    await executor.close();
    await closing.close();
  });

  it("asks once for a name that many wait for, so that a slow resolver holds up nobody else", async () => {
    let asked = 0;
    const resolve = async (): Promise<LookupAddress[]> => {
      asked += 1;
      await new Promise((done) => setTimeout(done, 300));
      return [inside];
    };
    const host = `slow.example:${provider.port}`;
    const executor = createExecutor({ allowedHosts: [`http://${host}`] }, { resolve });
    const calls = Array.from({ length: 8 }, () => call(executor, { host }, { tool: { rest: rest() } }));
    expect((await Promise.all(calls)).every(({ here }) => here === 1)).toBe(true);
    expect(asked).toBe(1);
    await executor.close();
  });

  it("lets an operator's own name lead inside, but not to metadata", async () => {
    for (const [address, works] of [
      ["127.0.0.1", true],
      ["169.254.169.254", false],
    ] as const) {
      const own = `intranet.example:${provider.port}`;
      const executor = createExecutor(
        { allowedHosts: [`http://${own}`] },
        { resolve: async () => [{ address, family: 4 }] },
      );
      const work = call(executor, { host: own }, { tool: { rest: rest() } });
      if (works) expect(await work).toMatchObject({ here: 1 });
      else expect((await failureOf(work)).code).toBe("firewall.address");
      await executor.close();
    }
  });
});

describe("the firewall at a redirect", () => {
  /** Requests `/to` of the provider with a credential. */
  async function redirected(status: number, location: string, method = "GET"): Promise<unknown> {
    redirect = { status, location };
    const executor = executorFor(provider, other);
    try {
      return await call(executor, provider, {
        manifest: { ...BEARER, tools: [], auth: { ...oauthAt(other.host) } },
        tool: {
          side_effecting: method !== "GET",
          rest: rest({ method, path: "/to", ...(method === "POST" && { body: { a: 1 } }) }),
        },
        connection,
      });
    } finally {
      await executor.close();
    }
  }
  /** Approves a second host. */
  const oauthAt = (host: string): Manifest["auth"] => ({
    type: "oauth2",
    authorization_url: null,
    token_url: `https://${host}/token`,
    refresh_url: null,
    grant: "authorization_code",
    pkce: true,
    scopes: {},
    also: [],
    whoami: null,
  });

  it("follows within the host, with the credential", async () => {
    expect(await redirected(302, "/elsewhere?a=1")).toMatchObject({ here: 1 });
    expect(provider.received.at(-1)?.url).toBe("/elsewhere?a=1");
    expect(provider.received.at(-1)?.headers.authorization).toBe("Bearer canary-token");
  });

  it("follows to another approved host without the credential", async () => {
    expect(await redirected(307, `http://${other.host}/x`)).toMatchObject({ other: 1 });
    expect(other.received.at(-1)?.headers.authorization).toBeUndefined();
    expect(JSON.stringify(other.received)).not.toContain("canary-token");
  });

  it.each([
    ["metadata", "http://169.254.169.254/latest/meta-data"],
    ["metadata over https", "https://169.254.169.254/"],
    ["a private address", "https://10.0.0.1/"],
    ["localhost on another port", "http://127.0.0.1:1/"],
    ["another host", "https://evil.example/"],
    ["a host that only looks approved", "https://127.0.0.1.evil.example/"],
    ["a file", "file:///etc/passwd"],
    ["a script", "javascript:alert(1)"],
    ["a user name", "http://user:pass@127.0.0.1/"],
  ])("refuses a redirect to %s", async (_what, location) => {
    const failure = await failureOf(redirected(302, location));
    expect(failure.code).toBe("firewall.redirect");
  });

  it("refuses a redirect that carries the credential in its address", async () => {
    const failure = await failureOf(redirected(302, `http://${other.host}/?t=canary-token`));
    expect(failure.code).toBe("firewall.redirect");
    expect(failure.message).not.toContain("canary-token");
    expect(JSON.stringify(other.received)).not.toContain("canary-token");
  });

  it("leaves what the connector adds to the header behind: an earlier step may have got a session there", async () => {
    redirect = { status: 307, location: `http://${other.host}/x` };
    const executor = executorFor(provider, other);
    const headers = { "X-Session": "{{ params.session }}", "Accept-Language": "de" };
    const manifest = { tools: [], auth: oauthAt(other.host) };
    const input = { session: "canary-session" };
    const tool = { rest: rest({ path: "/to", headers }) };
    expect(await call(executor, provider, { manifest, tool, input, connection })).toMatchObject({ other: 1 });
    expect(provider.received.at(-1)?.headers["x-session"]).toBe("canary-session");
    const { headers: there } = other.received.at(-1) ?? {};
    expect([there?.["x-session"], there?.["accept-language"]]).toEqual([undefined, "de"]);
    await executor.close();
  });

  it("refuses to go in circles", async () => {
    const before = provider.received.length;
    const failure = await failureOf(redirected(302, "/to/again"));
    expect(failure.code).toBe("firewall.redirect");
    expect(provider.received.length - before).toBe(6);
  });

  it("keeps the body of a POST, or does not follow", async () => {
    expect(await redirected(307, "/elsewhere", "POST")).toMatchObject({ here: 1 });
    expect(provider.received.at(-1)).toMatchObject({ method: "POST", url: "/elsewhere", body: '{"a":1}' });
    for (const status of [301, 302, 303]) {
      const before = provider.received.length;
      const failure = await failureOf(redirected(status, "/elsewhere", "POST"));
      expect([failure.code, failure.sent]).toEqual(["firewall.redirect", true]);
      expect(provider.received.length - before).toBe(1);
    }
  });
});

describe("the firewall at a request's parts", () => {
  async function part(one: Partial<Case> & Pick<Case, "tool">): Promise<string> {
    const executor = executorFor(provider);
    const before = provider.received.length;
    const failure = await failureOf(call(executor, provider, one));
    expect(provider.received.length).toBe(before);
    await executor.close();
    return failure.code;
  }

  it.each([
    "..",
    ".",
    "../admin",
    "a/b",
    "a\\b",
    "%2e%2e",
    "a%2Fb",
    "a%5cb",
    "%252e%252e",
    "\u0000",
    "a\nb",
    "..%00",
    "..;/x",
    "..;",
    "..;x",
    ".;v=1",
  ])("keeps %j within its segment of the path", async (id) => {
    const tool = { rest: rest({ path: "/orders/{{ params.id }}/hold" }) };
    expect(await part({ tool, input: { id } })).toBe("firewall.path");
  });

  it.each([
    ["%", "2f.."],
    ["%", "5Cx"],
    ["a%2", "e"],
    [".", "."],
    [".", ".;x"],
    ["%2", "52e"],
  ])("keeps %j and %j, side by side, within their segment of the path", async (a, b) => {
    const tool = { rest: rest({ path: "/orders/{{ params.a }}{{ params.b }}" }) };
    expect(await part({ tool, input: { a, b } })).toBe("firewall.path");
  });

  it("sends any text as one segment that decodes to it, or not at all", async () => {
    const executor = createExecutor();
    const tool = toolOf({ rest: rest({ path: "/orders/{{ params.id }}/hold" }) });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: "binary" }), fc.string(), fc.webPath()), async (id) => {
        const work = executor.preview(
          manifestOf({ base_url: "https://a.example/v1" }),
          tool,
          { id },
          account(),
        );
        const planned = await work.catch(() => null);
        if (planned === null) return;
        const [one] = planned;
        const segments = one?.kind === "http" ? new URL(one.url).pathname.split("/") : [];
        expect(segments.map(decodeURIComponent)).toEqual(["", "v1", "orders", id, "hold"]);
      }),
      { numRuns: 500 },
    );
    await executor.close();
  });

  describe("where a map becomes fields of their own", () => {
    const send = async (f: JsonObject): Promise<JsonObject> => {
      const executor = executorFor(provider);
      const sent = call(executor, provider, {
        manifest: {
          auth: { type: "api_key", in: "query", name: "api_key", prefix: "", also: [], whoami: null },
        },
        tool: {
          rest: rest({
            path: "/q?mode=safe",
            query: { f: "{{ params.f }}", limit: 10, page: "{{ params.page }}" },
          }),
        },
        input: { f },
        connection: account({ API_KEY: "s3cret" }),
      });
      return sent.finally(() => executor.close());
    };

    it.each(["api_key", "API_KEY", "api.key", "api_key[0]", " api_key", "limit", "limit[]", "page", "mode"])(
      "lets no key be %j",
      async (key) => {
        const before = provider.received.length;
        expect((await failureOf(send({ [key]: "x" }))).code).toBe("firewall.query");
        expect(provider.received.length).toBe(before);
      },
    );

    it("sends other keys, and the field's own name", async () => {
      await send({ f: "1", api_keys: "2" });
      expect(provider.received.at(-1)?.url).toBe("/q?mode=safe&f=1&api_keys=2&limit=10&api_key=s3cret");
    });
  });

  it("wants a value for each part of the path", async () => {
    const tool = { rest: rest({ path: "/orders/{{ params.id }}/hold" }) };
    expect(await part({ tool })).toBe("input.missing");
    expect(await part({ tool, input: { id: "" } })).toBe("input.missing");
    expect(
      await part({
        tool: { rest: rest({ path: "/{{ params.a }}{{ params.b }}" }) },
        input: { a: ".", b: "." },
      }),
    ).toBe("firewall.path");
  });

  it("lets nobody override what frames a request", async () => {
    for (const name of [
      "Host",
      "content-length",
      "Transfer-Encoding",
      "Connection",
      "Upgrade",
      "Authorization",
      "Cookie",
      "Proxy-Authorization",
    ]) {
      expect([name, await part({ tool: { rest: rest({ headers: { [name]: "x" } }) } })]).toEqual([
        name,
        "firewall.header",
      ]);
    }
    const headers = { "X-Note": "{{ params.note }}" };
    for (const note of ["a\r\nHost: evil.example", "a\nb", "a\u0000b", "ключ"]) {
      expect(await part({ tool: { rest: rest({ headers }) }, input: { note } })).toBe("input.bad_value");
    }
    const keyed: Partial<Manifest> = {
      auth: { type: "api_key", in: "header", name: "X-Key", prefix: "", also: [], whoami: null },
    };
    expect(
      await part({
        manifest: keyed,
        tool: { rest: rest({ headers: { "x-key": "mine" } }) },
        connection: account({ API_KEY: "k" }),
      }),
    ).toBe("firewall.header");
  });

  it("calls no host that the manifest does not name, whatever the account says", async () => {
    const shop = (value: string) =>
      part({
        manifest: { base_url: "https://{{account.shop}}.shops.example" },
        tool: { rest: rest() },
        connection: account({}, { fields: { shop: value } }),
      });
    for (const value of [
      "evil.example/",
      "evil.example#",
      "a@evil.example",
      "a.b",
      "evil.example:443",
      "127.0.0.1",
      "-",
      "a b",
    ]) {
      expect([value, await shop(value)]).toEqual([value, "account.bad_field"]);
    }
    expect(
      await part({
        manifest: { base_url: "https://{{account.shop}}.shops.example" },
        tool: { rest: rest() },
      }),
    ).toBe("account.field_missing");
    const whole = (value: string) =>
      part({
        manifest: { base_url: "https://{{account.host}}" },
        tool: { rest: rest() },
        connection: account({}, { fields: { host: value } }),
      });
    expect(await whole("127.0.0.1")).toBe("firewall.address");
    expect(await whole("a.example/x")).toBe("account.bad_field");
  });

  it("speaks no plain HTTP with a host that is not the operator's own", async () => {
    const executor = createExecutor();
    const failure = await failureOf(
      call(executor, provider, { manifest: { base_url: "http://api.example" }, tool: { rest: rest() } }),
    );
    expect(failure.code).toBe("firewall.http");
    await executor.close();
  });
});
