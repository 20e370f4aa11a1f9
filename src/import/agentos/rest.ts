import type { Json, JsonObject } from "../../base/index.ts";
import { TEXT } from "../../manifest/index.ts";
import type { Ledger } from "../argentos/ledger.ts";
import { get, isMap, mapAt, put } from "../json.ts";
import { responseOf } from "./response.ts";
import type { Workbench } from "./values.ts";

/** Headers that carry credentials; ours are put in as `auth` says. */
const CREDENTIAL =
  /^(?:authorization|proxy-authorization|cookie|(?:x-)?api-key|x-auth-token|x-access-token)$/i;
const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;
const METHOD = /^[A-Z][A-Z0-9_-]{0,30}$/;
/** An https URL whose host is fixed. */
const FIXED_HOST = /^https:\/\/[^\s/?#\\{}@]+(?:[/?#][^\r\n]*)?$/;

/** A `rest` block as ours; null where it is no request that we could make, which is noted. */
export function restOf(
  source: JsonObject,
  beside: Json | undefined,
  bench: Workbench,
  ledger: Ledger,
): JsonObject | null {
  const method = (ledger.text(source, "method") ?? "GET").toUpperCase();
  const url = urlOf(ledger.text(source, "url"), bench);
  if (url === null || !METHOD.test(method)) {
    if (!METHOD.test(method)) bench.lost(`the method ${method}`, "it is none of HTTP");
    return null;
  }
  const query = { ...taken(source, "params", ledger), ...taken(source, "query", ledger) };
  const encoding = ledger.exactly(source, "encoding", "form", "json", "multipart")
    ? get(source, "encoding")
    : "json";
  const rest: JsonObject = { method, url };
  if (Object.keys(query).length > 0) rest.query = bench.fields(query, "query");
  const headers = headersOf(taken(source, "headers", ledger), bench);
  if (Object.keys(headers).length > 0) rest.headers = headers;
  Object.assign(rest, bodyOf(source, encoding === "json" ? null : String(encoding), bench, ledger));
  const response = get(source, "response") ?? beside;
  return { ...rest, ...responseOf(response, "rest", bench, ledger) };
}

/** A field that is a map, taken; what it holds is looked at by whoever asked. */
function taken(source: JsonObject, key: string, ledger: Ledger): JsonObject {
  if (isMap(get(source, key))) ledger.take(source, key);
  return mapAt(source, key);
}

/** A URL whose host no argument can change. */
export function urlOf(source: string | null, bench: Workbench): string | null {
  if (source === null) {
    bench.lost("the request", "it has no url");
    return null;
  }
  const url = bench.text(source.trim().replace(/^http:\/\//i, "https://"), "url", { needed: true });
  if (url === null) return null;
  const isFixed =
    url.length <= TEXT.template && FIXED_HOST.test(url) && URL.canParse(url.replace(/\{\{[^{}]*\}\}/g, "x"));
  if (!isFixed) bench.lost(`the url ${source}`, "it is not an https URL with a host that is always the same");
  else if (/^http:/i.test(source.trim())) bench.lost(`http: in ${source}`, "it is https: in the manifest");
  return isFixed ? url : null;
}

function headersOf(source: JsonObject, bench: Workbench): JsonObject {
  const headers: JsonObject = {};
  for (const [name, item] of Object.entries(source)) {
    const what = `the header ${name}`;
    const value = bench.value(item, what);
    if (CREDENTIAL.test(name)) bench.lost(what, "it carries a credential, which is put in as auth says");
    else if (
      !HEADER.test(name) ||
      value === undefined ||
      typeof value === "object" ||
      /[\r\n]/.test(String(value)) ||
      String(value).length > TEXT.template
    ) {
      bench.lost(what, "it is none that a request can have");
    } else put(headers, name, String(value));
  }
  return headers;
}

function bodyOf(source: JsonObject, encoding: string | null, bench: Workbench, ledger: Ledger): JsonObject {
  const body = get(source, "body");
  if (body === undefined || body === null) return encoding === null ? {} : { encoding };
  ledger.take(source, "body");
  if (encoding === null || !isMap(body)) {
    const value = bench.value(body, "body");
    return { ...(encoding === null ? {} : { encoding }), ...(value === undefined ? {} : { body: value }) };
  }
  const fields: JsonObject = {};
  const styles: JsonObject = {};
  for (const [name, item] of Object.entries(body)) {
    const json = typeof item === "string" ? jsonWithTemplates(item) : null;
    const value = bench.value(json ?? item, `body.${name}`);
    if (value === undefined) continue;
    put(fields, name, value);
    if (json !== null) put(styles, name, "json");
  }
  return { encoding, body: fields, ...(Object.keys(styles).length === 0 ? {} : { body_styles: styles }) };
}

/**
 * What a text says in JSON, if templates stand within it: as a list or map whose texts have templates, no value can break
 * out of the place where it stands.
 */
function jsonWithTemplates(text: string): Json {
  if (!text.includes("{{") || !/^\s*[[{]/.test(text)) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isMap(value) || Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
