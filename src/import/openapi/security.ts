import type { Json, JsonObject } from "../../base/index.ts";
import { get, isMap, mapAt, textAt, textOf } from "../json.ts";
import type { Notes } from "../notes.ts";
import { plainText } from "../text.ts";
import type { Document, Family } from "./document.ts";

/** A security scheme, told in the same way for every version. */
export interface Scheme {
  readonly name: string;
  /** What a manifest can do with it; null: nothing. */
  readonly kind: "api_key" | "bearer" | "basic" | "oauth2" | null;
  /** What it is in a few words, such as `apiKey in query`. */
  readonly label: string;
  /** Of a key: where it goes, under which name, after which word. */
  readonly key: {
    readonly in: "header" | "query" | "cookie";
    readonly name: string;
    readonly prefix: string;
  } | null;
  readonly flows: readonly Flow[];
  /** Whether the key is not sent as it is, but signs the request. */
  readonly signed: boolean;
  readonly description: string;
}

/** One way to get a token, with the scopes that can be asked for. */
export interface Flow {
  readonly name: string;
  readonly authorizationUrl: string | null;
  readonly tokenUrl: string | null;
  readonly refreshUrl: string | null;
  readonly scopes: readonly { readonly name: string; readonly description: string | null }[];
}

const KEY_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;

/**
 * Every security scheme of a document, in its order; `nodes` are those of either version.
 * @param base where the API is: what URLs without a host count from
 */
export function readSchemes(document: Document, nodes: JsonObject, base: string, notes: Notes): Scheme[] {
  return Object.entries(nodes).map(([name, raw]) => {
    const node = document.follow(raw) ?? null;
    const misplaced = document.family === "openapi3" && Object.keys(mapAt(node, "scopes")).length > 0;
    if (misplaced) notes.add(`the scopes of ${name}`, "security", "they stand beside flows, not in one");
    return readScheme(name, node, readFlows(node, document.family, base));
  });
}

function readScheme(name: string, node: Json, flows: readonly Flow[]): Scheme {
  const type = textAt(node, "type") ?? "nothing that it names";
  const description = plainText((textAt(node, "description") ?? "").slice(0, 5000));
  const nothing = {
    name,
    kind: null,
    label: type,
    key: null,
    // Whatever the scheme's kind: scopes are what an app may be granted.
    flows,
    signed: false,
    description,
  } satisfies Scheme;
  switch (type.toLowerCase()) {
    case "basic":
      return { ...nothing, kind: "basic" };
    case "apikey":
      return readKey(nothing, node);
    case "http":
      return readHttp(nothing, textAt(node, "scheme") ?? "");
    case "oauth2": {
      const names = flows.map((flow) => flow.name).join(", ");
      return {
        ...nothing,
        kind: flows.some(grantOf) ? "oauth2" : "bearer",
        label: `oauth2 ${names}`.trim(),
      };
    }
    case "openidconnect":
      return { ...nothing, kind: "bearer" };
    default:
      return nothing;
  }
}

/** The grant of a manifest by which a flow can be run, or null. */
export function grantOf(flow: Flow): "authorization_code" | "client_credentials" | null {
  if (flow.tokenUrl === null) return null;
  if (/^(?:authorizationCode|accessCode)$/.test(flow.name)) {
    return flow.authorizationUrl === null ? null : "authorization_code";
  }
  return /^(?:clientCredentials|application)$/.test(flow.name) ? "client_credentials" : null;
}

function readKey(scheme: Scheme, node: Json): Scheme {
  const place = textAt(node, "in");
  const name = (textAt(node, "name") ?? "").trim();
  const label = `apiKey in ${place ?? "no place"}`;
  if ((place !== "header" && place !== "query" && place !== "cookie") || !KEY_NAME.test(name)) {
    return { ...scheme, label };
  }
  const { description } = scheme;
  if (place === "header" && /^authorization$/i.test(name)) {
    if (/\bbearer\b/i.test(description)) return { ...scheme, kind: "bearer", label };
    if (/\bbasic\b/i.test(description)) return { ...scheme, kind: "basic", label };
  }
  const word = /\b(?:prepended|prefixed|preceded|prefix)\s+(?:with|by)?\s*["'`]([A-Za-z]{1,20})\b/i.exec(
    description,
  );
  const prefix = word?.[1] === undefined ? "" : `${word[1]} `;
  const signed =
    get(node, "x-amazon-apigateway-authtype") !== undefined || /\bsignature\b|\bHMAC\b/i.test(description);
  return { ...scheme, kind: "api_key", label, key: { in: place, name, prefix }, signed };
}

function readHttp(scheme: Scheme, word: string): Scheme {
  const label = `http ${word}`.trim();
  if (/^bearer$/i.test(word)) return { ...scheme, kind: "bearer", label };
  return { ...scheme, kind: /^basic$/i.test(word) ? "basic" : null, label };
}

/** Swagger 2.0 has one flow in the scheme itself, OpenAPI 3 several by name. */
function readFlows(node: Json, family: Family, base: string): Flow[] {
  if (family === "swagger2") {
    const single = textAt(node, "flow");
    if (single === null && get(node, "scopes") === undefined) return [];
    const flow = readFlow(single ?? "", node, base);
    // There, what starts with x- is an extension and no scope.
    return [{ ...flow, scopes: flow.scopes.filter((scope) => !scope.name.startsWith("x-")) }];
  }
  return Object.entries(mapAt(node, "flows"))
    .filter(([name, flow]) => isMap(flow) && !name.startsWith("x-"))
    .map(([name, flow]) => readFlow(name, flow, base));
}

function readFlow(name: string, node: Json, base: string): Flow {
  const url = (key: string): string | null => httpsUrl(absolute(textAt(node, key), base));
  return {
    name,
    authorizationUrl: url("authorizationUrl"),
    tokenUrl: url("tokenUrl"),
    refreshUrl: url("refreshUrl"),
    scopes: readScopes(get(node, "scopes")),
  };
}

/** A URL that may count from the API's own, taken as a folder; as it is where that has no host yet. */
function absolute(url: string | null, base: string): string | null {
  if (url === null || /^[a-z][a-z0-9+.-]*:/i.test(url) || base.includes("{{")) return url;
  const folder = base.replace(/\/*$/, "/");
  return URL.canParse(url, folder) ? new URL(url, folder).href : url;
}

function readScopes(value: Json | undefined): Flow["scopes"] {
  if (Array.isArray(value))
    return value.flatMap((name) => textOf(name) ?? []).map((name) => ({ name, description: null }));
  if (!isMap(value)) return [];
  return Object.entries(value).map(([name, description]) => ({ name, description: textOf(description) }));
}

/** A URL as a manifest may hold it; one that says http: is called by https:, as no credential goes in the clear. */
export function httpsUrl(text: string | null): string | null {
  if (text === null) return null;
  const secure = text.trim().replace(/^http:\/\//i, "https://");
  if (!/^https:\/\/[^\s/?#\\{}]+(?:[/?#][^\s{}]*)?$/.test(secure) || secure.length > 2048) return null;
  if (!URL.canParse(secure)) return null;
  const { username, password, hostname } = new URL(secure);
  return username === "" && password === "" && !isLocal(hostname) ? secure : null;
}

/** Whether a host is the machine itself, which nobody else can call. */
export function isLocal(host: string): boolean {
  return /^(?:localhost|.*\.localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\])$/i.test(host);
}
