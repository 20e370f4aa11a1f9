import { CODES, UserError } from "../../../base/index.ts";
import type { Manifest } from "../../../manifest/index.ts";
import type { HumanFace, ProviderDetail } from "../../../registry/index.ts";
import { DEFAULT_ACCOUNT, parseAccount, secretName, wantedSecrets } from "../../../runtime/index.ts";

/** What of a registered manifest says how its secrets are called. */
export type Naming = Pick<Manifest, "provider_slug" | "naming_rule" | "auth">;

/** A secret that a command is about. */
export interface Meant {
  readonly slug: string;
  readonly account: string;
  readonly key: string;
  readonly keyName: string;
}

/** Reads how a registered connector calls its secrets. */
export function namingOf({ manifest, provider_slug }: ProviderDetail): Naming {
  const { naming_rule, auth } = manifest;
  return {
    provider_slug,
    naming_rule: typeof naming_rule === "string" ? naming_rule : "PROVIDER_{PLATFORM}_{KEY}",
    auth: isAuth(auth) ? auth : { type: "none", whoami: null },
  };
}

/** The registry keeps the manifest as it was normalised, so its type says the rest. */
function isAuth(value: unknown): value is Manifest["auth"] {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
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
  const naming = namingOf(await human.show(connector));
  const account = named ?? DEFAULT_ACCOUNT;
  const wanted = wantedSecrets(naming.auth).map(({ key }) => key);
  const nameOf = (key: string): string => secretName(naming, account, key);
  const only = wanted.length === 1 ? wanted[0] : undefined;
  const key = given === undefined ? only : (wanted.find((one) => given === nameOf(one)) ?? given);
  if (key === undefined) throw unknownKey(`Which secret of ${connector} is meant has to be said`, wanted);
  if (!wanted.includes(key) && (!any || !/^[A-Z][A-Z0-9_]{0,199}$/.test(key))) {
    throw unknownKey(`${connector} asks for no ${key}`, wanted);
  }
  return { slug: connector, account, key, keyName: nameOf(key) };
}

function unknownKey(what: string, wanted: readonly string[]): UserError {
  const message = `${what}; it asks for ${wanted.length === 0 ? "nothing" : wanted.join(", ")}.`;
  return new UserError("vault.unknown_key", message, CODES["vault.unknown_key"].remedy);
}
