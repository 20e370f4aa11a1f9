import type { Manifest, Tool } from "../../src/manifest/index.ts";

/** A digest as the registry knows them. */
export const DIGEST = "5d41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592";

/** The normal form of the smallest manifest, and what a case changes in it. */
export function manifest(changes: Partial<Manifest> = {}): Manifest {
  return {
    manifest_version: 1,
    provider_slug: "shopify",
    display_name: "Shopify",
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
    account_fields: [],
    schemas: {},
    tools: [],
    ...changes,
  };
}

/** The normal form of a tool that only reads and takes nothing, and what a case changes in it. */
export function tool(changes: Partial<Tool> = {}): Tool {
  return {
    name: "list_orders",
    capability: null,
    title: null,
    description: null,
    scopes: [],
    side_effecting: false,
    destructive: false,
    idempotent: false,
    input: { type: "object" },
    output: null,
    rest: null,
    graphql: null,
    sql: null,
    applescript: null,
    handler: null,
    steps: null,
    ...changes,
  };
}
