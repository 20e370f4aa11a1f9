import type { ConnectorData, ToolData } from "../../src/runtime/index.ts";

/** A tool as generated files write it, and what a case changes in it. */
export function toolData(changes: Partial<ToolData> = {}): ToolData {
  return {
    name: "list_orders",
    description: "Lists orders.",
    inputSchema: { type: "object" },
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: false, openWorldHint: true },
    _meta: { "connector-sentinel/tool": { scopes: [] } },
    ...changes,
  };
}

/** A connector as generated files write it, and what a case changes in it. */
export function connectorData(changes: Partial<ConnectorData> = {}): ConnectorData {
  return {
    name: "shopify",
    title: "Shopify",
    version: null,
    digest: "5d41402abc4b2a76",
    tools: [],
    ...changes,
  };
}
