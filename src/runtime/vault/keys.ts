import { createHash, hkdfSync, randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { CODES, errno, registerSecret, UserError } from "../../base/index.ts";

/** One master key: 32 bytes, and a name that says which without telling anything of it. */
export interface MasterKey {
  readonly id: string;
  readonly bytes: Buffer;
}

/** The keys at hand: the first seals, all of them open. */
export interface KeyRing {
  readonly current: MasterKey;
  readonly keys: readonly MasterKey[];
  /** The file that the keys come from, and whether it is ours to change; null: the environment. */
  readonly file: { readonly path: string; readonly ours: boolean } | null;
}

/** Where the master key may be, strongest first. */
export interface KeySources {
  /** `SENTINEL_VAULT_KEY`. */
  readonly text: string | null;
  /** `SENTINEL_VAULT_KEY_FILE`. */
  readonly file: string | null;
  /** The embedded registry's own file (`makeOwnKey`); null for other registries. */
  readonly ownFile: string | null;
}

/**
 * Reads the master keys: one or several with commas or white space between, the newest first.
 * @throws UserError `vault.no_key`, `vault.bad_key`, `vault.exposed_key`; `vault.key_missing` without the own file
 */
export function loadKeyRing({ text, file, ownFile }: KeySources): KeyRing {
  if (text !== null) return ringOf(text, "SENTINEL_VAULT_KEY", null);
  if (file !== null) return ringOf(readKeys(file), file, { path: file, ours: false });
  if (ownFile === null) throw keyError("vault.no_key", "There is no master key for the vault.");
  const standing = readOwn(ownFile);
  if (standing === null) throw lost(ownFile);
  return ringOf(standing, ownFile, { path: ownFile, ours: true });
}

/**
 * Makes the embedded registry's own key at the first need. Where secrets are stored, there was one, and another would only
 * hide that it is gone.
 * @param hasSecrets asked only where a key would be made
 * @throws UserError `vault.key_missing`, `vault.no_key`
 */
export async function makeOwnKey(
  { text, file, ownFile }: KeySources,
  hasSecrets: () => Promise<boolean>,
): Promise<void> {
  if (text !== null || file !== null || ownFile === null || existsSync(ownFile)) return;
  if (await hasSecrets()) throw lost(ownFile);
  writeOwn(ownFile);
}

/** A new master key. */
export function newKey(): MasterKey {
  return keyOf(randomBytes(32));
}

/** Replaces the keys in a file that is ours; the old content stands there until the new one does. */
export function writeKeys(path: string, keys: readonly MasterKey[]): void {
  const aside = `${path}.${process.pid}`;
  writeWhole(aside, keys, "w");
  renameSync(aside, path);
}

/** A key for another purpose, made of a master key; nobody gets from one to the other (RFC 5869). */
export function derivedKey({ bytes }: MasterKey, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", bytes, Buffer.alloc(0), `connector-sentinel ${purpose}`, 32));
}

function ringOf(text: string, from: string, file: KeyRing["file"]): KeyRing {
  const keys = text
    .split(/[\s,]+/)
    .filter((part) => part !== "")
    .map((part) => parseKey(part, from));
  const [current] = keys;
  if (current === undefined) throw keyError("vault.bad_key", `${from} holds no key.`);
  return { current, keys, file };
}

function parseKey(text: string, from: string): MasterKey {
  const isHex = /^[0-9a-f]{64}$/i.test(text);
  const bytes = Buffer.from(text, isHex ? "hex" : "base64");
  if (bytes.length !== 32 || (!isHex && !/^[A-Za-z0-9+/_-]{43}=?$/.test(text))) {
    throw keyError("vault.bad_key", `${from} does not hold 32 bytes in hex or base64.`);
  }
  registerSecret(text);
  return keyOf(bytes);
}

function keyOf(bytes: Buffer): MasterKey {
  registerSecret(bytes.toString("hex"));
  return {
    id: createHash("sha256").update("connector-sentinel vault key").update(bytes).digest("hex").slice(0, 12),
    bytes,
  };
}

function readKeys(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw keyError("vault.no_key", `The file ${path} can't be read (${errno(error) ?? "?"}).`);
  }
}

function readOwn(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return null;
  if (process.platform !== "win32" && (found.mode & 0o077) !== 0) {
    throw keyError("vault.exposed_key", `The file ${path} can be read by others on this machine.`);
  }
  return readKeys(path);
}

function writeOwn(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    // Never over a file that is there: another process may have made it at this very moment.
    writeWhole(path, [newKey()], "wx");
  } catch (error) {
    if (errno(error) === "EEXIST") return;
    throw keyError("vault.no_key", `The file ${path} can't be written (${errno(error) ?? "?"}).`);
  }
}

function writeWhole(path: string, keys: readonly MasterKey[], flag: "w" | "wx"): void {
  const file = openSync(path, flag, 0o600);
  try {
    writeSync(file, keys.map(({ bytes }) => `${bytes.toString("hex")}\n`).join(""));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function lost(path: string): UserError {
  const hint =
    "Put it back from a backup. Without one the secrets are lost: delete them with `sentinel vault delete`, and store them again.";
  return new UserError("vault.key_missing", `The file ${path} with the master key is not there.`, hint);
}

function keyError(code: "vault.no_key" | "vault.bad_key" | "vault.exposed_key", message: string): UserError {
  return new UserError(code, message, CODES[code].remedy);
}
