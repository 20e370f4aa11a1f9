import { type Diagnostic, diagnostic, type Json } from "../base/index.ts";
import { asList, asMap, asText } from "./declared.ts";
import { Document } from "./document.ts";
import { type Finding, Lines, type Path } from "./finding.ts";
import { jsonFault } from "./json.ts";
import { isNamingRule } from "./rules/identity.ts";
import { checkUrl } from "./rules/url.ts";
import { checkShape, show } from "./shape/check.ts";
import { type Contract, contract as shape } from "./shape/contract.ts";
import { nameProblem } from "./source/name.ts";
import { decodeText } from "./text.ts";

/** What a contract's file says, or null where anything is wrong with it. */
export interface ContractFile {
  readonly value: Contract | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a God Config contract: strict JSON of exactly the contract's keys, with its locked fields as they are locked. All
 * that is wrong is told at once, with line and column. JSON is a part of the YAML that manifests are read in, so one
 * reader finds the places in both.
 * @param display what diagnostics call the file
 */
export function readContract(bytes: Uint8Array, display: string): ContractFile {
  const { text, problems } = decodeText(bytes);
  const strange = problems.some(({ code }) => code === "file.byte_order_mark" || code === "file.not_utf8");
  const fault = strange ? null : jsonFault(text);
  if (fault !== null) {
    const span = new Lines(text).span(fault, fault + 1);
    const message = text.trim() === "" ? "There is nothing in the file." : "The file stops being JSON here.";
    return { value: null, diagnostics: [diagnostic("import.not_json", display, span, message)] };
  }
  const document = new Document(display, bytes);
  const { root } = document;
  const find = (findings: readonly Finding[], step: "text" | "shape" | "rules"): void => {
    for (const finding of findings) document.find(finding, step);
  };
  // Locks first, so that the shape does not speak of the same place in other words.
  if (root !== null) find(locksOf(root.value), "text");
  const checked = root === null ? null : checkShape(shape, root.value);
  find(checked?.findings ?? [], "shape");
  if (checked?.value) find(rulesOf(checked.value), "rules");
  const diagnostics = document.diagnostics();
  return { value: diagnostics.length > 0 ? null : (checked?.value ?? null), diagnostics };
}

/** A rule of naming as contracts write it, where KEY is a word, as manifests do: the last KEY is the placeholder. */
export function manifestNamingRule(rule: string): string {
  return rule.includes("{KEY}") ? rule : rule.replace(/KEY(?!.*KEY)/, "{KEY}");
}

function locked(path: Path, message: string): Finding {
  return { code: "import.contract_locked", path, at: "value", message };
}

/** What a person decides, and no contract that is imported. Values of wrong types are the shape's business. */
function locksOf(root: Json): Finding[] {
  const found: Finding[] = [];
  const { status, sections } = asMap(root) ?? {};
  if (typeof status === "string" && status !== "draft") {
    found.push(locked(["status"], `status is ${show(status)}, but everything is born a draft.`));
  }
  const parts = asMap(sections) ?? {};
  asList(asMap(parts.scopes)?.scopes).forEach((item, index) => {
    const path = ["sections", "scopes", "scopes", index];
    const scope = asMap(item);
    if (scope?.requires_firearm === true) {
      found.push(locked([...path, "requires_firearm"], "Only a person decides on firearms."));
    }
    if ((asText(scope?.firearm_type_id) ?? "") !== "") {
      found.push(locked([...path, "firearm_type_id"], "Only a person chooses the type of a firearm."));
    }
  });
  for (const [section, key] of BLANK) {
    if (asList(asMap(parts[section])?.[key]).length === 0) continue;
    found.push(locked(["sections", section, key], `${key} is filled in by a person.`));
  }
  return found;
}

/** Lists that stay empty until a person fills them in. */
const BLANK = [
  ["kpi", "metric_mappings"],
  ["budgets", "budget_metrics"],
  ["budgets", "budget_mappings"],
] as const;

/** What holds between the parts of a contract: the same as between those of the manifest that it becomes. */
function rulesOf({ provider_slug: slug, sections }: Contract): Finding[] {
  const found: Finding[] = [];
  const report = (code: Finding["code"], path: Path, message: string, hint?: string): void => {
    found.push({ code, path, at: "value", message, hint });
  };
  const { dev_account: account, scopes, utm, oauth_marketplace: marketplace, byok } = sections;
  const problem = nameProblem(slug);
  if (problem !== null) report(problem.code, ["provider_slug"], problem.message);
  const rule = manifestNamingRule(account.standardization.naming_rule);
  if (!isNamingRule(rule)) {
    const path = ["sections", "dev_account", "standardization", "naming_rule"];
    const hint = "Write PROVIDER_{PLATFORM}_KEY, or capitals and underscores around {PLATFORM} and KEY.";
    report("manifest.naming_rule", path, `${show(rule)} does not give a vault key name.`, hint);
  }
  const names = scopes.scopes.map(({ scope_name }) => scope_name);
  for (const index of repeated(names)) {
    const path = ["sections", "scopes", "scopes", index, "scope_name"];
    report("scope.duplicate", path, `${show(names[index])} is there already.`);
  }
  found.push(...utmRules(utm.schema, slug));
  marketplace.authorization_links.forEach((url, index) => {
    checkUrl(url, ["sections", "oauth_marketplace", "authorization_links", index], "none", report);
  });
  const chosen = Object.values(byok).filter(Boolean).length;
  if (chosen > 1 || (chosen === 0 && names.length > 0)) {
    const message = `${chosen === 0 ? "None" : "More than one"} of oauth_only, byok_only and oauth_and_byok is true.`;
    report("manifest.not_allowed", ["sections", "byok"], message, "Set the one that holds to true.");
  }
  return found;
}

function utmRules(schema: Contract["sections"]["utm"]["schema"], slug: string): Finding[] {
  const found: Finding[] = [];
  const at = (code: Finding["code"], rest: Path, message: string, hint?: string): void => {
    found.push({ code, path: ["sections", "utm", "schema", ...rest], at: "value", message, hint });
  };
  if (schema.provider_slug !== slug) {
    const message = `provider_slug is ${show(schema.provider_slug)} here and ${show(slug)} at the top.`;
    at("manifest.slug_mismatch", ["provider_slug"], message, `Write ${show(slug)}.`);
  }
  for (const index of repeated(schema.allowed_variables)) {
    const message = `${show(schema.allowed_variables[index])} is there already.`;
    at("list.duplicate", ["allowed_variables", index], message);
  }
  const known = new Set([...schema.allowed_variables, ...Object.keys(schema.static_params)]);
  for (const [, variable = ""] of schema.pattern_structure.matchAll(/\{\s*([^{}]*?)\s*\}/g)) {
    if (known.has(variable)) continue;
    const message = `The pattern uses ${show(variable)}, which is not an allowed variable.`;
    at("utm.unknown_variable", ["pattern_structure"], message);
    break;
  }
  return found;
}

/** The indexes of items that stand earlier in the list already. */
function repeated(items: readonly string[]): number[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => (seen.size === seen.add(item).size ? [index] : []));
}
