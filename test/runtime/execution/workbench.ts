import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { JsonObject } from "../../../src/base/index.ts";
import type { Graphql, Manifest, Rest } from "../../../src/manifest/index.ts";
import { createExecutor } from "../../../src/runtime/execution/executor.ts";
import type { Bounds, Connection, Executor, Runnable } from "../../../src/runtime/seams.ts";
import { ToolFailure } from "../../../src/runtime/seams.ts";
import { manifest, tool } from "../../generate/manifest.ts";

/** What a server received. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A provider on the loopback that records what it receives. */
export interface Upstream {
  readonly host: string;
  readonly port: number;
  readonly received: Received[];
  close(): Promise<void>;
}

/** Answers with JSON, 200 unless told otherwise. */
export function json(value: unknown, status = 200, headers: Record<string, string> = {}): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(value));
  };
}

/** Starts a provider; it answers when the request has arrived whole. */
export async function upstream(answer: RequestListener): Promise<Upstream> {
  const received: Received[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      received.push({ method, url, headers, body: Buffer.concat(chunks).toString("latin1") });
      answer(request, response);
    });
  });
  const port = await listen(server);
  return { host: `127.0.0.1:${port}`, port, received, close: () => closeServer(server) };
}

/** The port of the loopback that a server listens on from now on. */
export async function listen(server: Server | import("node:net").Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address: string | AddressInfo | null = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

export async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** An account with secrets; `[gone]` stands where one of them would have been told. */
export function account(secrets: Record<string, string> = {}, more: Partial<Connection> = {}): Connection {
  return {
    connector: "acme",
    account: "default",
    fields: {},
    secret: async (key) => secrets[key] ?? null,
    refresh: async () => null,
    scrub: (text) =>
      Object.values(secrets).reduce((clean, secret) => clean.replaceAll(secret, "[gone]"), text),
    ...more,
  };
}

/** The normal form of a request. */
export function rest(changes: Partial<Rest> = {}): Rest {
  return {
    method: "GET",
    path: "/",
    url: null,
    query: {},
    query_styles: {},
    headers: {},
    body: null,
    encoding: "json",
    body_styles: {},
    files: [],
    response: null,
    ...changes,
  };
}

/** The normal form of a GraphQL request. */
export function graphql(changes: Partial<Graphql> = {}): Graphql {
  return { url: null, query: "{ ok }", variables: {}, response: null, ...changes };
}

/** A call and what surrounds it. */
export interface Case {
  readonly manifest?: Partial<Manifest>;
  readonly tool: Partial<Runnable>;
  readonly input?: JsonObject;
  readonly connection?: Connection;
  readonly bounds?: Bounds;
  readonly signal?: AbortSignal;
}

/** Runs one call against an upstream of the operator's own. */
export async function call(executor: Executor, { host }: { host: string }, one: Case): Promise<JsonObject> {
  const { value } = await executor.execute(
    manifest({ provider_slug: "acme", base_url: `https://${host}`, ...one.manifest }),
    tool(one.tool),
    one.input ?? {},
    one.connection ?? account(),
    one.bounds ?? {},
    one.signal ?? new AbortController().signal,
  );
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("no object");
  return value;
}

/** What a call fails with. */
export async function failureOf(work: Promise<unknown>): Promise<ToolFailure> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ToolFailure) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

/** An executor that speaks plain HTTP with these hosts. */
export function executorFor(...hosts: { host: string }[]): Executor {
  return createExecutor({ allowedHosts: hosts.map(({ host }) => `http://${host}`) });
}
