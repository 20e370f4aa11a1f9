import type { GovernanceFace } from "../../registry/index.ts";
import { type KeyRing, newKey, writeKeys } from "./keys.ts";
import { open, seal } from "./seal.ts";

/** What a change of the master key has done. */
export interface Rotation {
  /** How many secrets were sealed anew. */
  readonly sealed: number;
  /** Of the key that seals from now on. */
  readonly key_id: string;
  /** Whether the key is a new one, made by us. */
  readonly made: boolean;
  /** The ring as it is now. */
  readonly ring: KeyRing;
}

/**
 * Seals every secret with the newest key. Where the file of keys is our own, that is a new key, and the old one leaves the
 * file when nothing needs it any more: killed at any moment in between, what is stored can be opened.
 * @throws UserError `vault.key_missing`, `vault.damaged`: then nothing was changed
 */
export async function rotate(people: GovernanceFace, ring: KeyRing): Promise<Rotation> {
  const ours = ring.file?.ours === true ? ring.file.path : null;
  const current = ours === null ? ring.current : newKey();
  const both: KeyRing = ours === null ? ring : { ...ring, current, keys: [current, ...ring.keys] };
  if (ours !== null) writeKeys(ours, both.keys);
  let sealed = 0;
  // A secret that is written meanwhile is left alone by the registry, and caught by the next round.
  for (;;) {
    const old = (await people.sealedSecrets()).filter(({ key_id }) => key_id !== current.id);
    if (old.length === 0) break;
    sealed += await people.resealSecrets(
      old.map((secret) => {
        const { provider_slug: connector, account, key, key_name, version } = secret;
        const place = { connector, account, key };
        return { key_name, version, ...seal(both, place, key_name, open(both, place, secret)) };
      }),
    );
  }
  if (ours === null) return { sealed, key_id: current.id, made: false, ring };
  writeKeys(ours, [current]);
  return { sealed, key_id: current.id, made: true, ring: { ...both, keys: [current] } };
}
