import type { Caller } from "./contract.ts";

/** The database role that a caller acts as, and the claims that the SQL functions read of it. */
export interface Identity {
  readonly role: string;
  /** JSON for `request.jwt.claims`, shaped as Supabase's tokens are. */
  readonly claims: string;
}

/** Who a caller is to a database that we speak to directly; on Supabase its token says so. */
export function identityOf(caller: Caller): Identity {
  switch (caller.face) {
    case "human": {
      const claims = { role: "authenticated", sub: caller.name, app_metadata: { role: "admin" } };
      return { role: claims.role, claims: JSON.stringify(claims) };
    }
    case "machine":
      return { role: "sentinel_writer", claims: '{"role":"sentinel_writer"}' };
    case "runtime":
      return { role: "sentinel_runtime", claims: '{"role":"sentinel_runtime"}' };
  }
}
