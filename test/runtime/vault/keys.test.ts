import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { derivedKey, loadKeyRing, makeOwnKey, newKey } from "../../../src/runtime/vault/keys.ts";
import { parseAccount, secretName, wantedSecrets } from "../../../src/runtime/vault/names.ts";
import { open, seal } from "../../../src/runtime/vault/seal.ts";

const folders: string[] = [];
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "sentinel-vault-"));
  folders.push(made);
  return made;
}
afterEach(() => {
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true });
});

const ringOf = (text: string) => loadKeyRing({ text, file: null, ownFile: null });
const hex = (): string => newKey().bytes.toString("hex");

describe("the master key", () => {
  it("is 32 bytes in hex or base64, one or several, the first of which seals", () => {
    const [first, second] = [newKey(), newKey()];
    const ring = ringOf(`${first.bytes.toString("base64")},\n${second.bytes.toString("base64url")}`);
    expect(ring.current.id).toBe(first.id);
    expect(ring.keys.map(({ id }) => id)).toEqual([first.id, second.id]);
  });

  it.each(["", "short", "0".repeat(63), `${"é".repeat(43)}=`, "a".repeat(44)])("is not %j", (text) => {
    expect(() => ringOf(text)).toThrow(expect.objectContaining({ code: "vault.bad_key" }));
  });

  const none = async () => false;
  it("is made once for the embedded registry, for nobody else to read", async () => {
    const ownFile = join(folder(), "state", "registry.vault-key");
    const sources = { text: null, file: null, ownFile };
    await makeOwnKey(sources, none);
    const made = loadKeyRing(sources);
    await makeOwnKey(sources, none);
    expect(statSync(ownFile).mode & 0o777).toBe(0o600);
    expect(loadKeyRing({ text: null, file: null, ownFile }).current.id).toBe(made.current.id);
    chmodSync(ownFile, 0o644);
    expect(() => loadKeyRing({ text: null, file: null, ownFile })).toThrow(
      expect.objectContaining({ code: "vault.exposed_key" }),
    );
  });

  it("is not made anew where secrets are stored, or by who only reads", async () => {
    const ownFile = join(folder(), "registry.vault-key");
    const sources = { text: null, file: null, ownFile };
    const missing = expect.objectContaining({ code: "vault.key_missing" });
    await expect(makeOwnKey(sources, async () => true)).rejects.toThrow(missing);
    expect(() => loadKeyRing(sources)).toThrow(missing);
    expect(existsSync(ownFile)).toBe(false);
  });

  it("comes from a file that is named, and nowhere from where there is none", () => {
    const file = join(folder(), "key");
    writeFileSync(file, `${hex()}\n`);
    expect(loadKeyRing({ text: null, file, ownFile: null }).current.id).toMatch(/^[0-9a-f]{12}$/);
    expect(readFileSync(file, "utf8")).not.toContain(
      loadKeyRing({ text: null, file, ownFile: null }).current.id,
    );
    for (const sources of [{ file: `${file}2` }, { file: null }]) {
      expect(() => loadKeyRing({ text: null, ownFile: null, ...sources })).toThrow(
        expect.objectContaining({ code: "vault.no_key" }),
      );
    }
  });

  it("gives other keys for other purposes", () => {
    const key = newKey();
    const [one, two] = [derivedKey(key, "one"), derivedKey(key, "two")];
    expect(one.equals(two)).toBe(false);
    expect(one.equals(derivedKey(key, "one"))).toBe(true);
    expect(one.equals(key.bytes)).toBe(false);
  });
});

describe("a sealed secret", () => {
  const place = { connector: "shop", account: "default", key: "API_KEY" };
  const name = "PROVIDER_SHOP_API_KEY";
  const stored = (sealed: { key_id: string; ciphertext: string }, key_name = name) => ({
    ...sealed,
    key_name,
    version: 1,
  });

  it("opens in its place, with an older key of the ring too", () => {
    const old = hex();
    const sealed = seal(ringOf(old), place, name, "värde\n");
    expect(open(ringOf(old), place, stored(sealed))).toBe("värde\n");
    expect(open(ringOf(`${hex()} ${old}`), place, stored(sealed))).toBe("värde\n");
    expect(() => open(ringOf(hex()), place, stored(sealed))).toThrow(
      expect.objectContaining({ code: "vault.key_missing" }),
    );
  });

  it("looks different each time and holds nothing of the value", () => {
    const ring = ringOf(hex());
    const [one, two] = [seal(ring, place, name, "value"), seal(ring, place, name, "value")];
    expect(one.ciphertext).not.toBe(two.ciphertext);
    expect(Buffer.from(one.ciphertext, "base64").includes("value")).toBe(false);
  });

  it("does not open changed, cut, under another name or in another's place", () => {
    const ring = ringOf(hex());
    const sealed = seal(ring, place, name, "value");
    const damaged = expect.objectContaining({ code: "vault.damaged" });
    const bytes = Buffer.from(sealed.ciphertext, "base64");
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(() => open(ring, place, stored({ ...sealed, ciphertext: changed.toString("base64") }))).toThrow(
        damaged,
      );
    }
    for (const cut of [0, 5, 27, bytes.length - 1]) {
      const ciphertext = bytes.subarray(0, cut).toString("base64");
      expect(() => open(ring, place, stored({ ...sealed, ciphertext }))).toThrow(damaged);
    }
    expect(() => open(ring, place, stored(sealed, "PROVIDER_SHOP_OTHER"))).toThrow(damaged);
    for (const other of [{ connector: "evil" }, { account: "b" }, { key: "X" }]) {
      expect(() => open(ring, { ...place, ...other }, stored(sealed))).toThrow(damaged);
    }
  });
});

describe("names", () => {
  const tiktok = { provider_slug: "tiktok-ads", naming_rule: "PROVIDER_{PLATFORM}_{KEY}" };

  it("of secrets follow the naming rule, and no two accounts come out alike", () => {
    expect(secretName(tiktok, "default", "API_KEY")).toBe("PROVIDER_TIKTOK_ADS_API_KEY");
    expect(secretName(tiktok, "eu-1", "API_KEY")).toBe("PROVIDER_TIKTOK_ADS__EU_1__API_KEY");
    expect(secretName({ ...tiktok, naming_rule: "{KEY}_OF_{PLATFORM}" }, "default", "A")).toBe(
      "A_OF_TIKTOK_ADS",
    );
    const names = ["a", "a-b", "a-b-c"].flatMap((slug) =>
      ["default", "b", "b-c", "c"].map((account) =>
        secretName({ ...tiktok, provider_slug: slug }, account, "K"),
      ),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it("of accounts are plain", () => {
    expect(parseAccount("shop")).toEqual({ connector: "shop", account: null });
    expect(parseAccount("shop:eu-1")).toEqual({ connector: "shop", account: "eu-1" });
    for (const text of ["shop:", "shop:EU", "shop:a--b", "shop:a:b", `shop:${"a".repeat(41)}`]) {
      expect(() => parseAccount(text)).toThrow(expect.objectContaining({ code: "account.bad_name" }));
    }
  });

  it("of what a connector asks for follow from its auth", () => {
    const also = [{ in: "header", name: "DD-APPLICATION-KEY", prefix: "" } as const];
    const wanted = wantedSecrets({
      auth: { type: "api_key", in: "header", name: "X", prefix: "", also, whoami: null },
      tools: [],
    });
    expect(wanted.map(({ key }) => key)).toEqual(["API_KEY", "DD_APPLICATION_KEY"]);
    expect(wantedSecrets({ auth: { type: "basic", also: [], whoami: null }, tools: [] })).toEqual([
      { key: "USERNAME", optional: false },
      { key: "PASSWORD", optional: true },
    ]);
  });
});
