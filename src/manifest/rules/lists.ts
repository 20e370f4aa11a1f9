import { asList, asMap, asText } from "../declared.ts";
import { MAX_TOOLS } from "../limits.ts";
import { show } from "../shape/check.ts";
import { reportDuplicates } from "./identity.ts";
import type { Rule } from "./rule.ts";

const trimmed = (value: unknown): string | null => asText(value)?.trim() ?? null;

/** Names of scopes, KPIs, budgets, tools and content types are unique. */
export const namesAreUnique: Rule = ({ root, tools }, report) => {
  const named = [
    { list: "scopes", key: "name", code: "scope.duplicate" },
    { list: "kpis", key: "raw", code: "kpi.duplicate" },
    { list: "budgets", key: "name", code: "list.duplicate" },
    { list: "account_fields", key: "name", code: "list.duplicate" },
  ] as const;
  for (const { list, key, code } of named) {
    const names = asList(root[list]).map((item) => trimmed(asMap(item)?.[key]));
    reportDuplicates(names, (index) => [list, index, key], code, report);
  }
  for (const [path, keys] of [
    [["auth", "keys"], asMap(root.auth)?.keys],
    [["auth", "keys", "keys"], asMap(asMap(root.auth)?.keys)?.keys],
  ] as const) {
    const names = asList(keys).map((item) => asText(asMap(item)?.name));
    reportDuplicates(names, (index) => [...path, index, "name"], "list.duplicate", report);
  }
  const toolNames = tools.map((tool) => asText(asMap(tool)?.name));
  reportDuplicates(toolNames, (index) => ["tools", index, "name"], "tool.duplicate", report);
  const types = asList(root.utm_capabilities).map(trimmed);
  reportDuplicates(types, (index) => ["utm_capabilities", index], "list.duplicate", report);
};

/** What an account field is by default is one of the values that it may have. */
export const accountDefaultsAreAllowed: Rule = ({ root }, report) => {
  asList(root.account_fields).forEach((item, index) => {
    const field = asMap(item);
    const value = trimmed(field?.default);
    const values = asList(field?.values).map(trimmed);
    reportDuplicates(values, (at) => ["account_fields", index, "values", at], "list.duplicate", report);
    if (value === null || values.length === 0 || values.includes(value)) return;
    const message = `The default ${show(value)} is not among the values.`;
    report("manifest.not_allowed", ["account_fields", index, "default"], message, "Add it to values.");
  });
};

/** There are not more tools than a connector may have, over all its files. */
export const toolsAreNotTooMany: Rule = ({ tools }, report) => {
  if (tools.length <= MAX_TOOLS) return;
  report("tool.too_many", ["tools", MAX_TOOLS], `This is tool ${MAX_TOOLS + 1} of ${tools.length}.`);
};

/** A firearm_type stands only where a firearm is required. */
export const firearmTypeNeedsFirearm: Rule = ({ root }, report) => {
  asList(root.scopes).forEach((item, index) => {
    const scope = asMap(item);
    if (scope === null || scope.firearm_type === undefined || scope.requires_firearm === true) return;
    const message = "firearm_type is given, but no firearm is required.";
    report("scope.firearm_type", ["scopes", index, "firearm_type"], message, undefined, "key");
  });
};

/** The UTM pattern uses only variables and parameters that are declared. */
export const utmVariablesAreAllowed: Rule = ({ root }, report) => {
  const utm = asMap(root.utm);
  const pattern = asText(utm?.pattern);
  if (utm === null || pattern === null) return;
  const allowed = asList(utm.allowed_variables).map(asText);
  reportDuplicates(allowed, (index) => ["utm", "allowed_variables", index], "list.duplicate", report);
  const known = new Set([...allowed, ...Object.keys(asMap(utm.static_params) ?? {})]);
  for (const match of pattern.matchAll(/\{\s*([^{}]*?)\s*\}/g)) {
    const variable = match[1] ?? "";
    if (known.has(variable)) continue;
    const message = `The pattern uses ${show(variable)}, which is not an allowed variable.`;
    report("utm.unknown_variable", ["utm", "pattern"], message);
    return;
  }
};
