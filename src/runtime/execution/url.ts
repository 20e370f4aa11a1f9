import type { JsonObject } from "../../base/index.ts";
import type { FieldStyle, Manifest } from "../../manifest/index.ts";
import { renderHost, splitOutside, splitUrl, type UrlTemplate } from "./account.ts";
import { credentialNames } from "./credentials.ts";
import { failure, shown } from "./failure.ts";
import { queryFields } from "./fields.ts";
import { plainText, type Renderer } from "./templates.ts";

/** What a request's address is made of. */
export interface Address {
  readonly path: string | null;
  readonly url: string | null;
  readonly query: JsonObject;
  readonly query_styles: Readonly<Record<string, FieldStyle>>;
}

const MAX_URL = 32_000;

/**
 * The address of a request with its templates filled in. A value stays within the segment of the path that it stands in.
 * @throws ToolFailure `firewall.path`, `firewall.query`, `input.missing`, `input.too_large`, `account.*`
 */
export function requestUrl(address: Address, manifest: Manifest, renderer: Renderer): URL {
  const template = templateOf(address, manifest);
  const host = renderHost(template.host, renderer);
  const path = template.segments.map((segment) => renderSegment(segment, renderer)).join("/");
  const inQuery = splitOutside(template.query ?? "", "&").map((pair) => renderPair(pair, renderer));
  const fields = queryFields(renderer.fields(address.query), address.query_styles, template.taken).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  const query = [...inQuery, ...fields].filter((part) => part !== "").join("&");
  const text = `${template.scheme}//${host}${path}${query === "" ? "" : `?${query}`}`;
  if (text.length > MAX_URL)
    throw failure("input.too_large", `The URL would have more than ${MAX_URL} characters.`);
  const url = URL.parse(text);
  if (url === null) throw failure("input.bad_value", `${shown(text)} is not a URL.`);
  return url;
}

/** An address taken apart down to the segments of its path. */
interface AddressTemplate extends UrlTemplate {
  readonly segments: readonly string[];
  /** Names of the query's fields, whether they are filled in or not, and of those that carry a credential. */
  readonly taken: readonly string[];
}

/** A manifest does not change, and its tools are called again and again. */
const known = new WeakMap<Address, { readonly manifest: Manifest; readonly template: AddressTemplate }>();

function templateOf(address: Address, manifest: Manifest): AddressTemplate {
  const standing = known.get(address);
  if (standing?.manifest === manifest) return standing.template;
  const whole = wholeOf(address, manifest);
  const credentials = credentialNames(manifest).filter((slot) => slot.in === "query");
  const own = splitOutside(whole.query ?? "", "&").map((pair) => splitOutside(pair, "=")[0] ?? "");
  const taken = [...credentials.map(({ name }) => name), ...own, ...Object.keys(address.query)];
  const template = { ...whole, segments: splitOutside(whole.path, "/"), taken };
  known.set(address, { manifest, template });
  return template;
}

function wholeOf({ path, url }: Address, manifest: Manifest): UrlTemplate {
  if (url !== null) return splitUrl(url);
  if (manifest.base_url === null) {
    throw failure("runtime.no_executor", "The tool has a path, and the manifest no base_url.");
  }
  const base = splitUrl(manifest.base_url);
  if (path === null) return base;
  const own = splitUrl(`https://x${path}`);
  const query = [base.query, own.query].filter((part) => part !== null).join("&");
  return { ...base, path: base.path.replace(/\/+$/, "") + own.path, query };
}

/** One field of a query that stands in the URL itself; empty when what it is about is absent. */
function renderPair(pair: string, renderer: Renderer): string {
  let templates = 0;
  let absent = 0;
  const text = renderer.text(pair, (value) => {
    templates++;
    if (value === undefined || value === null) absent++;
    return encodeURIComponent(plainText(value));
  });
  return templates > 0 && absent === templates ? "" : text;
}

/**
 * One segment. A server may decode it once more than it should, so what would be a slash or a step up after that is
 * refused too, however it is written.
 */
function renderSegment(segment: string, renderer: Renderer): string {
  if (!segment.includes("{{")) return segment;
  let filled = "";
  const text = renderer.text(segment, (value, source) => {
    const given = plainText(value);
    const name = source.replace(/^\{\{-?\s*|\s*-?\}\}$/g, "");
    if (given === "") {
      const why = value === undefined || value === null ? "was not given" : "is empty";
      throw failure("input.missing", `${name} is part of the path and ${why}.`);
    }
    if (/[/\\\p{Cc}]|%(?:2f|5c|2e|25|00)/iu.test(given) || !given.isWellFormed()) {
      throw failure(
        "firewall.path",
        `${name} can't be ${shown(given)}: it would leave its place in the path.`,
      );
    }
    filled += given;
    return encodeURIComponent(given);
  });
  // Two values may come to what neither is, and some servers take what follows a semicolon off before they read the dots.
  const [bare = ""] = text.split(/;|%3b/i, 1);
  const [bareFilled = ""] = filled.split(";", 1);
  if (/^\.{1,2}$/.test(bare) || /^\.+$/.test(bareFilled) || /%25(?:2f|5c|2e|25|00)/i.test(text)) {
    throw failure("firewall.path", `${shown(text)} can't be a part of the path.`);
  }
  return text;
}
