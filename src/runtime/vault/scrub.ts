import type { Json } from "../../base/index.ts";
import { base32Cores, base64Cores, bytesOf, type Core } from "./encodings.ts";
import { Fragments } from "./fragments.ts";

/** What stands where a secret stood. */
export const REDACTED = "[redacted]";

/** Shorter values are no secrets; blacking them out would tear ordinary words apart. */
const SHORTEST = 4;
/** How many values are kept, the latest. */
const MOST_VALUES = 50;
/** Characters of a value for which patterns are made. */
const LONGEST_PATTERN = 200;

/**
 * Blacks values out of texts, in whatever usual encoding they stand there. Short ones are found by patterns; those of a long
 * one would be more than an engine of regular expressions bears, and of a long one a piece is black too.
 */
export class Scrubber {
  readonly #patterns = new Map<string, readonly (RegExp | string)[]>();
  readonly #fragments = new Fragments();

  /** From now on this value is black. Returns whether it is a new one. */
  add(value: string): boolean {
    if (value.length < SHORTEST) return false;
    const known = this.#patterns.get(value);
    this.#patterns.delete(value);
    const isLong = Fragments.takes(value);
    if (isLong && known === undefined) this.#fragments.add(value);
    this.#patterns.set(value, known ?? (isLong ? [] : patternsOf(value)));
    // Tokens that are renewed every hour would add up; the oldest have long run out.
    const [oldest] = this.#patterns.keys();
    if (this.#patterns.size > MOST_VALUES && oldest !== undefined) {
      this.#patterns.delete(oldest);
      this.#fragments.delete(oldest);
    }
    return known === undefined;
  }

  /** The text without any of the values. */
  text(text: string): string {
    let clean = this.#fragments.text(text, REDACTED);
    for (const [value, patterns] of this.#patterns) {
      // No encoding is shorter than the value itself.
      if (text.length < value.length) continue;
      for (const pattern of patterns) clean = clean.replaceAll(pattern, REDACTED);
    }
    return clean;
  }

  /** A copy of a value without any of them, in keys and numbers too. */
  json(value: Json): Json {
    if (this.#patterns.size === 0) return value;
    if (typeof value === "string") return this.text(value);
    if (typeof value === "number") return this.text(String(value)) === String(value) ? value : REDACTED;
    if (Array.isArray(value)) return value.map((one) => this.json(one));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [this.text(name), this.json(inner)]),
    );
  }
}

/**
 * Every encoding of one value, as few patterns. Each is linear: no repetition meets another over the same text. Of a long one
 * that says nothing, being backslashes and spaces, there is only itself.
 */
function patternsOf(value: string): (RegExp | string)[] {
  if (value.length > LONGEST_PATTERN) return [value];
  const { utf8, utf16 } = bytesOf(value);
  const forms = [utf8, ...utf16];
  const wide = utf16.map((bytes) => literally(bytes.toString("latin1")));
  const exact = forms.flatMap((bytes) => [
    ...base64Cores(bytes).map(base64Pattern),
    ...base32Cores(bytes).map(({ text }) => `[A-Z2-7]?${text}[A-Z2-7]?={0,6}`),
  ]);
  return [
    new RegExp([[...value].map(character).join(""), ...wide].join("|"), "giu"),
    new RegExp(forms.map(hexed).join("|"), "gi"),
    ...(exact.length === 0 ? [] : [new RegExp(exact.join("|"), "g")]),
  ];
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  "\n": "n",
  "\r": "r",
  "\t": "t",
  "\b": "b",
  "\f": "f",
};
const ENTITIES: Readonly<Record<string, string>> = {
  "&": "amp",
  "<": "lt",
  ">": "gt",
  '"': "quot",
  "'": "apos",
};

/** One character, plain or as JSON, JavaScript, URLs, forms, HTML and quoted-printable write it, whichever is mixed in. */
function character(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const bytes = [...Buffer.from(char, "utf8")].map((byte) => byte.toString(16).padStart(2, "0"));
  const units = Array.from({ length: char.length }, (_, at) =>
    char.charCodeAt(at).toString(16).padStart(4, "0"),
  );
  const ways = [
    // Escaped once or twice: a JSON text within a JSON text.
    `\\\\{0,4}${literally(char)}`,
    bytes.map((byte) => `%(?:25)?${byte}`).join(""),
    bytes.map((byte) => `=${byte}`).join(""),
    units.map((unit) => `\\\\{1,4}u${unit}`).join(""),
    `&#0{0,6}${code};?`,
    `&#x0{0,6}${code.toString(16)};?`,
  ];
  if (code < 256) ways.push(`\\\\{1,4}x${code.toString(16).padStart(2, "0")}`);
  if (char === " ") ways.push("\\+");
  const short = SHORT_ESCAPES[char];
  if (short !== undefined) ways.push(`\\\\{1,4}${short}`);
  const entity = ENTITIES[char];
  if (entity !== undefined) ways.push(`&${entity};?`);
  return `(?:${ways.join("|")})`;
}

/** Bytes in hex, with or without something between. */
function hexed(bytes: Buffer): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("(?:0x|\\\\x|[:\\s,-]){0,3}");
}

/** In both alphabets, with line breaks, and the one uncertain character at each end. */
function base64Pattern({ text, offset }: Core): string {
  const chars = [...text].map((char) => (char === "+" ? "[+-]" : char === "/" ? "[/_]" : char));
  const before = offset === 0 ? "" : "[A-Za-z0-9+/_-]?";
  return `${before}${chars.join("(?:\\\\[rn]|\\s){0,4}")}[A-Za-z0-9+/_-]?={0,2}`;
}

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
