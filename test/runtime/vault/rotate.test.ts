import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadSettings } from "../../../src/cli/config.ts";
import { engineOf } from "../../../src/cli/engine.ts";
import { keyRing } from "../../../src/cli/keeping.ts";
import { openPglite } from "../../../src/registry/drivers/pglite.ts";
import { createRegistry, type Registry, type RuntimeFace } from "../../../src/registry/index.ts";
import { TokenClient } from "../../../src/runtime/oauth/endpoint.ts";
import { Refresher } from "../../../src/runtime/oauth/refresh.ts";
import { loadKeyRing, makeOwnKey } from "../../../src/runtime/vault/keys.ts";
import { rotate } from "../../../src/runtime/vault/rotate.ts";
import { open } from "../../../src/runtime/vault/seal.ts";
import { account, json, type Upstream, upstream } from "../execution/workbench.ts";
import { connector, getter, house } from "../serve/house.ts";

const TOKENS = { access: "a-fresh-access-token", refresh: "a-fresh-refresh-token", expiresIn: 3600 };
const KEYS = ["REFRESH_TOKEN", "EXPIRES_AT", "ACCESS_TOKEN"];

describe("a rotation of the embedded registry's master key", () => {
  const folder = mkdtempSync(join(tmpdir(), "sentinel-rotate-"));
  let registry: Registry;
  let provider: Upstream;

  const oauth = () =>
    connector("acme", provider.host, [getter("get_item")], {
      auth: {
        type: "oauth2",
        authorization_url: `https://${provider.host}/authorize`,
        token_url: `https://${provider.host}/token`,
        refresh_url: null,
        grant: "authorization_code",
        pkce: true,
        scopes: {},
        also: [],
        whoami: null,
      },
    });
  const sources = { text: null, file: null, ownFile: join(folder, ".sentinel/registry.vault-key") };
  const ring = () => loadKeyRing(sources);
  const people = () => registry.human("jane").governance;
  const store = (key: string, value: string) => house(registry, ring()).secret("acme", key, value);
  const opened = async (key: string): Promise<string | null> => {
    const place = { connector: "acme", account: "default", key };
    const sealed = await registry.runtime.secret("acme", "default", key);
    return sealed && open(ring(), place, sealed);
  };

  beforeAll(async () => {
    provider = await upstream(json({ id: "1" }));
    mkdirSync(join(folder, ".sentinel"));
    writeFileSync(
      join(folder, "sentinel.config.yaml"),
      `runtime:\n  allowed_hosts: ["http://${provider.host}"]\n`,
    );
    const driver = openPglite({ directory: join(folder, ".sentinel/registry") });
    await driver.migrate();
    registry = createRegistry(driver);
    await makeOwnKey(sources, async () => false);
    await house(registry, ring()).approve(oauth());
    await store("CLIENT_ID", "the-client");
  });
  afterAll(async () => {
    await registry.close();
    await provider.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("lets calls of a process that serves go on", async () => {
    await store("ACCESS_TOKEN", "an-access-token");
    const { settings } = await loadSettings({ cwd: folder });
    const engine = engineOf(settings, registry.runtime);
    const call = () =>
      engine.gate.call({
        ...{ agent: "ann", connector: "acme", tool: "get_item", account: null, input: { id: "1" } },
        ...{ key: null, signal: new AbortController().signal },
      });
    await call();
    await rotate(people(), () => keyRing(settings));
    engine.vault.forget("acme");
    await call();
    await engine.close();
    expect(provider.received.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer an-access-token",
      "Bearer an-access-token",
    ]);
  });

  it("leaves the key before at hand until the next one, which seals anew what came late", async () => {
    const late = house(registry, ring());
    await rotate(people(), ring);
    await late.secret("acme", "ACCESS_TOKEN", "sealed-with-the-former-key");
    expect(await opened("ACCESS_TOKEN")).toBe("sealed-with-the-former-key");
    await rotate(people(), ring);
    expect(await opened("ACCESS_TOKEN")).toBe("sealed-with-the-former-key");
    const sealed = await registry.runtime.secret("acme", "default", "ACCESS_TOKEN");
    expect([sealed?.key_id, ring().keys.length]).toEqual([ring().current.id, 2]);
  });

  // At which question to the registry, how often, and whether there were tokens before.
  const moments = [0, 1, 2, 3, 4, 5].flatMap((moment) =>
    [1, 2].flatMap((times) => [true, false].map((renewed) => ({ moment, times, renewed }))),
  );
  it.each(moments)(
    "leaves tokens that are stored meanwhile in place: %o",
    async ({ moment, times, renewed }) => {
      for (const key of KEYS) {
        await store(key, "the-former-one");
        if (!renewed) await people().deleteSecret("acme", "default", key);
      }
      let asked = 0;
      const rotated = async <T>(work: () => Promise<T>): Promise<T> => {
        const now = asked === moment;
        asked += 1;
        for (let n = 0; now && n < times; n += 1) await rotate(people(), ring);
        return work();
      };
      const runtime: Pick<RuntimeFace, "secret" | "renewSecret" | "lease"> = {
        secret: (...of) => rotated(() => registry.runtime.secret(...of)),
        renewSecret: (...of) => rotated(() => registry.runtime.renewSecret(...of)),
        lease: async () => true,
      };
      const client = new TokenClient();
      await new Refresher({ runtime, ring, client }).store(account(), oauth(), TOKENS);
      await client.close();
      expect(asked).toBeGreaterThan(moment);
      const [refresh, expires, access] = await Promise.all(KEYS.map(opened));
      expect([refresh, access]).toEqual([TOKENS.refresh, TOKENS.access]);
      expect(Date.parse(expires ?? "")).toBeGreaterThan(Date.now());
      // And the next one finds nothing that it can't open.
      await rotate(people(), ring);
      expect(await opened("ACCESS_TOKEN")).toBe(TOKENS.access);
    },
  );
});
