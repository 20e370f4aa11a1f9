import type { Auth, Manifest } from "../../manifest/index.ts";
import { accountFields, hostRules } from "../execution/account.ts";
import type { ExecutorParts } from "../execution/executor.ts";
import { failure } from "../execution/failure.ts";
import { type HttpAnswer, HttpClient } from "../execution/http/client.ts";
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
  readonly #timeMs: number;

  constructor(allowedHosts: readonly string[] = [], parts: ExecutorParts = {}, timeMs = TIME_MS) {
    this.#timeMs = timeMs;
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

  /**
   * `fetch` for one connector. It throws ToolFailure where the firewall or the network says no, and where the endpoint
   * gives no token now, but may the next time.
   */
  fetchFor(manifest: Manifest, connection: Connection): (url: string, init: FetchInit) => Promise<Response> {
    const rules = hostRules(manifest, this.#renderer(manifest, connection), this.#own);
    return async (url, { method, headers, body }) => {
      const text = typeof body === "string" || body instanceof URLSearchParams ? body.toString() : null;
      const own = headers.authorization === undefined ? {} : { authorization: headers.authorization };
      const { authorization: _credential, ...plain } = headers;
      const target = new URL(url);
      const controller = new AbortController();
      const late = (): void => {
        const message = `The token endpoint of ${target.host} took more than ${this.#timeMs} ms.`;
        controller.abort(failure("api.timeout", message, LATER));
      };
      const timer = setTimeout(late, this.#timeMs);
      try {
        const answer = await this.#client.send(
          { method, url: target, headers: plain, body: text === null ? null : Buffer.from(text) },
          // What is in the body is for this host alone, and so is the header.
          { secrets: text === null ? [] : [text], headers: own, query: [] },
          rules,
          {
            signal: controller.signal,
            deadline: Date.now() + this.#timeMs,
            responseBytes: MAX_BYTES,
            repeatable: "never",
            sent: () => {},
            stays: () => {},
          },
        );
        return plainTokens(answer, target.host);
      } finally {
        clearTimeout(timer);
      }
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

/** Longer than any token is good, and within what a date can say: 100 years. */
const LONGEST_SECONDS = 100 * 366 * 86_400;
const LATER = { hint: "Call again later; if it stays, look at the provider's status page." };
/** What RFC 6749 (4.1.2.1) and providers call what passes by itself. */
const PASSING = new Set(["server_error", "temporarily_unavailable"]);

/**
 * An answer with what we use of it: some providers answer as a form, leave `token_type` out or give it names of their own,
 * or add an id token that nobody asked for. What we can do without is left out where it is not as the standard has it, as a
 * token that was given is lost with its answer.
 * @throws ToolFailure `api.*` for what may be another the next time
 */
function plainTokens({ status, headers, body }: HttpAnswer, host: string): Response {
  const text = body.toString("utf8");
  const fields = (headers["content-type"] ?? "").includes("x-www-form-urlencoded")
    ? Object.fromEntries(new URLSearchParams(text))
    : parsed(text);
  const error = errorOf(fields.error);
  if (status === 429) throw failure("api.rate_limited", `${host} was asked for tokens too often.`, LATER);
  if (PASSING.has(error ?? "") || (status >= 500 && error !== "invalid_grant")) {
    const message = `The token endpoint of ${host} gives no token now (status ${status}).`;
    throw failure("api.unreachable", message, LATER);
  }
  if (error !== undefined) {
    // Some say with 200 that it went wrong.
    const told = status >= 400 && status < 500 ? status : 400;
    return Response.json({ error, error_description: filled(fields.error_description) }, { status: told });
  }
  const access_token = filled(fields.access_token);
  if (status < 400 && access_token === undefined) {
    throw failure("api.bad_response", `The token endpoint of ${host} answered without a token.`);
  }
  return Response.json(
    {
      access_token,
      refresh_token: filled(fields.refresh_token),
      expires_in: secondsOf(fields.expires_in),
      token_type: "bearer",
    },
    { status: status < 300 ? 200 : status },
  );
}

function filled(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** An error, which some give as an object; those who mean that there is none say null or false. */
function errorOf(value: unknown): string | undefined {
  if (typeof value === "object" && value !== null) return JSON.stringify(value);
  return filled(value);
}

function secondsOf(value: unknown): number | undefined {
  const text = filled(value)?.trim();
  const seconds = text === undefined || text === "" ? value : Number(text);
  if (typeof seconds !== "number" || !(seconds >= 0)) return undefined;
  return Math.min(seconds, LONGEST_SECONDS);
}

function parsed(body: string): Record<string, unknown> {
  try {
    return { ...Object(JSON.parse(body)) };
  } catch {
    return {};
  }
}
