import {
  CONTRACT_NAME,
  type Contract,
  type Manifest,
  type OauthMarketplace,
  vaultPlatform,
} from "../manifest/index.ts";

/** The parameters of a link that Google Analytics and its like read. */
const DEFAULT_VARIABLES = ["campaign", "content", "medium", "term"];
const DEFAULT_PATTERN = "utm_medium={medium}&utm_campaign={campaign}&utm_content={content}&utm_term={term}";

const DROPDOWN_SOURCES = {
  generic_metrics: "public.generic_metrics",
  core_kpis: "public.core_kpis",
} as const;

/** The name of a connector's contract: `TIKTOK_ADS_CONNECTOR_CONTRACT.json`. */
export function contractFileName(slug: string): string {
  return `${vaultPlatform(slug)}_CONNECTOR_CONTRACT.json`;
}

/**
 * The God Config contract of a connector as text: always a draft that decides nothing. Pure: the same manifest gives the
 * same bytes. docs/contract.md says where each field comes from.
 */
export function contractText(manifest: Manifest): string {
  return `${JSON.stringify(contractOf(manifest), null, 2)}\n`;
}

function contractOf(manifest: Manifest): Contract {
  const { provider_slug, display_name } = manifest;
  return {
    contract_name: CONTRACT_NAME,
    provider_slug,
    display_name,
    status: "draft",
    sections: {
      dev_account: devAccount(manifest),
      scopes: scopes(manifest),
      kpi: { platform_metrics: [], metric_mappings: [], dropdown_sources: DROPDOWN_SOURCES },
      utm: utm(manifest),
      budgets: { budget_metrics: [], budget_mappings: [], dropdown_sources: DROPDOWN_SOURCES },
      oauth_marketplace: marketplace(manifest.oauth_marketplace),
      byok: byok(manifest),
    },
    notes: [],
  };
}

function devAccount({ provider_slug, naming_rule }: Manifest): Contract["sections"]["dev_account"] {
  const rule = naming_rule.replace("{KEY}", "KEY");
  const hint = rule.replace("{PLATFORM}", vaultPlatform(provider_slug));
  return {
    system_dev_username: "",
    vault_integration: { enabled: true, vault_key_hint: hint },
    tenant_owned_keys: [],
    standardization: { naming_rule: rule, platform_name_source: "connector_providers.platform_slug" },
    secondary_information: [],
  };
}

/** All scopes, none of them decided: what a manifest proposes of firearms is for the review alone. */
function scopes(manifest: Manifest): Contract["sections"]["scopes"] {
  return {
    categories: [],
    scopes: manifest.scopes.map(({ name, type, description }) => ({
      scope_name: name,
      scope_type: type ?? "",
      description: description ?? "",
      requires_firearm: false,
      firearm_type_id: "",
    })),
    firearms_gate: { requires_firearm_field: "requires_firearm", firearm_type_field: "firearm_type_id" },
  };
}

function utm({ provider_slug, utm: declared }: Manifest): Contract["sections"]["utm"] {
  const schema = {
    static_params: declared?.static_params ?? { utm_source: provider_slug },
    allowed_variables: declared?.allowed_variables ?? DEFAULT_VARIABLES,
    pattern_structure: declared === null ? DEFAULT_PATTERN : (declared.pattern ?? ""),
  };
  return { templates: [], schema: { provider_slug, ...schema } };
}

function marketplace(declared: OauthMarketplace | null): Contract["sections"]["oauth_marketplace"] {
  return {
    free_testing_limit: declared?.free_testing_limit ?? "",
    authorization_links: declared?.authorization_links ?? [],
    functional_summary: declared?.functional_summary ?? "",
  };
}

/** Where a manifest does not say how a tenant signs in, but there are scopes to ask for, either way is open. */
function byok({ auth_mode, scopes: declared }: Manifest): Contract["sections"]["byok"] {
  const mode = auth_mode ?? (declared.length > 0 ? "both" : null);
  return {
    oauth_only: mode === "oauth",
    byok_only: mode === "byok",
    oauth_and_byok: mode === "both",
  };
}
