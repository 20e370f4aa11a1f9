import { RegistryRefusal, RegistryUnavailable, UserError } from "../base/index.ts";
import { isLeaseRefusal } from "./lease.ts";
import type { Trouble } from "./state.ts";

/** What a failed pass means: what to say, and whether the lease is gone. */
export function troubleOf(error: unknown): { readonly kind: Trouble["kind"]; readonly why: string } {
  if (!(error instanceof UserError)) {
    const what = error instanceof Error ? error.message : String(error);
    return { kind: "failed", why: `The pass failed by a bug of the Sentinel: ${what}` };
  }
  if (isLeaseRefusal(error)) return { kind: "standby", why: standby(error) };
  // The embedded registry in another process's hands is away just like a database that is down.
  const away = error instanceof RegistryUnavailable || error.code === "registry.locked";
  return { kind: away ? "registry" : "failed", why: error.message };
}

function standby(error: UserError): string {
  const details = error instanceof RegistryRefusal ? error.details : null;
  const holder =
    details !== null && typeof details === "object" && !Array.isArray(details) ? details.holder : null;
  if (typeof holder === "string") return `Standing by: "${holder}" holds the lease of this source.`;
  return `Standing by: ${error.message}`;
}
