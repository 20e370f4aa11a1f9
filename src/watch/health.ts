import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Clock, errno, UserError } from "../base/index.ts";
import type { Metrics } from "./metrics.ts";
import { liveness, readiness, type State } from "./state.ts";

export interface Health {
  /** The port that it listens on (the one asked for, or the one chosen for 0). */
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves /healthz, /readyz and /metrics on 127.0.0.1 and nowhere else. Only requests that name this very address as their
 * host are answered: a web page in a browser of this machine can't read them under a name of its own.
 * @param port 0: any free one
 * @throws UserError `watch.port_taken`
 */
export async function serveHealth(
  port: number,
  state: State,
  clock: Clock,
  metrics: Metrics,
): Promise<Health> {
  const server = createServer({ requestTimeout: 5000, headersTimeout: 5000 }, (request, response) => {
    void answer(request, response, state, clock, metrics).catch(() => response.destroy());
  });
  await listen(server, port);
  const address = server.address();
  const chosen = typeof address === "object" && address !== null ? address.port : port;
  return {
    port: chosen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const why = `Port ${port} on 127.0.0.1 can't be opened (${errno(error) ?? "unknown error"}).`;
      reject(new UserError("watch.port_taken", why, "Choose another --health-port, or end what uses it."));
    });
    server.listen(port, "127.0.0.1", () => resolve());
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  state: State,
  clock: Clock,
  metrics: Metrics,
): Promise<void> {
  const port = request.socket.localPort;
  if (request.headers.host !== `127.0.0.1:${port}` && request.headers.host !== `localhost:${port}`) {
    return json(response, 421, { error: "unknown host" });
  }
  if (request.method !== "GET" && request.method !== "HEAD")
    return json(response, 405, { error: "GET only" });
  switch (request.url) {
    case "/healthz": {
      const live = liveness(state, clock.now());
      return json(response, live.ok ? 200 : 503, live);
    }
    case "/readyz": {
      const { ready, reasons } = readiness(state);
      return json(response, ready ? 200 : 503, { ready, reasons, ...watching(state) });
    }
    case "/metrics":
      response.writeHead(200, { "content-type": metrics.contentType, "cache-control": "no-store" });
      response.end(await metrics.text());
      return;
    default:
      return json(response, 404, { error: "/healthz, /readyz or /metrics" });
  }
}

/** What the daemon says of itself besides being ready: the same here and in the status file. */
export function watching(state: State): {
  mode: State["mode"];
  polling_because: string | null;
  dirty: number;
  invalid: number;
  last_pass: { at: string; seconds: number; folders: number | "all" } | null;
  trouble: { kind: string; since: string; why: string } | null;
} {
  const { mode, pollingBecause, dirty, invalid, lastPass, trouble } = state;
  return {
    mode,
    polling_because: pollingBecause,
    dirty,
    invalid,
    last_pass: lastPass && { ...lastPass, at: new Date(lastPass.at).toISOString() },
    trouble: trouble && { ...trouble, since: new Date(trouble.since).toISOString() },
  };
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(`${JSON.stringify(body)}\n`);
}
