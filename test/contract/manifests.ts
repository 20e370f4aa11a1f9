import type { JsonObject } from "../../src/base/index.ts";
import { sha256 } from "../../src/base/index.ts";
import type { BatchEntry, Registry } from "../../src/registry/index.ts";

/** A connector's normal form, as small as it gets, with the given fields. */
export function manifest(slug: string, fields: JsonObject = {}): JsonObject {
  return {
    manifest_version: 1,
    provider_slug: slug,
    display_name: slug.toUpperCase(),
    summary: null,
    version: null,
    homepage: null,
    docs_url: null,
    icon: null,
    platform: "all",
    instructions: null,
    naming_rule: "PROVIDER_{PLATFORM}_{KEY}",
    auth_mode: null,
    auth: { type: "none", whoami: null },
    scopes: [],
    kpis: [],
    budgets: [],
    utm_capabilities: [],
    utm: null,
    oauth_marketplace: null,
    base_url: null,
    schemas: {},
    tools: [],
    ...fields,
  };
}

/** A scope of a normal form. */
export function scope(name: string, fields: JsonObject = {}): JsonObject {
  return {
    name,
    type: null,
    category: null,
    description: null,
    requires_firearm: false,
    firearm_type: null,
    source: null,
    since: null,
    ...fields,
  };
}

/** A KPI of a normal form. */
export function kpi(raw: string, fields: JsonObject = {}): JsonObject {
  return { raw, standard: "gross_sales", aggregation: "sum", unit: null, description: null, ...fields };
}

/** A tool of a normal form, which reads one thing over REST unless told otherwise. */
export function tool(name: string, fields: JsonObject = {}): JsonObject {
  const rest = {
    method: "GET",
    path: "/things",
    url: null,
    query: {},
    headers: {},
    body: null,
    encoding: "json",
    response: null,
  };
  return {
    name,
    capability: null,
    title: null,
    description: null,
    scopes: [],
    side_effecting: false,
    destructive: false,
    idempotent: false,
    input: { type: "object", properties: {} },
    output: null,
    rest,
    graphql: null,
    sql: null,
    applescript: null,
    handler: null,
    steps: null,
    ...fields,
  };
}

/** A batch's entry; its digest follows from its content. */
export function entry(
  slug: string,
  fields: JsonObject = {},
  files: { [path: string]: string } = {},
): BatchEntry {
  const content = manifest(slug, fields);
  return { digest: sha256(JSON.stringify([content, files])), manifest: content, files };
}

/** Registers entries under a lease of their own. Returns outcomes by slug. */
export async function register(
  registry: Registry,
  source: string,
  ...batch: readonly BatchEntry[]
): Promise<Record<string, string>> {
  const { token } = await registry.machine.lease(source, "test", 60);
  const connectors = await registry.machine.apply(source, token, batch, false);
  await registry.machine.release(source, token);
  return Object.fromEntries(connectors.map(({ slug, outcome, refusal }) => [slug, refusal?.code ?? outcome]));
}

/** Archives connectors under a lease of its own. Returns outcomes by slug. */
export async function archive(
  registry: Registry,
  source: string,
  ...slugs: string[]
): Promise<Record<string, string>> {
  const { token } = await registry.machine.lease(source, "test", 60);
  const connectors = await registry.machine.archive(source, token, slugs, slugs.length);
  await registry.machine.release(source, token);
  return Object.fromEntries(connectors.map(({ slug, outcome, refusal }) => [slug, refusal?.code ?? outcome]));
}
