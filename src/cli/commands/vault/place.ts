import { Bug, CODES, type JsonObject, UserError } from "../../../base/index.ts";
import type { Manifest } from "../../../manifest/index.ts";
import type { HumanFace, ProviderDetail } from "../../../registry/index.ts";
import { DEFAULT_ACCOUNT, parseAccount, secretName, wantedSecrets } from "../../../runtime/index.ts";

/** A secret that a command is about. */
export interface Meant {
  readonly slug: string;
  readonly account: string;
  readonly key: string;
  readonly keyName: string;
}

/** The manifest of a registered connector, in the normal form that the registry keeps. */
export function manifestOf({ manifest }: ProviderDetail): Manifest {
  if (!isManifest(manifest)) throw new Bug("the registry's manifest is none");
  return manifest;
}

function isManifest(value: Manifest | JsonObject): value is Manifest {
  const { provider_slug, naming_rule, auth, tools } = value;
  const texts = typeof provider_slug === "string" && typeof naming_rule === "string";
  return texts && typeof auth === "object" && auth !== null && Array.isArray(tools);
}

/**
 * The secret that `connector[:account] [key]` means; the key may be the secret's whole name.
 * @param any whether a key is taken that the connector does not ask for
 * @throws UserError `vault.unknown_key`, `account.bad_name`, `registry.unknown_provider`
 */
export async function meant(
  human: HumanFace,
  place: string,
  given: string | undefined,
  any: boolean,
): Promise<Meant> {
  const { connector, account: named } = parseAccount(place);
  const manifest = manifestOf(await human.show(connector));
  const account = named ?? DEFAULT_ACCOUNT;
  const wanted = wantedSecrets(manifest).map(({ key }) => key);
  const nameOf = (key: string): string => secretName(manifest, account, key);
  const only = wanted.length === 1 ? wanted[0] : undefined;
  const key = given === undefined ? only : (wanted.find((one) => given === nameOf(one)) ?? given);
  if (key === undefined) throw unknownKey(`Which secret of ${connector} is meant has to be said`, wanted);
  if (!wanted.includes(key) && (!any || !/^[A-Z][A-Z0-9_]{0,199}$/.test(key))) {
    // Not the key itself: it may be the value, given by mistake.
    throw unknownKey(`${connector} asks for no secret of that name`, wanted);
  }
  return { slug: connector, account, key, keyName: nameOf(key) };
}

function unknownKey(what: string, wanted: readonly string[]): UserError {
  const message = `${what}; it asks for ${wanted.length === 0 ? "nothing" : wanted.join(", ")}.`;
  return new UserError("vault.unknown_key", message, CODES["vault.unknown_key"].remedy);
}
