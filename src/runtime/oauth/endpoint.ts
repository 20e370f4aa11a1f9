import type { Auth, Manifest } from "../../manifest/index.ts";
import { accountFields, hostRules } from "../execution/account.ts";
import type { ExecutorParts } from "../execution/executor.ts";
import { HttpClient } from "../execution/http/client.ts";
import { OwnHosts } from "../execution/http/hosts.ts";
import { Renderer } from "../execution/templates.ts";
import { requestUrl } from "../execution/url.ts";
import type { Connection } from "../seams.ts";

export type OauthAuth = Extract<Auth, { type: "oauth2" }>;

/** The addresses of a provider's OAuth, with the account's fields in them. */
export interface Endpoints {
  readonly authorization: URL | null;
  readonly token: URL;
  readonly refresh: URL;
}

/** How long a token endpoint may take, and how much it may say. */
const TIME_MS = 12_000;
const MAX_BYTES = 256 * 1024;

/** Talks to token endpoints, under the same rules as every request of a connector. */
export class TokenClient {
  readonly #client: HttpClient;
  readonly #own: OwnHosts;

  constructor(allowedHosts: readonly string[] = [], parts: ExecutorParts = {}) {
    this.#client = parts.recorded?.client ?? new HttpClient(parts);
    this.#own = new OwnHosts(allowedHosts);
  }

  /** @throws ToolFailure `account.*` where the account lacks what an address needs */
  endpoints(manifest: Manifest, auth: OauthAuth, connection: Connection): Endpoints {
    const renderer = this.#renderer(manifest, connection);
    const filled = (url: string): URL =>
      requestUrl({ url, path: null, query: {}, query_styles: {} }, manifest, renderer);
    return {
      // A browser opens it, not our client, which would see to it by itself.
      authorization:
        auth.authorization_url === null ? null : this.#own.asSpoken(filled(auth.authorization_url)),
      token: filled(auth.token_url),
      refresh: filled(auth.refresh_url ?? auth.token_url),
    };
  }

  /** `fetch` for one connector. It throws ToolFailure where the firewall or the network says no. */
  fetchFor(manifest: Manifest, connection: Connection): (url: string, init: FetchInit) => Promise<Response> {
    const rules = hostRules(manifest, this.#renderer(manifest, connection), this.#own);
    return async (url, { method, headers, body }) => {
      const text = typeof body === "string" || body instanceof URLSearchParams ? body.toString() : null;
      const own = headers.authorization === undefined ? {} : { authorization: headers.authorization };
      const { authorization: _credential, ...plain } = headers;
      const answer = await this.#client.send(
        { method, url: new URL(url), headers: plain, body: text === null ? null : Buffer.from(text) },
        // What is in the body is for this host alone, and so is the header.
        { secrets: text === null ? [] : [text], headers: own, query: [] },
        rules,
        {
          signal: AbortSignal.timeout(TIME_MS),
          deadline: Date.now() + TIME_MS,
          responseBytes: MAX_BYTES,
          repeatable: "never",
          sent: () => {},
          stays: () => {},
        },
      );
      return plainTokens(answer.status, answer.headers["content-type"] ?? "", answer.body.toString("utf8"));
    };
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  #renderer(manifest: Manifest, connection: Connection): Renderer {
    return new Renderer({ params: {}, account: accountFields(manifest, connection) });
  }
}

interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

const KEPT = ["access_token", "refresh_token", "expires_in", "scope", "error", "error_description"];

/**
 * An answer with what we use of it: some providers answer as a form, leave `token_type` out or give it names of their own,
 * or add an id token that nobody asked for.
 */
function plainTokens(status: number, type: string, body: string): Response {
  const fields = type.includes("x-www-form-urlencoded")
    ? Object.fromEntries(new URLSearchParams(body))
    : parsed(body);
  const kept = Object.fromEntries(Object.entries(fields).filter(([name]) => KEPT.includes(name)));
  const error = "error" in kept;
  // Some say with 200 that it went wrong.
  const told = error && status < 400 ? 400 : status;
  const expires = typeof kept.expires_in === "string" ? { expires_in: Number(kept.expires_in) } : {};
  return Response.json({ ...kept, ...expires, ...(!error && { token_type: "bearer" }) }, { status: told });
}

function parsed(body: string): Record<string, unknown> {
  try {
    return { ...Object(JSON.parse(body)) };
  } catch {
    return {};
  }
}
