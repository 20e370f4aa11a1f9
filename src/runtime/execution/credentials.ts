import type { ExtraKey, KeyPlace, Manifest } from "../../manifest/index.ts";
import type { Connection } from "../seams.ts";
import { failure } from "./failure.ts";
import { type Credentials, NONE } from "./http/client.ts";
import { headerFault } from "./http/headers.ts";

/** Where one credential goes. */
interface Slot {
  /** Of the secret, in the vault. */
  readonly key: string;
  readonly in: KeyPlace;
  readonly name: string;
  /** The text that is sent, and the secrets within it. */
  read(connection: Connection): Promise<{ readonly text: string; readonly secrets: readonly string[] }>;
}

/** The credentials of a request. */
export interface Injection extends Credentials {
  /** The access token that `Connection.refresh` can replace; null where there is none. */
  readonly token: string | null;
}

/** Names of the headers, query fields and cookies that carry credentials. */
export function credentialNames(
  manifest: Manifest,
): readonly { readonly in: KeyPlace; readonly name: string }[] {
  return slotsOf(manifest);
}

/** A manifest does not change. */
const knownHeaders = new WeakMap<Manifest, ReadonlySet<string>>();

/** Names of headers, in small letters, that are not for a connector to set. */
export function credentialHeaders(manifest: Manifest): ReadonlySet<string> {
  let names = knownHeaders.get(manifest);
  if (names === undefined) {
    const slots = slotsOf(manifest).filter((slot) => slot.in === "header");
    names = new Set(slots.map((slot) => slot.name.toLowerCase()));
    knownHeaders.set(manifest, names);
  }
  return names;
}

/**
 * Reads an account's credentials from the vault and puts each where the manifest says.
 * @param fresh an access token to use instead of the stored one
 * @throws ToolFailure `auth.missing`, `auth.unusable`
 */
export async function inject(
  manifest: Manifest,
  connection: Connection,
  fresh: string | null = null,
): Promise<Injection> {
  const headers: Record<string, string> = {};
  const query: [string, string][] = [];
  const cookies: string[] = [];
  const secrets: string[] = [];
  let token: string | null = null;
  for (const slot of slotsOf(manifest, fresh)) {
    const { text, secrets: read } = await slot.read(connection);
    secrets.push(...read);
    if (manifest.auth.type === "oauth2" && slot.name === "authorization") token = read[0] ?? null;
    if (slot.in === "query") query.push([slot.name, text]);
    else if (slot.in === "cookie")
      cookies.push(usable(slot, `${slot.name}=${cookieValue(text)}`, connection));
    else headers[slot.name.toLowerCase()] = usable(slot, text, connection);
  }
  if (cookies.length > 0) headers.cookie = cookies.join("; ");
  return secrets.length === 0 ? { ...NONE, token } : { secrets, headers, query, token };
}

function slotsOf({ auth }: Manifest, fresh: string | null = null): Slot[] {
  switch (auth.type) {
    case "none":
    case "local_path":
    // A handler reads them by their names.
    case "keys":
      return [];
    case "api_key":
      return [keySlot(auth, "API_KEY"), ...auth.also.map(extraSlot)];
    case "basic":
      return [basicSlot, ...auth.also.map(extraSlot)];
    case "bearer":
    case "oauth2":
      return [tokenSlot(fresh, auth.type === "oauth2"), ...auth.also.map(extraSlot)];
  }
}

function keySlot({ in: place, name, prefix }: ExtraKey, key: string): Slot {
  return {
    key,
    in: place,
    name,
    read: async (connection) => {
      const secret = await required(connection, key);
      return { text: prefix + secret, secrets: [secret] };
    },
  };
}

/** The KEY of a further key is its name in capitals, with underscores for what is neither letter nor digit. */
function extraSlot(extra: ExtraKey): Slot {
  return keySlot(extra, extra.name.toUpperCase().replace(/[^A-Z0-9]+/g, "_"));
}

/** RFC 7617; a password may be empty, as with keys that are sent as the user name. */
const basicSlot: Slot = {
  key: "PASSWORD",
  in: "header",
  name: "authorization",
  read: async (connection) => {
    const user = await required(connection, "USERNAME");
    const password = (await connection.secret("PASSWORD")) ?? "";
    const pair = Buffer.from(`${user}:${password}`).toString("base64");
    return { text: `Basic ${pair}`, secrets: [pair, user, password].filter((text) => text !== "") };
  },
};

/** RFC 6750. */
function tokenSlot(fresh: string | null, canRefresh: boolean): Slot {
  return {
    key: "ACCESS_TOKEN",
    in: "header",
    name: "authorization",
    read: async (connection) => {
      const stored = fresh ?? (await connection.secret("ACCESS_TOKEN"));
      const token = canRefresh && fresh === null ? await renewed(connection, stored) : stored;
      if (token === null) throw missing(connection, "ACCESS_TOKEN");
      return { text: `Bearer ${token}`, secrets: [token] };
    },
  };
}

/**
 * The token to send where OAuth can bring another. With client credentials there is none before the first call; and one that
 * is past its time is renewed before it is sent, as not every provider says 401 to it. That may fail: the clocks may differ,
 * or somebody has stored another token since. The provider has the last word.
 */
async function renewed(connection: Connection, stored: string | null): Promise<string | null> {
  if (stored === null) return connection.refresh("");
  const at = Date.parse((await connection.secret("EXPIRES_AT")) ?? "");
  if (Number.isNaN(at) || at > Date.now()) return stored;
  return (await connection.refresh(stored).catch(() => null)) ?? stored;
}

async function required(connection: Connection, key: string): Promise<string> {
  const secret = await connection.secret(key);
  if (secret === null) throw missing(connection, key);
  return secret;
}

function missing(connection: Connection, key: string): Error {
  const { connector, account } = connection;
  const hint = `Store it with ${storing(connection, key)}.`;
  return failure("auth.missing", `The account ${account} of ${connector} has no ${key} in the vault.`, {
    hint,
  });
}

/** The text, if a header can carry it: whoever calls can do nothing about a secret that none can. */
function usable({ key, name }: Slot, text: string, connection: Connection): string {
  const fault = headerFault(text);
  if (fault === null) return text;
  const message = `With the ${key} of the account ${connection.account}, the header for ${name} would ${fault}.`;
  throw failure("auth.unusable", message, {
    hint: `Store it again with ${storing(connection, key)}, without line breaks.`,
  });
}

function storing({ connector, account }: Connection, key: string): string {
  return `\`sentinel vault set ${account === "default" ? connector : `${connector}:${account}`} ${key}\``;
}

/** RFC 6265, 4.1.1: what a cookie's value can't hold is percent-encoded. */
function cookieValue(text: string): string {
  return text.replace(/[^\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]/g, encodeURIComponent);
}
