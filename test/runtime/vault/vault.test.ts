import { describe, expect, it } from "vitest";
import type { Manifest } from "../../../src/manifest/index.ts";
import type { RuntimeFace, SealedSecret } from "../../../src/registry/index.ts";
import { type KeyRing, newKey } from "../../../src/runtime/vault/keys.ts";
import { seal } from "../../../src/runtime/vault/seal.ts";
import { Vault } from "../../../src/runtime/vault/vault.ts";

const key = newKey();
const ring: KeyRing = { current: key, keys: [key], file: null };
const manifest = (provider_slug: string) => ({ provider_slug }) as Manifest;

/** A registry with secrets, by `connector/account/KEY`, that counts how often it is asked. */
function registryWith(values: Record<string, string>) {
  const asked = { accounts: 0, secrets: 0, away: false };
  const runtime: Pick<RuntimeFace, "accounts" | "secret"> = {
    accounts: async (slug) => {
      asked.accounts += 1;
      const names = Object.keys(values).filter((place) => place.startsWith(`${slug}/`));
      const accounts = new Set(names.map((place) => place.split("/")[1] ?? ""));
      return [...accounts].map((account) => ({ account, fields: { region: "eu", n: 1 }, keys: [] }));
    },
    secret: async (connector, account, name): Promise<SealedSecret | null> => {
      asked.secrets += 1;
      if (asked.away) throw new Error("away");
      const value = values[`${connector}/${account}/${name}`];
      if (value === undefined) return null;
      const place = { connector, account, key: name };
      return { key_name: "N", version: 1, ...seal(ring, place, "N", value) };
    },
  };
  return { runtime, asked };
}

describe("the vault", () => {
  it("opens secrets, asks once within a while, and again after a failure or when told to forget", async () => {
    const { runtime, asked } = registryWith({ "a/default/K": "value-of-a" });
    const vault = new Vault({ runtime, ring: () => ring, freshMs: 60_000 });
    const connection = await vault.connect(manifest("a"), null);
    expect(connection.fields).toEqual({ region: "eu" });
    asked.away = true;
    await expect(connection.secret("K")).rejects.toThrow("away");
    asked.away = false;
    expect(await Promise.all([connection.secret("K"), connection.secret("K")])).toEqual([
      "value-of-a",
      "value-of-a",
    ]);
    expect(await connection.secret("NONE")).toBeNull();
    expect(asked).toMatchObject({ accounts: 1, secrets: 3 });
    vault.forget("a");
    expect(await connection.secret("K")).toBe("value-of-a");
    expect(asked).toMatchObject({ accounts: 2, secrets: 4 });
  });

  it("needs no master key for connectors without secrets", async () => {
    const { runtime } = registryWith({});
    const vault = new Vault({
      runtime,
      ring: () => {
        throw new Error("no key");
      },
    });
    const connection = await vault.connect(manifest("open"), null);
    expect([connection.account, await connection.secret("K")]).toEqual(["default", null]);
    expect((await vault.connect(manifest("open"), "default")).account).toBe("default");
  });

  it("blacks out what an account was given, renewed tokens too, and elsewhere everything", async () => {
    const { runtime } = registryWith({ "a/default/K": "value-of-a", "b/default/K": "value-of-b" });
    const refused: string[] = [];
    const vault = new Vault({
      runtime,
      ring: () => ring,
      refresh: async (_connection, _manifest, token) => {
        refused.push(token);
        return "fresh-token";
      },
    });
    const [a, b] = [await vault.connect(manifest("a"), null), await vault.connect(manifest("b"), null)];
    expect(a.scrub("value-of-a")).toBe("value-of-a");
    await Promise.all([a.secret("K"), b.secret("K")]);
    expect(await a.refresh("value-of-a")).toBe("fresh-token");
    expect(refused).toEqual(["value-of-a"]);
    const text = "value-of-a value-of-b fresh-token";
    expect(a.scrub(text)).toBe("[redacted] value-of-b [redacted]");
    expect(vault.blackout(b).text(text)).toBe("value-of-a [redacted] fresh-token");
    expect(vault.everything.text(text)).toBe("[redacted] [redacted] [redacted]");
    expect(JSON.stringify(a)).not.toContain("value");
  });

  it("gives no fresh token where there is no way to get one", async () => {
    const { runtime } = registryWith({});
    const vault = new Vault({ runtime, ring: () => ring });
    expect(await (await vault.connect(manifest("a"), null)).refresh("old")).toBeNull();
  });
});
