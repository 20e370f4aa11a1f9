/** The registry's tables: all that the same folders and the same decisions determine, and nothing with a time in it. */
export const REGISTRY_TABLES = [
  "agent_firearms_grants",
  "budget_mappings",
  "budget_metrics",
  "connector_auth_modes",
  "connector_dev_accounts",
  "connector_oauth_requirements",
  "connector_providers",
  "connector_revisions",
  "connector_scope_categories",
  "connector_scopes",
  "connector_tools",
  "core_kpis",
  "firearm_types",
  "firearms_licenses",
  "generic_metrics",
  "kpi_mappings",
  "metric_mappings",
  "platform_metrics",
  "utm_templates",
] as const;

/** Reads one text value. */
export type Query = (sql: string) => Promise<string | null>;

/** Dumps the registry's tables, one JSON object a row, each table in the order of its primary key. */
export async function dumpRegistry(query: Query): Promise<string> {
  let dump = "";
  for (const table of REGISTRY_TABLES) {
    const rows = await query(
      `select string_agg(to_jsonb(t)::text, E'\\n' order by to_jsonb(t)::text collate "C") from public.${table} t`,
    );
    dump += `-- ${table}\n${rows ?? ""}\n`;
  }
  return dump;
}
