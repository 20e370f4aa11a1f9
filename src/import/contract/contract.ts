import { type Diagnostic, type Json, type JsonObject, UserError } from "../../base/index.ts";
import {
  type Contract,
  manifestNamingRule,
  nameProblem,
  readContract,
  vaultPlatform,
} from "../../manifest/index.ts";
import { writeFolder } from "../folder.ts";
import { isMap } from "../json.ts";
import { Notes } from "../notes.ts";
import type { Draft, Imported } from "../types.ts";

export interface ContractOptions {
  /** The connector's provider_slug; the contract's if absent. */
  readonly slug?: string;
  /** What diagnostics call the file; the README has its last part. */
  readonly file: string;
}

/** A folder, or what is wrong with the contract. */
export type ImportedContract =
  | { readonly imported: Imported; readonly diagnostics: readonly [] }
  | { readonly imported: null; readonly diagnostics: readonly Diagnostic[] };

/**
 * Makes a connector's folder of a God Config contract. Everything that the Sentinel itself writes into a contract comes
 * over, so that the contract of the folder is the same to the byte. Pure.
 * @throws UserError `import.slug`, `import.too_large`
 */
export async function importContract(bytes: Uint8Array, options: ContractOptions): Promise<ImportedContract> {
  const { value, diagnostics } = readContract(bytes, options.file);
  if (value === null) return { imported: null, diagnostics };
  const slug = options.slug ?? value.provider_slug;
  if (nameProblem(slug) !== null) {
    const hint = "Use lower-case letters, digits and single - or _ between them, starting with a letter.";
    throw new UserError(
      "import.slug",
      `${JSON.stringify(slug)} is not a name for a connector's folder.`,
      hint,
    );
  }
  const notes = new Notes();
  noteHumanFields(value, notes);
  // Where it lay on this machine is nobody's business.
  const draft = draftOf(slug, value, options.file.split(/[/\\]/).at(-1) ?? "");
  const carried = { scopes: value.sections.scopes.scopes.length };
  return { imported: await writeFolder(draft, carried, notes), diagnostics: [] };
}

function draftOf(slug: string, contract: Contract, source: string): Draft {
  const { display_name, sections } = contract;
  const rule = manifestNamingRule(sections.dev_account.standardization.naming_rule);
  const mode = modeOf(sections.byok);
  const scopes = sections.scopes.scopes.map(({ scope_name, scope_type, description }) => ({
    name: scope_name,
    ...filled({ type: scope_type, description }),
  }));
  const { authorization_links: links, ...marketplace } = sections.oauth_marketplace;
  const oauth = { ...filled(marketplace), ...(links.length === 0 ? {} : { authorization_links: links }) };
  return {
    slug,
    fields: {
      manifest_version: 1,
      provider_slug: slug,
      display_name,
      ...(rule === "PROVIDER_{PLATFORM}_{KEY}" ? {} : { naming_rule: rule }),
      ...(mode === null ? {} : { auth_mode: mode }),
      ...(scopes.length === 0 ? {} : { scopes }),
      utm: utmOf(sections.utm.schema),
      ...(Object.keys(oauth).length === 0 ? {} : { oauth_marketplace: oauth }),
    },
    schemas: new Map(),
    tools: [],
    readme: {
      about: `Imported from the God Config contract of ${display_name}: ${scopes.length} scopes, and no tools.`,
      setUp:
        "A contract does not say how to sign in: write `auth`, `base_url` and `tools` into `manifest.yaml`.",
      sources: [`God Config contract: ${source}`],
      limitations: ["There are no tools yet: a contract lists scopes only."],
    },
  };
}

/** The fields that say something. */
function filled(fields: Readonly<Record<string, string | number>>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
}

function modeOf({ oauth_only, byok_only, oauth_and_byok }: Contract["sections"]["byok"]): string | null {
  if (oauth_only) return "oauth";
  if (byok_only) return "byok";
  return oauth_and_byok ? "both" : null;
}

/** Even an empty one is said: without `utm`, a contract has the usual parameters. */
function utmOf(schema: Contract["sections"]["utm"]["schema"]): JsonObject {
  const { static_params, allowed_variables, pattern_structure } = schema;
  return {
    ...(Object.keys(static_params).length === 0 ? {} : { static_params }),
    ...(allowed_variables.length === 0 ? {} : { allowed_variables }),
    ...filled({ pattern: pattern_structure }),
  };
}

const KEPT_ELSEWHERE = "it is kept in the registry, where people enter it, and not in a manifest";
const IN_REVIEW = "a person enters it in the review";

/** What people fill in, and no manifest holds. */
function noteHumanFields({ provider_slug, sections, notes: remarks }: Contract, notes: Notes): void {
  const { dev_account: account, scopes, kpi, utm } = sections;
  const note = (where: string, value: Json, why: string): void => {
    if (isBlank(value)) return;
    const [key = ""] = where.split(".").slice(-1);
    notes.add(`${/^\d/.test(key) ? "" : `${key}: `}${JSON.stringify(value)}`, where, why);
  };
  const at = "sections.dev_account";
  note(`${at}.system_dev_username`, account.system_dev_username, KEPT_ELSEWHERE);
  note(`${at}.secondary_information`, asJson(account.secondary_information), KEPT_ELSEWHERE);
  const hint = account.vault_integration.vault_key_hint;
  const rule = account.standardization.naming_rule.replace("{KEY}", "KEY");
  if (hint !== rule.replace("{PLATFORM}", vaultPlatform(provider_slug))) {
    note(`${at}.vault_integration.vault_key_hint`, hint, "the naming rule gives the names of keys");
  }
  for (const [index, key] of account.tenant_owned_keys.entries()) {
    const why = "keys are named by the naming rule, as auth says which there are";
    note(`${at}.tenant_owned_keys.${index}`, key, why);
  }
  if (!account.vault_integration.enabled) {
    notes.add("vault_integration.enabled: false", at, "every credential is stored in the vault");
  }
  note("sections.scopes.categories", asJson(scopes.categories), "a scope names its category itself");
  note("sections.kpi.platform_metrics", asJson(kpi.platform_metrics), IN_REVIEW);
  note("sections.utm.templates", asJson(utm.templates), IN_REVIEW);
  for (const [index, remark] of remarks.entries())
    note(`notes.${index}`, remark, "a manifest has no remarks");
}

/** Through text: what was read from JSON is JSON. */
function asJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}

/** Whether a value says nothing: empty, or made of what is empty, as a blank row is. */
function isBlank(value: Json): boolean {
  if (Array.isArray(value)) return value.every(isBlank);
  if (isMap(value)) return Object.values(value).every(isBlank);
  return value === "" || value === null;
}
