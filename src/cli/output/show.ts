import { dump } from "js-yaml";
import { byCodeUnit, type Json, type JsonObject } from "../../base/index.ts";
import type { Change, ProviderDetail } from "../../registry/index.ts";
import { blockerLines, differenceLines, heading, metricLines, scopeLines } from "./review.ts";
import { cleanLines, type Paint } from "./text.ts";

/** What `show` says: state, decisions, what waits and how it differs, and the whole declaration. */
export function prettyShow(detail: ProviderDetail, differences: readonly Change[], colour: Paint): string {
  const waiting =
    differences.length === 0 ? [] : ["", ...differenceLines(differences, detail.approved_digest, colour)];
  return [
    ...heading(detail, colour),
    ...waiting,
    ...scopeLines(detail, colour),
    ...metricLines(detail, colour),
    ...blockerLines(detail, colour),
    "",
    colour.bold("declaration"),
    ...declaration(detail.manifest).map((line) => `  ${line}`),
  ].join("\n");
}

/** The order in which people write fields; the registry's jsonb forgets it. Others follow by name. */
const ORDER = [
  ...[
    "manifest_version",
    "provider_slug",
    "name",
    "as",
    "raw",
    "type",
    "display_name",
    "standard",
    "summary",
  ],
  ...[
    "version",
    "capability",
    "title",
    "description",
    "homepage",
    "docs_url",
    "icon",
    "platform",
    "instructions",
  ],
  ...["naming_rule", "auth_mode", "auth", "base_url", "scopes", "kpis", "budgets", "utm_capabilities", "utm"],
  ...[
    "oauth_marketplace",
    "schemas",
    "tools",
    "side_effecting",
    "destructive",
    "idempotent",
    "input",
    "output",
  ],
];
/** What stands below these is the author's own data: null is a value there, and order may mean something. */
const VERBATIM = new Set([
  "schemas",
  "input",
  "output",
  "query",
  "headers",
  "body",
  "variables",
  "params",
  "response",
]);

function declaration(manifest: JsonObject): string[] {
  return cleanLines(dump(filled(manifest), { lineWidth: -1, noRefs: true }).trimEnd()).split("\n");
}

/** Every field that says something, in the usual order. */
function filled(value: Json): Json {
  if (Array.isArray(value)) return value.map(filled);
  if (typeof value !== "object" || value === null) return value;
  const names = Object.keys(value).sort((a, b) => rank(a) - rank(b) || byCodeUnit(a, b));
  const result: JsonObject = {};
  for (const name of names) {
    const inner = value[name] ?? null;
    if (!isEmpty(inner)) result[name] = VERBATIM.has(name) ? inner : filled(inner);
  }
  return result;
}

function rank(name: string): number {
  const at = ORDER.indexOf(name);
  return at < 0 ? ORDER.length : at;
}

function isEmpty(value: Json): boolean {
  return value === null || (typeof value === "object" && Object.keys(value).length === 0);
}
