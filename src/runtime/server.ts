import { type CallToolResult, ProtocolError, ProtocolErrorCode, Server } from "@modelcontextprotocol/server";
import type { Catalogue } from "./catalogue.ts";
import type { ToolData } from "./types.ts";

/** One call of a tool that exists. */
export interface Call {
  readonly tool: ToolData;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Aborts when the client cancels or goes away. */
  readonly signal: AbortSignal;
  /** Who calls. */
  readonly agent: string;
}

/** Does the work of a call. What goes wrong in the tool or its provider is a result, made by `failure`. */
export type CallTool = (call: Call) => Promise<CallToolResult>;

/** What is served at one moment: it never changes, another one takes its place. */
export interface Face {
  readonly catalogue: Catalogue;
  readonly call: CallTool;
}

/** What a connection is told besides. */
export interface Peer {
  /** Who calls. */
  readonly agent: string;
  /** Whether the list may change while the server runs. */
  readonly listChanged: boolean;
}

/**
 * Makes a server of the protocol for one connection, whatever its transport; it serves the revisions 2026-07-28 and
 * 2025-11-25. All that is costly stands in the catalogue: stateless transports make a server for every request.
 * It is the SDK's low-level server because the high-level one converts every tool's schema on every start.
 * @param current what is served now; asked at each request
 */
export function createServer(current: () => Face, { agent, listChanged }: Peer): Server {
  const { name, title, version, instructions } = current().catalogue;
  const server = new Server(
    { name, title, version },
    {
      capabilities: { tools: listChanged ? { listChanged } : {} },
      ...(instructions !== undefined && { instructions }),
    },
  );
  server.setRequestHandler("tools/list", (request) => {
    const page = current().catalogue.page(request.params?.cursor);
    if (!page) throw new ProtocolError(ProtocolErrorCode.InvalidParams, "Unknown cursor");
    return { ...page, tools: [...page.tools] };
  });
  server.setRequestHandler("tools/call", async (request, context) => {
    const { catalogue, call } = current();
    const tool = catalogue.find(request.params.name);
    if (!tool) {
      const shown = request.params.name.slice(0, 100);
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${shown}`);
    }
    const { signal } = context.mcpReq;
    try {
      return await call({ tool, arguments: request.params.arguments ?? {}, signal, agent });
    } catch {
      // The SDK would send the message of what was thrown to the client as it is, secrets and all.
      return failure("runtime.internal", "The call failed inside the server.");
    }
  });
  return server;
}

/** The result of a call that failed: a text for the model, and the same with its code for programs. */
export function failure(code: string, message: string, hint = ""): CallToolResult {
  const text = hint === "" ? `${code}: ${message}` : `${code}: ${message}\n${hint}`;
  return {
    isError: true,
    content: [{ type: "text", text }],
    _meta: { "connector-sentinel/error": { code, message, ...(hint !== "" && { hint }) } },
  };
}
