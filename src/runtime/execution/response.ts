import type { Json } from "../../base/index.ts";
import { beginningOf, failure } from "./failure.ts";
import type { HttpAnswer } from "./http/client.ts";
import { askedWait } from "./http/retry.ts";

/** JSON deeper than this is an attack: what walks it would run out of stack. */
const MAX_DEPTH = 200;
/** Values in one answer and keys in one object of it: what walks more of them holds up all other calls for seconds. */
const MAX_VALUES = 1_000_000;
const MAX_KEYS = 100_000;
/** A shorter text has neither: a key takes six characters, with its value and what stands between. */
const ALWAYS_FEW = 6 * MAX_KEYS;
/** How much of an answer a message shows. */
const EXCERPT = 400;

/** The value of an answer: JSON as it is, text as a text, nothing as null, everything else as its type and base64. */
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

/**
 * Providers call JSON text and text JSON: what reads as JSON and looks like it is JSON, everything else is text. So is JSON that
 * is too deep or too much to be walked: a write that was answered with it has been done, and is no failure.
 */
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

/** Where a whole number has fewer digits, a double holds it. */
const LONG_NUMBER = /[0-9]{16}/;

/**
 * Whole numbers that a double can't hold, such as some providers' ids, become texts with all their digits. They are put in
 * quotes before the text is read again: a reviver would be called for every value there is, which takes seconds, and by
 * recursion.
 * @returns the text itself where it is too deep or too much to be walked
 * @throws SyntaxError
 */
export function parseJson(text: string): Json {
  const clean = text.replace(/^\ufeff|^\)\]\}',?\n/, "");
  if (clean.length > ALWAYS_FEW && isTooMuch(clean)) return text;
  const value: Json = JSON.parse(clean);
  if (!withinDepth(value, MAX_DEPTH)) return text;
  return LONG_NUMBER.test(clean) ? JSON.parse(longQuoted(clean)) : value;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_MAP = 0x7b;
const CLOSE_MAP = 0x7d;

/** The JSON text with its long whole numbers in quotes. By hand, as a regular expression runs out of stack at long texts. */
function longQuoted(json: string): string {
  let quoted = "";
  let from = 0;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = endOfText(json, at);
    else if (isDigit(code)) {
      const end = endOfNumber(json, at);
      const start = json.charAt(at - 1) === "-" ? at - 1 : at;
      const number = json.slice(start, end);
      if (end - at >= 16 && !/[^0-9-]/.test(number) && !Number.isSafeInteger(Number(number))) {
        quoted += `${json.slice(from, start)}"${number}"`;
        from = end;
      }
      at = end - 1;
    }
  }
  return quoted + json.slice(from);
}

function endOfText(json: string, start: number): number {
  let at = start + 1;
  for (; at < json.length && json.charCodeAt(at) !== QUOTE; at++) {
    if (json.charCodeAt(at) === BACKSLASH) at++;
  }
  return at;
}

function endOfNumber(json: string, start: number): number {
  let at = start;
  while (at < json.length && (isDigit(json.charCodeAt(at)) || ".eE+-".includes(json.charAt(at)))) at++;
  return at;
}

const COMMA = 0x2c;
const COLON = 0x3a;

/** Looks at JSON before it is parsed, as parsing is what takes the longest. Of what is no JSON it may say anything. */
function isTooMuch(json: string): boolean {
  const keys = new Int32Array(MAX_DEPTH + 1);
  let depth = 0;
  let values = 1;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = endOfText(json, at);
    else if (code === COMMA) values++;
    else if (code === COLON) {
      const count = (keys[depth] ?? 0) + 1;
      if (count > MAX_KEYS) return true;
      keys[depth] = count;
    } else if (code === OPEN_LIST || code === OPEN_MAP) {
      depth++;
      values++;
      if (depth > MAX_DEPTH || values > MAX_VALUES) return true;
      keys[depth] = 0;
    } else if (code === CLOSE_LIST || code === CLOSE_MAP) depth--;
  }
  return values > MAX_VALUES;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
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
    const wait =
      asked === null ? " It does not say for how long." : ` It asks for ${Math.ceil(asked / 1000)} seconds.`;
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
