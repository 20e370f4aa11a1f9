import { randomUUID } from "node:crypto";
import {
  type AuthInfo,
  legacyStatelessFallback,
  type McpHandlerRequestOptions,
  type Server,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";

/** One client of the revision 2025-11-25, from its `initialize` on. */
interface Session {
  readonly transport: WebStandardStreamableHTTPServerTransport;
  readonly server: Server;
  /** Whose token opened it: nobody else may use it. */
  readonly agent: string;
  usedAt: number;
}

const MOST = 1000;
const IDLE_MS = 30 * 60_000;

/**
 * Clients of the older revision, each with a session of its own: only so are they told that the list has changed. A
 * request without a session is answered by itself, as many simple clients want it.
 */
export class Sessions {
  readonly #make: (agent: string) => Server;
  readonly #sessions = new Map<string, Session>();
  readonly #single: (request: Request, options?: McpHandlerRequestOptions) => Promise<Response>;

  constructor(make: (agent: string) => Server) {
    this.#make = make;
    this.#single = legacyStatelessFallback(({ authInfo }) => make(authInfo?.clientId ?? ""));
  }

  async handle(request: Request, authInfo: AuthInfo): Promise<Response> {
    const id = request.headers.get("mcp-session-id");
    if (id !== null) {
      const session = this.#sessions.get(id);
      // The same answer whether it is gone or another's.
      if (session === undefined || session.agent !== authInfo.clientId) return unknownSession();
      session.usedAt = performance.now();
      return session.transport.handleRequest(request, { authInfo });
    }
    if (request.method !== "POST") return this.#single(request, { authInfo });
    const parsedBody: unknown = await request
      .clone()
      .json()
      .catch(() => undefined);
    const opens = [parsedBody].flat().some((message) => Object(message).method === "initialize");
    return opens ? this.#open(request, authInfo) : this.#single(request, { authInfo });
  }

  /** Tells every client that the list is another. */
  listChanged(): void {
    for (const { server } of this.#sessions.values()) server.sendToolListChanged().catch(() => {});
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map(({ server }) => server.close().catch(() => {})));
    this.#sessions.clear();
  }

  async #open(request: Request, authInfo: AuthInfo): Promise<Response> {
    await this.#makeRoom();
    const agent = authInfo.clientId;
    const server = this.#make(agent);
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        this.#sessions.set(id, { transport, server, agent, usedAt: performance.now() });
      },
    });
    transport.onclose = () => {
      if (transport.sessionId !== undefined) this.#sessions.delete(transport.sessionId);
    };
    await server.connect(transport);
    return transport.handleRequest(request, { authInfo });
  }

  /** Ends sessions that nobody uses any more, and the longest unused one where there are too many. */
  async #makeRoom(): Promise<void> {
    const now = performance.now();
    const byUse = [...this.#sessions.values()].sort((a, b) => a.usedAt - b.usedAt);
    const old = byUse.filter((session, at) => now - session.usedAt > IDLE_MS || byUse.length - at >= MOST);
    await Promise.all(old.map(({ server }) => server.close().catch(() => {})));
  }
}

function unknownSession(): Response {
  return Response.json(
    { jsonrpc: "2.0", error: { code: -32001, message: "Session not found" }, id: null },
    { status: 404 },
  );
}
