import type { IncomingMessage } from "node:http";
import { sha256 } from "../../base/index.ts";
import type { RuntimeFace } from "../../registry/index.ts";

/** Which names of this server, and which web pages, are let in. */
export interface Doors {
  /** `host:port` as a `Host` header says it, besides those of loopback. */
  readonly hosts: readonly string[];
  /** Origins of web pages (`https://inspector.example`), besides those of loopback. */
  readonly origins: readonly string[];
}

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Whether a request names this very server, port included, and comes from no web page that is not let in: else a page in
 * a browser of this machine could use it under a name of its own (DNS rebinding).
 * @returns null, or why not
 */
export function doorProblem(request: IncomingMessage, { hosts, origins }: Doors): string | null {
  const port = request.socket.localPort;
  const { host, origin } = request.headers;
  const names = [...LOOPBACK.map((name) => `${name}:${port}`), ...hosts];
  if (host === undefined || !names.includes(host.toLowerCase())) return "unknown host";
  const pages = [...LOOPBACK.map((name) => `http://${name}:${port}`), ...origins];
  return origin === undefined || pages.includes(origin.toLowerCase()) ? null : "unknown origin";
}

/** How long an answer of the registry counts: a token that is revoked is worthless after that. */
const FRESH_MS = 2000;
const MOST_TOKENS = 1000;

/** Who sends a request, by its bearer token. */
export class Agents {
  readonly #runtime: Pick<RuntimeFace, "agent">;
  readonly #known = new Map<string, { readonly at: number; readonly agent: Promise<string | null> }>();

  constructor(runtime: Pick<RuntimeFace, "agent">) {
    this.#runtime = runtime;
  }

  /** The agent's name; null without a token, or where it is nobody's. @throws what the registry throws */
  async of({ headers }: IncomingMessage): Promise<string | null> {
    const token = /^Bearer +([A-Za-z0-9._~+/=-]{1,512})$/i.exec(headers.authorization ?? "")?.[1];
    if (token === undefined) return null;
    const hash = sha256(token);
    const now = performance.now();
    const before = this.#known.get(hash);
    if (before !== undefined && now - before.at < FRESH_MS) return before.agent;
    if (this.#known.size >= MOST_TOKENS) this.#known.clear();
    const agent = this.#runtime.agent(hash);
    agent.catch(() => this.#known.delete(hash));
    this.#known.set(hash, { at: now, agent });
    return agent;
  }
}
