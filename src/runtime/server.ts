import { type CallToolResult, ProtocolError, ProtocolErrorCode, Server } from "@modelcontextprotocol/server";
import type { Catalogue } from "./catalogue.ts";
import type { ToolData } from "./types.ts";

/** One call of a tool that exists. */
export interface Call {
  readonly tool: ToolData;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Aborts when the client cancels or goes away. */
  readonly signal: AbortSignal;
}

/** Does the work of a call. What goes wrong in the tool or its provider is a result, made by `failure`. */
export type CallTool = (call: Call) => Promise<CallToolResult>;

/**
 * Makes a server of the protocol for one connection, whatever its transport; it serves the revisions 2026-07-28 and
 * 2025-11-25. All that is costly stands in the catalogue: stateless transports make a server for every request.
 * It is the SDK's low-level server because the high-level one converts every tool's schema on every start.
 */
export function createServer(catalogue: Catalogue, callTool: CallTool): Server {
  const { name, title, version, instructions } = catalogue;
  const server = new Server(
    { name, title, version },
    { capabilities: { tools: {} }, ...(instructions !== undefined && { instructions }) },
  );
  server.setRequestHandler("tools/list", (request) => {
    const page = catalogue.page(request.params?.cursor);
    if (!page) throw new ProtocolError(ProtocolErrorCode.InvalidParams, "Unknown cursor");
    return { ...page, tools: [...page.tools] };
  });
  server.setRequestHandler("tools/call", async (request, context) => {
    const tool = catalogue.find(request.params.name);
    if (!tool) {
      const shown = request.params.name.slice(0, 100);
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${shown}`);
    }
    const { signal } = context.mcpReq;
    try {
      return await callTool({ tool, arguments: request.params.arguments ?? {}, signal });
    } catch {
      // The SDK would send the message of what was thrown to the client as it is, secrets and all.
      return failure("runtime.internal", "The call failed inside the server.");
    }
  });
  return server;
}

/** The result of a call that failed: a text for the model, and the same with its code for programs. */
export function failure(code: string, message: string): CallToolResult {
  return {
    isError: true,
    content: [{ type: "text", text: `${code}: ${message}` }],
    _meta: { "connector-sentinel/error": { code, message } },
  };
}

/** The answer to every call as long as there is nothing here that executes tools. */
export const notAvailable: CallTool = async ({ tool }) =>
  failure(
    "runtime.not_available",
    `${tool.name} can be listed but not called: this version of connector-sentinel has no runtime that executes tools.`,
  );
