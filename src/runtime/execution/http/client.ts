import type { IncomingHttpHeaders } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent } from "undici";
import { errno } from "../../../base/index.ts";
import { ToolFailure } from "../../seams.ts";
import { failure, messageOf, shown } from "../failure.ts";
import type { Reach } from "./address.ts";
import { collect } from "./collect.ts";
import { checkTarget, type HostRules } from "./hosts.ts";
import { checkedLookup, type Resolve, systemResolve } from "./lookup.ts";
import { ACCEPT_ENCODING, decoded } from "./read.ts";
import { type Repeatable, waitBefore } from "./retry.ts";

/** A request without its credentials. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

/** What goes with a request to the host that it is for, and to no other. */
export interface Credentials {
  /** The secret values themselves; a body that holds one is for its own host too. */
  readonly secrets: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Whether the body holds one, in whatever encoding: then it is for this host alone. */
  readonly inBody?: boolean;
}

/** An answer, whatever its status; never a redirect that can be followed. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in small letters; of several fields of one name, the first. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a call may cost and what has become of it. */
export interface Trip {
  /** Aborts with a ToolFailure as its reason. */
  readonly signal: AbortSignal;
  /** Milliseconds of `Date.now()`. */
  readonly deadline: number;
  readonly responseBytes: number;
  /** Whether the request may be sent again when the provider wants patience. */
  readonly repeatable: Repeatable;
  /** Told before the first byte is sent, and taken back when it turns out that none was, or that it changed nothing. */
  readonly sent: (maybe: boolean) => void;
  /** Told that what was sent stays sent, whatever becomes of later tries. */
  readonly stays: () => void;
}

/** Told apart for tests. */
export interface ClientParts {
  readonly resolve?: Resolve;
  /** Certificate authorities besides those of Node. */
  readonly ca?: string;
}

const MAX_REDIRECTS = 5;
const CONNECTIONS_PER_HOST = 8;
const MAX_HEADER_BYTES = 32 * 1024;
const CONNECT_MS = 10_000;
const SAFE = new Set(["GET", "HEAD"]);
/** These come before a byte has been sent. */
const NOT_SENT =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ENETDOWN|UND_ERR_CONNECT_TIMEOUT|UND_ERR_INVALID_ARG|ERR_TLS_\w+|ERR_SSL_\w+|CERT_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+)$/;

/** The only way from a connector to the network. */
export class HttpClient {
  readonly #agents: Readonly<Record<Reach, Agent>>;

  constructor(parts: ClientParts = {}) {
    const agent = (reach: Reach): Agent =>
      new Agent({
        connections: CONNECTIONS_PER_HOST,
        pipelining: 1,
        allowH2: false,
        maxHeaderSize: MAX_HEADER_BYTES,
        // The trip's own signal ends what takes too long.
        headersTimeout: 0,
        bodyTimeout: 0,
        connect: {
          timeout: CONNECT_MS,
          lookup: checkedLookup(parts.resolve ?? systemResolve, reach),
          ...(parts.ca !== undefined && { ca: parts.ca }),
        },
      });
    this.#agents = { public: agent("public"), own: agent("own") };
  }

  /**
   * Sends a request and reads its answer, following redirects and waiting where the provider asks for it, within bounds.
   * @throws ToolFailure `firewall.*`, `api.timeout`, `api.cancelled`, `api.unreachable`, `api.too_large`, `api.bad_response`
   */
  async send(
    request: HttpRequest,
    credentials: Credentials,
    rules: HostRules,
    trip: Trip,
  ): Promise<HttpAnswer> {
    const spoken = { ...request, url: rules.own.asSpoken(request.url) };
    for (let tries = 1; ; tries++) {
      const answer = await this.#follow(spoken, credentials, rules, trip);
      const now = Date.now();
      const wait = waitBefore(answer, trip.repeatable, tries, now, trip.deadline - now);
      if (wait === null) return answer;
      // Who answers 503 may have done some of it all the same.
      if (answer.status >= 500) trip.stays();
      await sleep(wait, undefined, { signal: trip.signal }).catch(() => trip.signal.throwIfAborted());
    }
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#agents).map((agent) => agent.destroy()));
  }

  async #follow(
    request: HttpRequest,
    credentials: Credentials,
    rules: HostRules,
    trip: Trip,
  ): Promise<HttpAnswer> {
    let { url, headers } = request;
    let carried = credentials;
    for (let redirects = 0; ; redirects++) {
      const reach = checkTarget(url, rules);
      const answer = await this.#exchange({ ...request, url, headers }, carried, reach, trip);
      const next = locationOf(answer, url);
      if (next === null) return answer;
      if (redirects >= MAX_REDIRECTS)
        throw failure("firewall.redirect", `More than ${MAX_REDIRECTS} redirects.`);
      if (!SAFE.has(request.method) && answer.status !== 307 && answer.status !== 308) {
        const message = `The provider answered a ${request.method} with a redirect (${answer.status}).`;
        throw failure("firewall.redirect", message);
      }
      checkRedirect(next, url, rules);
      carried = carriedTo(next, url, carried, request.body);
      if (next.origin !== url.origin) headers = plainOnly(headers);
      url = next;
    }
  }

  async #exchange(
    request: HttpRequest,
    credentials: Credentials,
    reach: Reach,
    trip: Trip,
  ): Promise<HttpAnswer> {
    trip.signal.throwIfAborted();
    const { url } = request;
    // A connection that it were sent on would be lost to the pool.
    if (request.method === "CONNECT")
      throw failure("firewall.method", "CONNECT is not a request to a provider.");
    try {
      const sending = {
        origin: url.origin,
        path: url.pathname + withQuery(url.search, credentials.query),
        method: request.method,
        headers: { "accept-encoding": ACCEPT_ENCODING, ...request.headers, ...credentials.headers },
        body: request.body,
      };
      const answer = await collect(this.#agents[reach], sending, {
        max: trip.responseBytes,
        signal: trip.signal,
        onStart: () => trip.sent(true),
      });
      const headers = plain(answer.headers);
      const body = await decoded(answer.body, headers["content-encoding"] ?? "", trip.responseBytes);
      return { status: answer.status, headers, body };
    } catch (error) {
      if (trip.signal.aborted) throw trip.signal.reason;
      throw told(error, url, trip);
    }
  }
}

/** No credentials. */
export const NONE: Credentials = { secrets: [], headers: {}, query: [] };

/** What a failure of the connection or its protocol is called. */
function told(error: unknown, url: URL, trip: Trip): unknown {
  if (error instanceof ToolFailure) {
    if (error.code === "firewall.address" || error.code === "api.unreachable") trip.sent(false);
    return error;
  }
  const code = errno(error) ?? "";
  const options = { cause: error };
  if (NOT_SENT.test(code)) {
    trip.sent(false);
    return failure("api.unreachable", `No connection to ${url.host}: ${messageOf(error)}.`, options);
  }
  if (code === "UND_ERR_HEADERS_OVERFLOW") {
    const message = `The header of the answer has more than ${MAX_HEADER_BYTES} bytes.`;
    return failure("api.too_large", message, options);
  }
  return failure(
    "api.bad_response",
    `${url.host} did not answer as HTTP has it: ${messageOf(error)}.`,
    options,
  );
}

/** Where an answer redirects to; null when it does not, or says nothing that can be followed. */
function locationOf(answer: HttpAnswer, url: URL): URL | null {
  if (![301, 302, 303, 307, 308].includes(answer.status)) return null;
  const location = answer.headers.location;
  if (location === undefined) return null;
  const next = URL.parse(location, url.href);
  if (next === null) throw failure("firewall.redirect", `The provider redirects to ${shown(location)}.`);
  next.hash = "";
  return next;
}

/** The same checks as for the first request, told as what they are: a redirect. */
function checkRedirect(next: URL, from: URL, rules: HostRules): void {
  if (from.protocol === "https:" && next.protocol === "http:") {
    throw failure("firewall.redirect", "The provider redirects from https to http.");
  }
  try {
    checkTarget(next, rules);
  } catch (error) {
    if (!(error instanceof ToolFailure)) throw error;
    throw failure("firewall.redirect", `The provider redirects to where no request may go: ${error.message}`);
  }
}

/**
 * The credentials that go along with a redirect: all of them within one origin, none to another. Once they are dropped
 * they do not come back, as it is then another host that chooses the address.
 */
function carriedTo(next: URL, from: URL, credentials: Credentials, body: Uint8Array | null): Credentials {
  if (next.origin === from.origin) {
    return { ...credentials, query: credentials.query.filter(([name]) => !next.searchParams.has(name)) };
  }
  if (credentials.inBody === true && body !== null) {
    throw failure("firewall.redirect", `The provider redirects a body with a secret to ${shown(next.host)}.`);
  }
  const texts = [next.href, unescaped(next.href), Buffer.from(body ?? []).toString()];
  if (credentials.secrets.some((secret) => secret !== "" && texts.some((text) => text.includes(secret)))) {
    throw failure("firewall.redirect", `The provider redirects with the credential to ${shown(next.host)}.`);
  }
  return NONE;
}

/** What says how to read and answer. Anything else may be a session's, from an earlier step or from the function. */
function plainOnly(headers: HttpRequest["headers"]): HttpRequest["headers"] {
  const plain = /^(?:accept|accept-language|content-type|user-agent)$/;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => plain.test(name)));
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

function withQuery(search: string, fields: Credentials["query"]): string {
  const pairs = fields.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  const all = [search.replace(/^\?/, ""), ...pairs].filter((part) => part !== "").join("&");
  return all === "" ? "" : `?${all}`;
}

function plain(headers: IncomingHttpHeaders): Record<string, string> {
  const first: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const text = Array.isArray(value) ? value[0] : value;
    if (text !== undefined) first[name] = text;
  }
  return first;
}
