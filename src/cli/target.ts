import { resolve } from "node:path";
import { registerSecret, UserError } from "../base/index.ts";

/** What one place (flags, environment, file) says of where the registry is. */
export interface RegistryLayer {
  /** The place, for messages. */
  readonly from: string;
  readonly directory: string | null;
  readonly databaseUrl: string | null;
  readonly supabaseUrl: string | null;
  /** The API key for Supabase; from the environment only. */
  readonly key: string | null;
  /** A signed-in admin's token for Supabase; from the environment only. */
  readonly accessToken: string | null;
  /** The runtime's token for Supabase; from the environment only. */
  readonly runtimeToken: string | null;
}

/** Where the registry is. */
export type RegistryTarget =
  | { readonly kind: "pglite"; readonly directory: string }
  | { readonly kind: "postgres"; readonly url: string }
  | {
      readonly kind: "supabase";
      readonly url: string;
      readonly key: string;
      readonly accessToken: string | null;
      readonly runtimeToken: string | null;
    };

/** The password in a URL, before the host or among the parameters; or null. */
export function passwordOf(url: string): string | null {
  const before = /^[a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:([^\s/]+)@/i.exec(url)?.[1];
  return before ?? /[?&]password=([^&\s]+)/i.exec(url)?.[1] ?? null;
}

/**
 * Decides where the registry is: the strongest place that names one; none: embedded, in `.sentinel/registry`.
 * @param layers strongest first
 * @throws UserError when a place names two, or what it names can't be one
 */
export function registryTarget(layers: readonly RegistryLayer[], cwd: string): RegistryTarget {
  for (const layer of layers) {
    const { directory, databaseUrl, supabaseUrl, from } = layer;
    const named = [directory, databaseUrl, supabaseUrl].filter((value) => value !== null);
    if (named.length > 1) {
      throw new UserError(
        "config.two_registries",
        `Two registries are named by ${from}.`,
        "Keep one of them.",
      );
    }
    if (directory !== null) return { kind: "pglite", directory: resolve(cwd, directory) };
    if (databaseUrl !== null) return { kind: "postgres", url: postgresUrl(databaseUrl, from) };
    if (supabaseUrl !== null) return supabase(layer, supabaseUrl);
  }
  return { kind: "pglite", directory: resolve(cwd, ".sentinel", "registry") };
}

function postgresUrl(text: string, from: string): string {
  const url = /^postgres(?:ql)?:\/\//i.test(text) ? addressed(text) : null;
  if (url === null) {
    const message = `The database URL given by ${from} is not a URL of PostgreSQL.`;
    throw new UserError("config.database_url", message, "Write postgres://user@host:5432/database.");
  }
  const password = passwordOf(url);
  if (password !== null) registerSecret(decode(password));
  return url;
}

/**
 * The URL with host and port at their place: PostgreSQL's own tools take them among the parameters too, as for the folder of a
 * Unix socket (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING). Null: it is no URL.
 */
function addressed(text: string): string | null {
  // A second @ would be of a password that is not encoded: no part of that may be taken for a name.
  const hostless = /^[^@]*@\/[^@]*$/.test(text);
  const url = URL.parse(hostless ? text.replace("@/", "@localhost/") : text);
  if (url === null) return null;
  const host = url.searchParams.get("host");
  if (host === null || host === "") return hostless ? url.href : text;
  url.hostname = host.startsWith("/") ? encodeURIComponent(host) : host.includes(":") ? `[${host}]` : host;
  url.searchParams.delete("host");
  const port = url.searchParams.get("port");
  if (port !== null) url.port = port;
  url.searchParams.delete("port");
  return url.href;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function supabase({ key, accessToken, runtimeToken, from }: RegistryLayer, url: string): RegistryTarget {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    const message = `The Supabase URL given by ${from} is not a URL.`;
    throw new UserError("config.supabase_url", message, "Write https://<project>.supabase.co.");
  }
  if (key === null) {
    throw new UserError(
      "config.supabase_key",
      `Supabase is named by ${from}, but there is no key for it.`,
      "Set SUPABASE_SECRET_KEY (a person who reviews: SUPABASE_PUBLISHABLE_KEY and SENTINEL_ACCESS_TOKEN), or name another registry with --registry or --database-url.",
    );
  }
  return { kind: "supabase", url, key, accessToken, runtimeToken };
}
