import type { JsonObject } from "../base/index.ts";
import type { Manifest, Tool } from "../manifest/index.ts";
import { cleanText } from "./literal.ts";
import { type SharedSchemas, shareSchemas } from "./schemas.ts";

/**
 * What the runtime's `defineConnector` takes, in the order in which it is written. Each tool is a `Tool` of the Model
 * Context Protocol but for `$defs`, which stand once for all tools.
 */
export function connectorData(manifest: Manifest, digest: string): JsonObject {
  const schemas = manifest.tools.flatMap((tool) => (tool.output ? [tool.input, tool.output] : [tool.input]));
  const shared = shareSchemas(manifest.schemas, schemas);
  const tools = manifest.tools.map((tool) => toolData(tool, shared));
  const defs = shared.defs();
  return {
    name: cleanText(manifest.provider_slug),
    title: cleanText(manifest.display_name),
    version: manifest.version === null ? null : cleanText(manifest.version),
    digest,
    ...optional("instructions", manifest.instructions),
    ...(Object.keys(defs).length > 0 && { $defs: defs }),
    tools,
  };
}

function toolData(tool: Tool, shared: SharedSchemas): JsonObject {
  return {
    name: cleanText(tool.name),
    ...optional("title", tool.title),
    // A client shows it to a model, and some clients refuse a tool without one.
    description: cleanText(tool.description ?? tool.title ?? tool.name),
    inputSchema: shared.localise(tool.input),
    ...(tool.output && { outputSchema: shared.localise(tool.output) }),
    annotations: annotations(tool),
    _meta: {
      "connector-sentinel/tool": {
        ...optional("capability", tool.capability),
        scopes: tool.scopes.map(cleanText),
      },
    },
  };
}

/**
 * All four of the protocol's annotations: a client takes a missing one as the dangerous value, or does not.
 * A local database is a closed world, everything else is an open one.
 */
function annotations(tool: Tool): JsonObject {
  return {
    readOnlyHint: !tool.side_effecting && !tool.destructive,
    destructiveHint: tool.destructive,
    idempotentHint: tool.idempotent,
    openWorldHint: tool.sql?.database !== "local_path",
  };
}

function optional(key: string, text: string | null): JsonObject {
  return text === null ? {} : { [key]: cleanText(text) };
}
