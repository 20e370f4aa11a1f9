import type { Json } from "../../base/index.ts";
import { beginningOf, failure } from "./failure.ts";
import type { HttpAnswer } from "./http/client.ts";
import { askedWait } from "./http/retry.ts";

/** JSON deeper than this is an attack: what walks it would run out of stack. */
const MAX_DEPTH = 200;
/** How much of an answer a message shows. */
const EXCERPT = 400;

/**
 * The value of an answer: JSON as it is, text as a text, nothing as null, everything else as its type and base64.
 * @throws ToolFailure `api.bad_response` for JSON that is nested too deeply
 */
export function readAnswer({ body, headers, status }: HttpAnswer): Json {
  if (body.length === 0 || status === 204 || status === 205) return null;
  const type = headers["content-type"] ?? "";
  const essence = (type.split(";", 1)[0] ?? "").trim().toLowerCase();
  if (isText(essence)) return readText(decodeText(body, type), essence);
  if (essence === "") {
    const text = utf8(body);
    if (text !== null && !text.includes("\0")) return readText(text, essence);
  }
  return { content_type: essence || "application/octet-stream", base64: body.toString("base64") };
}

function isText(essence: string): boolean {
  return (
    isJson(essence) ||
    /^(?:text\/|application\/(?:xml|javascript|ecmascript|x-www-form-urlencoded|graphql|yaml|x-yaml|x-ndjson)$|.*\+(?:xml|yaml)$)/.test(
      essence,
    )
  );
}

function isJson(essence: string): boolean {
  return /^(?:application|text)\/(?:json|x-json|javascript)$|\+json$/.test(essence);
}

/** Providers call JSON text and text JSON: what reads as JSON and looks like it is JSON, everything else is text. */
function readText(text: string, essence: string): Json {
  const start = text.trimStart().charAt(0);
  if (start === "{" || start === "[" || isJson(essence)) {
    try {
      return parseJson(text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return text;
}

/** In JSON: a text, or a whole number of many digits that stands alone. */
const TEXT_OR_LONG = /"[^"\\]*(?:\\.[^"\\]*)*"|(?<![0-9.eE+-])-?[0-9]{16,}(?![0-9.eE])/g;

/**
 * Whole numbers that a double can't hold, such as some providers' ids, become texts with all their digits. They are put in
 * quotes before the text is read again: a reviver would be called for every value there is, which takes seconds, and by
 * recursion.
 * @throws ToolFailure `api.bad_response` for what is nested too deeply; SyntaxError
 */
export function parseJson(text: string): Json {
  const clean = text.replace(/^\ufeff|^\)\]\}',?\n/, "");
  const value: Json = JSON.parse(clean);
  if (!withinDepth(value, MAX_DEPTH)) {
    throw failure("api.bad_response", `The answer is JSON nested more than ${MAX_DEPTH} levels deep.`);
  }
  if (!/[0-9]{16}/.test(clean)) return value;
  return JSON.parse(clean.replace(TEXT_OR_LONG, (found) => (isExact(found) ? found : `"${found}"`)));
}

function isExact(found: string): boolean {
  return found.startsWith('"') || Number.isSafeInteger(Number(found));
}

function withinDepth(value: Json, left: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (left === 0) return false;
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    if (!withinDepth(item, left - 1)) return false;
  }
  return true;
}

function decodeText(body: Buffer, type: string): string {
  const charset = /charset\s*=\s*"?([^\s";]+)/i.exec(type)?.[1] ?? "utf-8";
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return new TextDecoder().decode(body);
  }
}

function utf8(body: Buffer): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    return null;
  }
}

/**
 * Refuses an answer whose status is no success.
 * @param scrub removes secrets: an excerpt of the answer is part of the message
 * @throws ToolFailure `auth.rejected`, `api.rate_limited`, `api.status`
 */
export function checkStatus(answer: HttpAnswer, scrub: (text: string) => string): void {
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return;
  const said = excerpt(answer, scrub);
  if (status === 401)
    throw failure("auth.rejected", `The provider does not accept the credential (401)${said}`);
  const asked = askedWait(headers["retry-after"] ?? null, Date.now());
  if (status === 429 || (status === 503 && asked !== null)) {
    const wait = asked === null ? "" : ` It asks for ${Math.ceil(asked / 1000)} seconds.`;
    throw failure("api.rate_limited", `The provider asks to be called less often (${status}).${wait}`);
  }
  throw failure("api.status", `The provider answered ${status}${said}`);
}

function excerpt(answer: HttpAnswer, scrub: (text: string) => string): string {
  const type = answer.headers["content-type"] ?? "";
  const text = isText((type.split(";", 1)[0] ?? "").trim().toLowerCase())
    ? decodeText(answer.body, type)
    : "";
  return text.trim() === "" ? "." : `: ${beginningOf(text, EXCERPT, scrub)}`;
}
