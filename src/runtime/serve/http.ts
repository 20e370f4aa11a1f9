import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { setTimeout as later } from "node:timers/promises";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { type AuthInfo, createMcpHandler, isLegacyRequest } from "@modelcontextprotocol/server";
import { CODES, errno, type Logger, UserError } from "../../base/index.ts";
import type { RuntimeFace } from "../../registry/index.ts";
import { createServer } from "../server.ts";
import { Agents, type Doors, doorProblem } from "./access.ts";
import { createServeMetrics, type ServeMetrics } from "./metrics.ts";
import type { Serving } from "./serving.ts";
import { Sessions } from "./sessions.ts";

export interface HttpOptions {
  readonly serving: Pick<Serving, "current" | "state" | "onCall" | "drain">;
  readonly runtime: Pick<RuntimeFace, "agent">;
  /** An address of this machine. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly doors: Doors;
  readonly logger?: Logger;
}

/** A server over Streamable HTTP, at `/mcp`. */
export interface HttpServing {
  readonly port: number;
  /** Tells every client that the list is another, in the way of its revision. */
  listChanged(): void;
  /** Takes no new calls, lets those that run end, and closes. */
  close(): Promise<void>;
}

const DRAIN_MS = 10_000;
/** How long an idle server says at least that it is about to end. */
const LINGER_MS = 300;
/** How long answers that are made may take to leave. */
const ANSWER_MS = 2000;
/** A registry that has not answered for so long is away. */
const STALE_MS = 15_000;

/** The first revision without sessions; revisions are dates. */
const MODERN = "2026-07-28";

/** Serves agents over HTTP, both revisions. @throws UserError `serve.port_taken`, `serve.bad_host` */
export async function serveHttp(options: HttpOptions): Promise<HttpServing> {
  const { serving, logger } = options;
  const make = (agent: string) => createServer(serving.current, { agent, listChanged: true });
  const onerror = (error: Error): void => logger?.debug("a request was refused", { why: error.message });
  const modern = createMcpHandler(({ authInfo }) => make(authInfo?.clientId ?? ""), {
    legacy: "reject",
    onerror,
  });
  const sessions = new Sessions(make);
  const mcp = toNodeHandler(
    {
      fetch: async (request, { authInfo = NOBODY } = {}) => {
        const isModern = (request.headers.get("mcp-protocol-version") ?? "") >= MODERN;
        return isModern || !(await isLegacyRequest(request))
          ? modern.fetch(request, { authInfo })
          : sessions.handle(request, authInfo);
      },
    },
    { onerror },
  );
  const metrics = await createServeMetrics({
    state: serving.state,
    onCall: (watcher) => serving.onCall(watcher),
  });
  const door = new Door(options, mcp, metrics);
  const http = createHttpServer({ headersTimeout: 10_000, requestTimeout: 60_000 }, (request, response) => {
    void door.answer(request, response).catch(() => response.destroy());
  });
  const port = await listen(http, options);
  return {
    port,
    listChanged: () => {
      modern.notify.toolsChanged();
      sessions.listChanged();
    },
    close: async () => {
      const until = performance.now() + DRAIN_MS;
      // Meanwhile it goes on listening: only so can `/readyz` say that it is about to end.
      await Promise.all([serving.drain(DRAIN_MS), later(LINGER_MS)]);
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      await door.answered(Math.max(ANSWER_MS, until - performance.now()));
      await Promise.all([modern.close(), sessions.close()]);
      http.closeAllConnections();
      await closed;
    },
  };
}

const ENDING = "This server is about to end.";

const NOBODY: AuthInfo = { token: "", clientId: "", scopes: [] };

/** How opening a port fails where its address is the mistake. */
const NO_ADDRESS = new Set(["EADDRNOTAVAIL", "ENOTFOUND", "EAI_AGAIN", "EAFNOSUPPORT", "EINVAL"]);

function listen(http: Server, { host, port }: HttpOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once("error", (error) => {
      const why = errno(error) ?? "unknown error";
      const code = NO_ADDRESS.has(why) ? "serve.bad_host" : "serve.port_taken";
      const message =
        code === "serve.bad_host"
          ? `${host} is no address of this machine (${why}).`
          : `Port ${port} on ${host} can't be opened (${why}).`;
      reject(new UserError(code, message, CODES[code].remedy));
    });
    http.listen(port, host, () => {
      const address = http.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

/** What a request passes before it reaches the protocol. */
class Door {
  readonly #options: HttpOptions;
  readonly #mcp: ReturnType<typeof toNodeHandler>;
  readonly #metrics: ServeMetrics;
  readonly #agents: Agents;
  /** Requests that will be answered by themselves: not the streams that stay open. */
  readonly #owed = new Set<ServerResponse>();
  #settled: (() => void) | null = null;

  constructor(options: HttpOptions, mcp: ReturnType<typeof toNodeHandler>, metrics: ServeMetrics) {
    this.#options = options;
    this.#mcp = mcp;
    this.#metrics = metrics;
    this.#agents = new Agents(options.runtime);
  }

  /** Resolves when every answer that is owed has left, or after so many milliseconds. */
  answered(ms: number): Promise<void> {
    if (this.#owed.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      setTimeout(resolve, ms).unref();
      this.#settled = resolve;
    });
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { serving, doors } = this.#options;
    const problem = doorProblem(request, doors);
    if (problem !== null) return json(response, 403, { error: problem });
    switch (request.url?.split("?", 1)[0]) {
      case "/mcp":
        return this.#protocol(request, response);
      case "/healthz":
        return json(response, 200, { ok: true });
      case "/readyz": {
        const { answeredAt, away, connectors, tools, draining } = serving.state;
        const stale = away !== null && performance.now() - (answeredAt ?? 0) > STALE_MS;
        const ready = answeredAt !== null && !stale && !draining;
        return json(response, ready ? 200 : 503, {
          ready,
          registry: away === null,
          draining,
          connectors,
          tools,
        });
      }
      case "/metrics":
        response.writeHead(200, { "content-type": this.#metrics.contentType, "cache-control": "no-store" });
        response.end(await this.#metrics.text());
        return;
      default:
        return json(response, 404, { error: "/mcp, /healthz, /readyz or /metrics" });
    }
  }

  async #protocol(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { state } = this.#options.serving;
    if (request.method === "POST" && request.headers["mcp-method"] !== "subscriptions/listen") {
      this.#owed.add(response);
      response.once("close", () => {
        this.#owed.delete(response);
        if (this.#owed.size === 0) this.#settled?.();
      });
    }
    if (state.draining) return refuse(response, 503, ENDING);
    let agent: string | null;
    try {
      agent = await this.#agents.of(request);
    } catch {
      return refuse(response, 503, "The registry can't be reached, so nobody knows whose token this is.");
    }
    if (agent === null) {
      response.setHeader("www-authenticate", "Bearer");
      return refuse(response, 401, "A token is needed: `sentinel agent add <agent>` makes one.");
    }
    // It may have begun to end while the registry was asked.
    if (state.draining) return refuse(response, 503, ENDING);
    // The token itself goes no further.
    const auth: AuthInfo = { token: "", clientId: agent, scopes: [] };
    delete request.headers.authorization;
    // @ts-expect-error The adapter's type of a request was written without exactOptionalPropertyTypes.
    await this.#mcp(Object.assign(request, { auth }), response);
  }
}

/** A refusal as a client of the protocol reads it. */
function refuse(response: ServerResponse, status: number, message: string): void {
  json(response, status, { jsonrpc: "2.0", error: { code: -32000, message }, id: null });
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(`${JSON.stringify(body)}\n`);
}
