import * as z from "zod";
import { CONTRACT_NAME, LIST, TEXT } from "../limits.ts";
import { manifest } from "./manifest.ts";
import { httpsUrl, identifier, json, line, name } from "./parts.ts";

/** Where the review gets the choices of its lists from. */
const dropdownSources = z.strictObject({
  generic_metrics: z.literal("public.generic_metrics"),
  core_kpis: z.literal("public.core_kpis"),
});

/** One line of text, or nothing. */
function blankOrLine(max: number): z.ZodString {
  return z
    .string()
    .max(max)
    .regex(/^(?:[^\S\r\n]*[^\s][^\r\n]*\n*)?$/, "one line of text, or nothing")
    .trim();
}

const text = z.string().max(TEXT.long);
const list = z.array(json).max(LIST.scopes);

const devAccount = z.strictObject({
  system_dev_username: text,
  vault_integration: z.strictObject({ enabled: z.boolean(), vault_key_hint: text }),
  tenant_owned_keys: z.array(z.strictObject({ name_example: text, description: text })).max(LIST.short),
  standardization: z.strictObject({
    naming_rule: line(TEXT.name),
    platform_name_source: z.literal("connector_providers.platform_slug"),
  }),
  secondary_information: list,
});

const scope = z.strictObject({
  scope_name: name,
  scope_type: blankOrLine(TEXT.name),
  description: z.string().max(TEXT.description),
  requires_firearm: z.boolean(),
  firearm_type_id: text,
});

const scopes = z.strictObject({
  categories: list,
  scopes: z.array(scope).max(LIST.scopes),
  firearms_gate: z.strictObject({
    requires_firearm_field: z.literal("requires_firearm"),
    firearm_type_field: z.literal("firearm_type_id"),
  }),
});

const utm = z.strictObject({
  templates: list,
  schema: z.strictObject({
    provider_slug: text,
    static_params: z.record(line(TEXT.version), z.string().max(TEXT.name)),
    allowed_variables: z.array(identifier).max(LIST.short),
    pattern_structure: blankOrLine(TEXT.template),
  }),
});

const oauthMarketplace = z.strictObject({
  free_testing_limit: z.union([blankOrLine(TEXT.name), z.int().min(0)]),
  authorization_links: z.array(httpsUrl).max(LIST.short),
  functional_summary: z.string().max(TEXT.description),
});

/** The God Config contract: every key there is, in the order of writing; none may be missing and no other be there. */
export const contract = z.strictObject({
  contract_name: z.literal(CONTRACT_NAME),
  provider_slug: manifest.shape.provider_slug,
  display_name: manifest.shape.display_name,
  status: z.literal("draft"),
  sections: z.strictObject({
    dev_account: devAccount,
    scopes,
    kpi: z.strictObject({ platform_metrics: list, metric_mappings: list, dropdown_sources: dropdownSources }),
    utm,
    budgets: z.strictObject({
      budget_metrics: list,
      budget_mappings: list,
      dropdown_sources: dropdownSources,
    }),
    oauth_marketplace: oauthMarketplace,
    byok: z.strictObject({ oauth_only: z.boolean(), byok_only: z.boolean(), oauth_and_byok: z.boolean() }),
  }),
  notes: z.array(text).max(LIST.short),
});

/** A contract as it is written. */
export type Contract = z.infer<typeof contract>;
