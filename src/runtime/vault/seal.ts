import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { CODES, UserError } from "../../base/index.ts";
import type { SealedSecret } from "../../registry/index.ts";
import type { KeyRing } from "./keys.ts";

/** Whose secret it is. */
export interface SecretPlace {
  readonly connector: string;
  readonly account: string;
  readonly key: string;
}

const NONCE = 12;
const TAG = 16;

/**
 * Seals a value with AES-256-GCM under the ring's current key, with a random nonce. The key's name and its owner are
 * associated data: what is sealed opens in its own place only.
 * @returns nonce, ciphertext and tag as one, in base64
 */
export function seal(
  ring: KeyRing,
  place: SecretPlace,
  keyName: string,
  value: string,
): { readonly key_id: string; readonly ciphertext: string } {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv("aes-256-gcm", ring.current.bytes, nonce, { authTagLength: TAG });
  cipher.setAAD(associated(place, keyName));
  const body = Buffer.concat([cipher.update(value, "utf8"), cipher.final()]);
  return {
    key_id: ring.current.id,
    ciphertext: Buffer.concat([nonce, body, cipher.getAuthTag()]).toString("base64"),
  };
}

/**
 * Opens what `seal` made for this place.
 * @throws UserError `vault.key_missing`, `vault.damaged`
 */
export function open(ring: KeyRing, place: SecretPlace, sealed: SealedSecret): string {
  const key = ring.keys.find(({ id }) => id === sealed.key_id);
  if (key === undefined) {
    const message = `${sealed.key_name} is sealed with the master key ${sealed.key_id}, which is not at hand.`;
    throw new UserError("vault.key_missing", message, CODES["vault.key_missing"].remedy);
  }
  const bytes = Buffer.from(sealed.ciphertext, "base64");
  try {
    const decipher = createDecipheriv("aes-256-gcm", key.bytes, bytes.subarray(0, NONCE), {
      authTagLength: TAG,
    });
    decipher.setAAD(associated(place, sealed.key_name));
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG));
    return Buffer.concat([
      decipher.update(bytes.subarray(NONCE, bytes.length - TAG)),
      decipher.final(),
    ]).toString("utf8");
  } catch (cause) {
    const message = `${sealed.key_name} is not what was sealed under this name.`;
    throw new UserError("vault.damaged", message, CODES["vault.damaged"].remedy, { cause });
  }
}

function associated({ connector, account, key }: SecretPlace, keyName: string): Buffer {
  return Buffer.from([keyName, connector, account, key].join("\0"));
}
