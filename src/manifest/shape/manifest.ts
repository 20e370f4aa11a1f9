import * as z from "zod";
import { LIST, MAX_TOOLS, TEXT } from "../limits.ts";
import { SLUG } from "../source/name.ts";
import { tool } from "./execution.ts";
import { httpsTemplate, httpsUrl, identifier, jsonObject, line, name, prose } from "./parts.ts";

const firearmType = z
  .string()
  .max(TEXT.slug)
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, "letters, digits and underscores, such as AD_SPEND_EXECUTE");

const scope = z.strictObject({
  name,
  type: line(TEXT.name).optional(),
  category: line(TEXT.name).optional(),
  description: prose(TEXT.description).optional(),
  requires_firearm: z.boolean().optional(),
  firearm_type: firearmType.optional(),
  source: httpsUrl.optional(),
  since: line(TEXT.version).optional(),
});

const kpi = z.strictObject({
  raw: name,
  standard: name,
  aggregation: z.enum(["sum", "avg", "max"]).optional(),
  unit: line(TEXT.version).optional(),
  description: prose(TEXT.description).optional(),
});

const budget = z.strictObject({ name, description: prose(TEXT.description).optional() });

const utm = z.strictObject({
  static_params: z.record(line(TEXT.version), z.string().max(TEXT.name)).optional(),
  allowed_variables: z.array(identifier).max(LIST.short).optional(),
  pattern: line(TEXT.template).optional(),
});

const oauthMarketplace = z.strictObject({
  free_testing_limit: z.union([line(TEXT.name), z.int().min(0)]).optional(),
  authorization_links: z.array(httpsUrl).max(LIST.short).optional(),
  functional_summary: prose(TEXT.description).optional(),
});

const accountField = z.strictObject({
  name: identifier,
  description: prose(TEXT.description).optional(),
  default: line(TEXT.name).optional(),
  values: z.array(line(TEXT.name)).min(1).max(LIST.short).optional(),
});

/** The semantic version grammar of semver.org, 2.0.0. */
const semver = z
  .string()
  .max(TEXT.version)
  .regex(
    /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/,
    "a semantic version, such as 1.0.0",
  );

/** A manifest.yaml as it is written, but for `auth`, whose shape depends on its kind (`auth.ts`). */
export const manifest = z.strictObject({
  manifest_version: z.literal(1).optional(),
  provider_slug: z
    .string()
    .max(TEXT.slug)
    .regex(SLUG, "lower-case letters and digits with single - or _ between them, starting with a letter"),
  display_name: line(TEXT.display_name),
  summary: line(TEXT.summary).optional(),
  version: semver.optional(),
  homepage: httpsUrl.optional(),
  docs_url: httpsUrl.optional(),
  icon: z
    .string()
    .max(TEXT.name)
    .regex(
      /^(?:[a-z0-9-]+:[a-z0-9-]+|[A-Za-z0-9][A-Za-z0-9._-]*\.(?:svg|png|jpg|webp))$/,
      "a file such as icon.svg, or set:name",
    )
    .optional(),
  platform: z.enum(["all", "macos", "windows", "linux"]).optional(),
  instructions: prose(TEXT.long).optional(),
  naming_rule: line(TEXT.name).optional(),
  auth_mode: z.enum(["oauth", "byok", "both"]).optional(),
  auth: z.unknown().optional(),
  scopes: z.array(scope).max(LIST.scopes).optional(),
  kpis: z.array(kpi).max(LIST.kpis).optional(),
  budgets: z.array(budget).max(LIST.budgets).optional(),
  utm_capabilities: z.array(name).max(LIST.short).optional(),
  utm: utm.optional(),
  oauth_marketplace: oauthMarketplace.optional(),
  base_url: httpsTemplate.optional(),
  account_fields: z.array(accountField).max(LIST.short).optional(),
  schemas: z.record(identifier, jsonObject).optional(),
  tools: z.array(tool).max(MAX_TOOLS).optional(),
});

/** A tools/<group>.yaml that is a list. */
export const toolsFile = z.array(tool).max(MAX_TOOLS);

/** A tools/<group>.yaml that is a map. */
export const toolsMap = manifest.pick({ schemas: true, tools: true });

export type RawManifest = z.infer<typeof manifest>;
export type RawAccountField = z.infer<typeof accountField>;
export type RawToolsMap = z.infer<typeof toolsMap>;
export type RawScope = z.infer<typeof scope>;
