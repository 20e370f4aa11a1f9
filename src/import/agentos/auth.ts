import type { Json, JsonObject } from "../../base/index.ts";
import { LIST, TEXT } from "../../manifest/index.ts";
import type { Ledger } from "../argentos/ledger.ts";
import { get, isMap, mapAt, textAt } from "../json.ts";
import type { Notes } from "../notes.ts";
import { httpsUrl } from "../openapi/security.ts";
import { cut, oneLine, plainText } from "../text.ts";

/** How the provider is signed in to. */
export interface Auth {
  /** The manifest's `auth`; null: none is needed. */
  readonly auth: JsonObject | null;
  /** What an `sql` executor without a database asks. */
  readonly database: "local_path" | "postgres";
  /** Scopes of OAuth by app. */
  readonly scopes: ReadonlyMap<string, readonly string[]>;
}

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;
const WHERE = "readme.md: auth";

/** Reads `auth` of a provider's readme.md, but for its actions. */
export function readAuth(source: Json | undefined, ledger: Ledger, notes: Notes): Auth {
  const none: Auth = { auth: null, database: "local_path", scopes: new Map() };
  if (!isMap(source)) return none;
  const type = ledger.text(source, "type") ?? (Object.keys(source).length === 0 ? "none" : "api_key");
  switch (type) {
    case "none":
      return none;
    case "api_key":
      return { ...none, auth: apiKey(source, ledger, notes) };
    case "bearer":
    case "basic":
      return { ...none, auth: { type } };
    case "oauth2":
      return { ...none, ...oauth(source, ledger, notes) };
    case "local_path":
      return { ...none, auth: localPath(source, ledger) };
    case "connection_string": {
      const description = textAt(source, "description") ?? "The connection string of the database.";
      ledger.text(source, "description");
      return {
        ...none,
        auth: { type: "keys", keys: [{ name: "DATABASE_URL", description }] },
        database: "postgres",
      };
    }
    default:
      notes.add(
        `auth of the type ${type}`,
        WHERE,
        "no credential can be injected for it; what it needs stands in the README",
      );
      return none;
  }
}

function apiKey(source: JsonObject, ledger: Ledger, notes: Notes): JsonObject | null {
  const places = ["header", "query", "cookie"] as const;
  const place = places.find((one) => textAt(source, one) !== null) ?? "header";
  const name = ledger.text(source, place) ?? "Authorization";
  const prefix = typeof source.prefix === "string" ? source.prefix : "";
  ledger.exactly(source, "prefix", prefix);
  if (!NAME.test(name) || prefix.length > 32 || /[\r\n]/.test(prefix)) {
    notes.add(
      `the ${place} ${name}`,
      WHERE,
      "a credential can't be sent in one of that name, or with that prefix",
    );
    return null;
  }
  return {
    type: "api_key",
    ...(place === "header" ? {} : { in: place }),
    name,
    ...(prefix === "" ? {} : { prefix }),
  };
}

function oauth(source: JsonObject, ledger: Ledger, notes: Notes): Pick<Auth, "auth" | "scopes"> {
  const urls: JsonObject = {};
  for (const key of ["authorization_url", "token_url", "refresh_url"]) {
    const given = ledger.text(source, key);
    const url = httpsUrl(given);
    if (url !== null) urls[key] = url;
    else if (given !== null) notes.add(`the ${key} ${given}`, WHERE, "it is not a public https URL");
  }
  const scopes = scopesOf(source, ledger);
  if (urls.token_url === undefined || urls.authorization_url === undefined) {
    notes.add("OAuth", WHERE, "there is no authorization_url, or no token_url; nobody can sign in");
    return { auth: null, scopes };
  }
  const byApp = Object.fromEntries([...scopes].map(([app, names]) => [app, [...names]]));
  return { auth: { type: "oauth2", ...urls, ...(scopes.size === 0 ? {} : { scopes: byApp }) }, scopes };
}

/** Scopes by app; those of a plain list are for all apps. */
function scopesOf(source: JsonObject, ledger: Ledger): Map<string, readonly string[]> {
  const given = get(source, "scopes");
  const lists = Array.isArray(given) ? { default: given } : mapAt(source, "scopes");
  const scopes = new Map<string, readonly string[]>();
  const all = new Set<string>();
  for (const app of Object.keys(lists)) {
    const names = new Set<string>();
    const said = Array.isArray(given) ? ledger.texts(source, "scopes") : ledger.texts(lists, app);
    for (const name of said.map((text) => cut(oneLine(text), TEXT.name))) {
      if (all.size >= LIST.scopes && !all.has(name)) continue;
      all.add(name);
      names.add(name);
    }
    if (names.size > 0 && /^\S[^\r\n]{0,199}$/.test(app)) scopes.set(app, [...names]);
  }
  return scopes;
}

/** What is said of a path beside its endings becomes a part of its description. */
function localPath(source: JsonObject, ledger: Ledger): JsonObject {
  const endings = ledger.texts(source, "file_extensions").filter((one) => /^\.[A-Za-z0-9.]{1,16}$/.test(one));
  const said = ledger.text(source, "description") ?? ledger.text(source, "label") ?? "Path to the file";
  ledger.exactly(source, "label", source.label ?? null);
  const examples = [ledger.text(source, "placeholder"), ...ledger.texts(source, "examples")].filter(
    (one) => one !== null,
  );
  const such = examples.length === 0 ? "" : `, such as ${[...new Set(examples)].join(" or ")}`;
  const description = cut(oneLine(plainText(`${said}${such}`)), TEXT.description);
  return {
    type: "local_path",
    ...(endings.length === 0 ? {} : { file_extensions: endings.slice(0, LIST.short) }),
    description,
  };
}
