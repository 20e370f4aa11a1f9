import type { SupabaseClient } from "@supabase/supabase-js";
import { type Json, type JsonObject, RegistryRefusal, type UserError } from "../../base/index.ts";
import type { Caller, Driver, MigrationReport } from "../contract.ts";
import { remedyOf, toError, unavailable, userError } from "../failure.ts";
import { migrationNames, missingFrom } from "../migrations.ts";

/** Above the server's own limit of 8 s for a statement, so that its answer is heard. */
const ANSWER_MS = 30_000;

interface Options {
  /** The project's URL. */
  readonly url: string;
  /** A secret key for the machine; for a signed-in person the publishable key will do. */
  readonly key: string;
  /** The session token of a signed-in admin; without it only the machine face works. */
  readonly accessToken?: string;
  /** A token of the role sentinel_runtime; without it the runtime face does not work. */
  readonly runtimeToken?: string;
  readonly fetch?: typeof fetch;
}

class SupabaseDriver implements Driver {
  readonly kind = "supabase";
  readonly location: string;
  readonly #options: Options;
  readonly #clients = new Map<string, Promise<SupabaseClient>>();

  constructor(options: Options) {
    this.#options = options;
    this.location = locationOf(options.url);
  }

  async call(fn: string, args: JsonObject, caller: Caller): Promise<Json> {
    const client = await this.#clientOf(caller);
    const { data, error, status } = await client.rpc(fn, args).abortSignal(AbortSignal.timeout(ANSWER_MS));
    if (!error) {
      const result: Json = data;
      return result;
    }
    const { code, message, details } = error;
    if (status === 0 || status === 408 || status === 429 || status >= 500) {
      throw unavailable(this.location, `${message || "no answer"}`.replace(/\s+/g, " "), error);
    }
    if (status === 401 && code !== "42501") throw this.#loginFailed(error);
    throw toError({ code: code || null, message, detail: details || null }, this.location, error);
  }

  /** Supabase's migrations are its own CLI's to run: looks whether it has run them. */
  async migrate(): Promise<MigrationReport> {
    const present = await this.call("sentinel_version", {}, { face: "machine" });
    const names = Array.isArray(present) ? present.map(String) : [];
    const missing = missingFrom(names).map(({ name }) => name);
    if (missing.length > 0) {
      throw userError(
        "registry.not_migrated",
        `The registry at ${this.location} lacks ${missing.join(", ")}.`,
      );
    }
    return { applied: [], total: migrationNames().length };
  }

  async close(): Promise<void> {
    this.#clients.clear();
  }

  #clientOf(caller: Caller): Promise<SupabaseClient> {
    const token = this.#tokenOf(caller);
    let client = this.#clients.get(caller.face);
    if (!client) {
      client = connect(this.#options, token);
      this.#clients.set(caller.face, client);
    }
    return client;
  }

  /** The secret key is the machine's own: it reads no secret and decides nothing. */
  #tokenOf({ face }: Caller): string | undefined {
    const { accessToken, runtimeToken } = this.#options;
    if (face === "human" && accessToken === undefined) {
      throw new RegistryRefusal(
        "registry.forbidden",
        "On Supabase a person decides as the signed-in admin, and nobody is signed in.",
        remedyOf("registry.not_admin"),
      );
    }
    if (face === "runtime" && runtimeToken === undefined) {
      throw new RegistryRefusal(
        "registry.forbidden",
        "On Supabase the runtime needs a token of the role sentinel_runtime, and there is none.",
        "Set SENTINEL_RUNTIME_TOKEN (docs/registry.md).",
      );
    }
    return face === "human" ? accessToken : face === "runtime" ? runtimeToken : undefined;
  }

  #loginFailed(cause: unknown): UserError {
    return userError(
      "registry.login_failed",
      `Supabase at ${this.location} does not accept the key or session.`,
      {
        cause,
      },
    );
  }
}

async function connect(options: Options, token: string | undefined): Promise<SupabaseClient> {
  const { createClient } = await import("@supabase/supabase-js");
  return createClient(options.url, options.key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: {
      ...(token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } }),
      ...(options.fetch ? { fetch: options.fetch } : {}),
    },
  });
}

function locationOf(url: string): string {
  try {
    const { protocol, origin } = new URL(url);
    if (protocol !== "https:" && protocol !== "http:") throw new TypeError("not a web address");
    return origin;
  } catch {
    throw userError("registry.bad_url", "The Supabase URL is not an https:// address.");
  }
}

/**
 * The registry in a Supabase project, over supabase-js `.rpc()`; loads the client at the first call.
 * Who a person is, the access token says: the caller's name is not used.
 * @throws UserError `registry.bad_url`; from calls `registry.login_failed`, `registry.not_migrated`
 */
export function openSupabase(options: Options): Driver {
  return new SupabaseDriver(options);
}
