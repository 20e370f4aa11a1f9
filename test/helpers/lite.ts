import { App } from "@supabase/lite";
import { createPostgresConnection } from "@supabase/lite/postgres";
import type { PostgresServer } from "./postgres.ts";
import { type Postgrest, supabaseRoles, TOKEN_SECRET } from "./postgrest.ts";

/**
 * Starts Supabase Lite in this process over a database, with three corrections: its driver encodes jsonb twice, it grants
 * everything to every API role, and it connects as whoever the URL says, which must be a login that is nothing by itself.
 */
export async function startLite(server: PostgresServer, database: string): Promise<Postgrest> {
  await supabaseRoles(server, database);
  const jsonb = {
    to: 3802,
    from: [114, 3802],
    serialize: (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value)),
    parse: (text: string) => JSON.parse(text),
  };
  const connection = createPostgresConnection({
    url: server.url(database, "authenticator"),
    postgresOptions: { types: { jsonb }, max: 2 },
  });
  Reflect.set(connection, "ensureRlsContext", async () => true);
  const app = new App({ connection, auth: { enabled: false, jwt_secret: TOKEN_SECRET } });
  return {
    url: "http://127.0.0.1:54321",
    fetch: async (input, init) => app.fetch(new Request(input, init)),
    stop: () => connection.close(),
  };
}
