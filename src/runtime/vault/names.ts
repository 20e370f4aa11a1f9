import { CODES, UserError } from "../../base/index.ts";
import type { Auth, ExtraKey, Manifest } from "../../manifest/index.ts";

/** The account of a connector that has only one and gave it no name. */
export const DEFAULT_ACCOUNT = "default";

const ACCOUNT = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/**
 * Reads `slug` or `slug:account`.
 * @returns the account null where none is named
 * @throws UserError `account.bad_name`
 */
export function parseAccount(text: string): { readonly connector: string; readonly account: string | null } {
  const [connector = "", account, ...more] = text.split(":");
  if (account === undefined) return { connector, account: null };
  if (more.length > 0 || !ACCOUNT.test(account) || account.length > 40) {
    throw new UserError(
      "account.bad_name",
      `${text} does not name an account.`,
      CODES["account.bad_name"].remedy,
    );
  }
  return { connector, account };
}

/**
 * The name of a secret, as people read it: `PROVIDER_SHOPIFY_ACCESS_TOKEN` for the default account,
 * `PROVIDER_SHOPIFY__EU_1__ACCESS_TOKEN` for the account `eu-1`. Neither a slug's nor an account's part holds two
 * underscores in a row, so no two accounts come out alike; whose a secret is, the registry knows by columns of its own.
 */
export function secretName(
  { naming_rule, provider_slug }: Pick<Manifest, "naming_rule" | "provider_slug">,
  account: string,
  key: string,
): string {
  const platform = capitals(provider_slug);
  const named = account === DEFAULT_ACCOUNT ? platform : `${platform}__${capitals(account)}_`;
  return naming_rule.replace("{PLATFORM}", () => named).replace("{KEY}", () => key);
}

const capitals = (text: string): string => text.toUpperCase().replaceAll("-", "_");

/** A secret that a connector asks for. */
export interface WantedSecret {
  readonly key: string;
  readonly optional: boolean;
}

/** The KEYs that a connector asks the vault for; docs/runtime.md lists them. */
export function wantedSecrets({ auth, tools }: Pick<Manifest, "auth" | "tools">): WantedSecret[] {
  const queries = tools.flatMap((tool) => [tool.sql, ...(tool.steps ?? []).map((step) => step.sql)]);
  const database = queries.some((sql) => sql?.database === "postgres") ? [needed("DATABASE_URL")] : [];
  return [...own(auth), ...("also" in auth ? auth.also.map(extra) : []), ...database];
}

function own(auth: Auth): WantedSecret[] {
  switch (auth.type) {
    case "none":
    case "local_path":
      return [];
    case "api_key":
      return [needed("API_KEY")];
    case "bearer":
      return [needed("ACCESS_TOKEN")];
    case "basic":
      return [needed("USERNAME"), { key: "PASSWORD", optional: true }];
    case "oauth2":
      return [
        needed("CLIENT_ID"),
        { key: "CLIENT_SECRET", optional: auth.grant === "authorization_code" },
        ...["ACCESS_TOKEN", "REFRESH_TOKEN"].map((key) => ({ key, optional: true })),
      ];
    case "keys":
      return auth.keys.map(({ name, optional }) => ({ key: name, optional }));
  }
}

const needed = (key: string): WantedSecret => ({ key, optional: false });

/** The name in capitals, with underscores for what is neither letter nor digit. */
function extra({ name }: ExtraKey): WantedSecret {
  return needed(name.toUpperCase().replace(/[^A-Z0-9]+/g, "_"));
}
