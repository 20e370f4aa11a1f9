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
 * Seals every secret with the newest key. Where the file of keys is our own, that is a new key, and the one before stays
 * behind it until the next rotation: what somebody is sealing with it at this moment can be opened, and so can everything
 * when we are killed in between.
 * @param ring reads the keys; asked once the registry has answered: the embedded one is ours from then on, and no other
 * rotation changes the file
 * @throws UserError `vault.key_missing`, `vault.damaged`: then nothing was changed
 */
export async function rotate(people: GovernanceFace, ring: () => KeyRing): Promise<Rotation> {
  let stored = await people.sealedSecrets();
  const before = ring();
  const ours = before.file?.ours === true ? before.file.path : null;
  const current = ours === null ? before.current : newKey();
  const all: KeyRing = ours === null ? before : { ...before, current, keys: [current, ...before.keys] };
  if (ours !== null) writeKeys(ours, all.keys);
  let sealed = 0;
  // A secret that is written meanwhile is left alone by the registry, and caught by the next round.
  for (;;) {
    const old = stored.filter(({ key_id }) => key_id !== current.id);
    if (old.length === 0) break;
    sealed += await people.resealSecrets(
      old.map((secret) => {
        const { provider_slug: connector, account, key, key_name, version } = secret;
        const place = { connector, account, key };
        return { key_name, version, ...seal(all, place, key_name, open(all, place, secret)) };
      }),
    );
    stored = await people.sealedSecrets();
  }
  if (ours === null) return { sealed, key_id: current.id, made: false, ring: all };
  const kept = [current, before.current];
  writeKeys(ours, kept);
  return { sealed, key_id: current.id, made: true, ring: { ...all, keys: kept } };
}
