import * as z from "zod";
import type { Json } from "../../../base/index.ts";
import type { Manifest } from "../../../manifest/index.ts";
import { renderHost, splitUrl } from "../account.ts";
import { credentialHeaders, credentialNames } from "../credentials.ts";
import { failure, shown } from "../failure.ts";
import { queryFields } from "../fields.ts";
import type { Credentials } from "../http/client.ts";
import { checkHeader, checkHeaderValue } from "../http/headers.ts";
import { type Filled, isReading } from "../request.ts";
import type { Renderer } from "../templates.ts";
import type { HandlerSecrets } from "./secrets.ts";

/** The function gets no hint, only a message. */
const ENCODE = "put values into a path with encodeURIComponent";

const METHOD = /^[A-Z][A-Z0-9_-]{0,30}$/;

/** What comes out of the connector's process is as strange as any input. */
const requestShape = z.strictObject({
  method: z.string().regex(METHOD),
  target: z.string().max(32_000),
  query: z.record(z.string(), z.json()).default({}),
  headers: z.record(z.string(), z.string()).default({}),
  basic: z.tuple([z.string(), z.string()]).optional(),
  body: z.json().optional(),
  encoding: z.enum(["json", "form", "text", "binary"]).default("json"),
});

/** A request of a function, and the secrets that it puts into it. */
export interface HandlerFilled {
  readonly filled: Filled;
  readonly secrets: Credentials;
}

/**
 * Makes a request of what a function asks for.
 * @throws ToolFailure `handler.refused`, `firewall.*`, `input.*`, `account.*`
 */
export function fillHandler(
  question: Json,
  manifest: Manifest,
  renderer: Renderer,
  secrets: HandlerSecrets,
): HandlerFilled {
  const parsed = requestShape.safeParse(question);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join(".") || "request";
    throw failure("handler.refused", `The function's request can't be sent: ${where}: ${issue?.message}.`);
  }
  const { method, target, query, headers, basic, body, encoding } = parsed.data;
  const url = addressOf(target, manifest, renderer);
  const secretHeaders: Record<string, string> = {};
  const plainHeaders: Record<string, string> = {
    accept: "application/json, */*;q=0.5",
    "user-agent": "connector-sentinel",
  };
  for (const [name, value] of Object.entries(headers)) {
    if (secrets.has(value)) addSecretHeader(secretHeaders, name, secrets.fill(value));
    else {
      checkHeader(name, value, credentialHeaders(manifest));
      plainHeaders[name.toLowerCase()] = value;
    }
  }
  if (basic !== undefined) {
    const pair = Buffer.from(basic.map((text) => secrets.fill(text)).join(":")).toString("base64");
    addSecretHeader(secretHeaders, "authorization", `Basic ${pair}`);
  }
  const credentials = credentialNames(manifest).filter((slot) => slot.in === "query");
  const fields = queryFields(
    query,
    {},
    credentials.map(({ name }) => name),
  );
  for (const [name, value] of fields) if (!secrets.has(value)) url.searchParams.append(name, value);
  const filledBody = body === undefined ? undefined : secrets.fillAll(body);
  return {
    filled: {
      method,
      url,
      headers: plainHeaders,
      body: filledBody,
      encoding: { encoding, body_styles: {}, files: [] },
      reads: isReading(method),
    },
    secrets: {
      secrets: secrets.values,
      headers: secretHeaders,
      query: fields
        .filter(([, value]) => secrets.has(value))
        .map(([name, value]) => [name, secrets.fill(value)]),
      inBody: body !== undefined && secrets.has(JSON.stringify(body)),
    },
  };
}

/** A secret may stand in `Authorization` and its like, but not in what frames a request. */
function addSecretHeader(headers: Record<string, string>, name: string, value: string): void {
  const key = name.toLowerCase();
  if (key !== "authorization") checkHeader(name, value, new Set());
  else checkHeaderValue(name, value);
  headers[key] = value;
}

/**
 * A path below base_url or a full URL; a part of the path that a function was given can't lead out of its segment. What
 * ends a path is refused: of a part that was not encoded it would make a query, or cut off what comes after it.
 */
function addressOf(target: string, manifest: Manifest, renderer: Renderer): URL {
  const isPath = target.startsWith("/");
  // A URL's reader drops these, and what they have kept apart comes together.
  if (/[\p{Cc}\s]/u.test(target))
    throw failure("firewall.path", `${shown(target)} holds a space or control character: ${ENCODE}.`);
  if (target.includes("#")) throw failure("firewall.path", `${shown(target)} holds a #: ${ENCODE}.`);
  if (isPath && target.includes("?")) {
    throw failure(
      "firewall.path",
      `The path ${shown(target)} holds a ?: give fields as query, and ${ENCODE}.`,
    );
  }
  const [path = ""] = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, "").split("?", 1);
  for (const segment of path
    .split("/")
    .slice(1, -1)
    .concat(path.split("/").at(-1) || "x")) {
    // Some servers take what follows a semicolon off before they read the dots, and some decode twice.
    const [bare = ""] = segment.split(/;|%3b/i, 1);
    if (segment === "" || /^(?:\.|%2e){1,2}$/i.test(bare) || /\\|%(?:25)?(?:2f|5c)|%252e/i.test(segment)) {
      throw failure("firewall.path", `${shown(target)} has a part that leads out of its place in the path.`);
    }
  }
  const url = URL.parse(isPath ? baseOf(manifest, renderer) + target : target);
  if (url === null) throw failure("input.bad_value", `${shown(target)} is not an address.`);
  return url;
}

function baseOf({ base_url }: Manifest, renderer: Renderer): string {
  if (base_url === null)
    throw failure("handler.refused", "A path counts from base_url, and the manifest has none.");
  const { scheme, host, path } = splitUrl(base_url);
  return `${scheme}//${renderHost(host, renderer)}${path.replace(/\/+$/, "")}`;
}
