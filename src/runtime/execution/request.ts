import type { Json } from "../../base/index.ts";
import type { Graphql, Manifest, Rest } from "../../manifest/index.ts";
import { encodeBody } from "./body.ts";
import { credentialHeaders } from "./credentials.ts";
import type { HttpRequest } from "./http/client.ts";
import { checkHeader } from "./http/headers.ts";
import { plainText, type Renderer } from "./templates.ts";
import { requestUrl } from "./url.ts";

/** A request whose templates are filled in, before its body is encoded and its credentials are put in. */
export interface Filled {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** undefined: no body. */
  readonly body: Json | undefined;
  readonly encoding: Pick<Rest, "encoding" | "body_styles" | "files">;
  /** Whether a request of this kind only reads: GET, HEAD, a GraphQL query. */
  readonly reads: boolean;
}

const READS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether a method is one that only reads (RFC 9110, 9.2.1: safe). */
export function isReading(method: string): boolean {
  return READS.has(method);
}

const WITHOUT_BODY = new Set(["GET", "HEAD", "DELETE", "OPTIONS"]);
const AGENT = "connector-sentinel";

/**
 * Fills in a `rest` request.
 * @throws ToolFailure `input.*`, `firewall.path`, `firewall.header`, `account.*`
 */
export function fillRest(rest: Rest, manifest: Manifest, renderer: Renderer): Filled {
  const credentials = credentialHeaders(manifest);
  const headers: Record<string, string> = { accept: "application/json, */*;q=0.5", "user-agent": AGENT };
  for (const [name, template] of Object.entries(rest.headers)) {
    const value = renderer.value(template);
    if (value === undefined || value === null) continue;
    const text = plainText(value);
    checkHeader(name, text, credentials);
    headers[name.toLowerCase()] = text;
  }
  return {
    method: rest.method,
    url: requestUrl(rest, manifest, renderer),
    headers,
    body: fillBody(rest, renderer),
    encoding: rest,
    reads: isReading(rest.method),
  };
}

/** A map that lost all its fields is still a body where one is expected. */
function fillBody({ body, method }: Rest, renderer: Renderer): Json | undefined {
  if (body === null) return undefined;
  const filled = renderer.value(body);
  const isMap = typeof body === "object" && !Array.isArray(body);
  return filled === undefined && isMap && !WITHOUT_BODY.has(method) ? {} : filled;
}

/**
 * Fills in a `graphql` request: a POST of query and variables, as GraphQL over HTTP has it.
 * @throws ToolFailure `input.*`, `account.*`
 */
export function fillGraphql(graphql: Graphql, manifest: Manifest, renderer: Renderer): Filled {
  const address = { path: null, url: graphql.url, query: {}, query_styles: {} };
  return {
    method: "POST",
    url: requestUrl(address, manifest, renderer),
    headers: { accept: "application/graphql-response+json, application/json;q=0.9", "user-agent": AGENT },
    body: { query: graphql.query, variables: renderer.fields(graphql.variables) },
    encoding: { encoding: "json", body_styles: {}, files: [] },
    reads: isQuery(graphql),
  };
}

/** Whether a GraphQL document has queries only. Looks at words outside of comments, so that it never says so wrongly. */
export function isQuery({ query }: Graphql): boolean {
  return !/\b(?:mutation|subscription)\b/.test(query.replace(/#[^\r\n]*/g, ""));
}

/**
 * Encodes the body, and names its type where the manifest does not.
 * @param maxBytes of the body
 * @param key goes with a request that may change something, unless the manifest has put a key of its own there
 * @throws ToolFailure `input.bad_value`, `input.too_large`
 */
export async function encoded(filled: Filled, maxBytes: number, key: string | null): Promise<HttpRequest> {
  const { method, url } = filled;
  const headers = { ...filled.headers };
  let body: Uint8Array | null = null;
  if (filled.body !== undefined) {
    const made = await encodeBody(filled.body, filled.encoding, maxBytes);
    body = made.bytes;
    // Only the writer of a multipart body knows its boundary.
    if (filled.encoding.encoding === "multipart" || headers["content-type"] === undefined)
      headers["content-type"] = made.type;
  }
  if (key !== null && headers["idempotency-key"] === undefined) headers["idempotency-key"] = key;
  return { method, url, headers, body };
}
