import type { Account, AgentToken, Grant } from "../../registry/index.ts";
import { clean, columns, type Paint } from "./text.ts";

/** Accounts and their secrets by name; for one connector also what it asks for and does not have. */
export function vaultLines(
  accounts: readonly Account[],
  wanted: readonly { readonly key: string; readonly optional: boolean }[],
  slug: string | null,
  colour: Paint,
): string[] {
  const shown =
    accounts.length === 0 && slug !== null
      ? [{ provider_slug: slug, account: "default", fields: {}, secrets: [] }]
      : accounts;
  const rows = shown.flatMap(({ provider_slug, account, fields, secrets }) => {
    const place = `${provider_slug}:${account}`;
    const missing = wanted.filter(({ key }) => !secrets.some((secret) => secret.key === key));
    return [
      ...secrets.map(({ key, key_name, key_id }) => [place, key, key_name, `stored, key ${key_id}`]),
      ...missing.map(({ key, optional }) => [place, key, "-", optional ? "not stored, optional" : "MISSING"]),
      ...Object.entries(fields).map(([name, value]) => [place, `field ${name}`, "-", String(value)]),
    ];
  });
  if (rows.length === 0)
    return [slug === null ? "The vault is empty." : `${clean(slug)} asks for no secret.`];
  return columns(["account", "key", "name", "state"], rows, colour);
}

/** Grants as a table. */
export function grantLines(grants: readonly Grant[], colour: Paint): string[] {
  const rows = grants.map((grant) => [
    grant.agent,
    grant.firearm_type,
    grant.state,
    grant.max_uses === null ? `${grant.used_count}` : `${grant.used_count} of ${grant.max_uses}`,
    grant.expires_at,
    grant.granted_by,
    grant.grant_id,
  ]);
  return columns(["agent", "firearm", "state", "used", "ends", "granted by", "id"], rows, colour);
}

/** Tokens as a table. */
export function tokenLines(tokens: readonly AgentToken[], colour: Paint): string[] {
  const rows = tokens.map((token) => [
    token.agent,
    token.revoked_at === null ? "not revoked" : `revoked ${token.revoked_at}`,
    token.expires_at ?? "never",
    token.created_at,
    token.created_by,
    token.token_id,
  ]);
  return columns(["agent", "state", "ends", "made", "made by", "id"], rows, colour);
}
