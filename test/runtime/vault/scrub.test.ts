import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { REDACTED, Scrubber } from "../../../src/runtime/vault/scrub.ts";

const SECRET = `Ka-${"9"}x/+ü"<&> \\z=4Qw${"e".repeat(6)}`;

const utf16be = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();
const bytes = (text: string): string[] =>
  [...Buffer.from(text)].map((byte) => byte.toString(16).padStart(2, "0"));

/** Ways in which a provider, a log or a tool may write a value. */
const ENCODINGS: Record<string, (text: string) => string> = {
  raw: (text) => text,
  "in capitals": (text) => text.toUpperCase(),
  base64: (text) => Buffer.from(text).toString("base64"),
  "base64 without padding": (text) => Buffer.from(text).toString("base64").replace(/=+$/, ""),
  "base64, url alphabet": (text) => Buffer.from(text).toString("base64url"),
  "base64 after one byte": (text) => Buffer.from(`u${text}:`).toString("base64"),
  "base64 after two bytes": (text) => Buffer.from(`u:${text}@@`).toString("base64url"),
  "base64 in lines": (text) => Buffer.from(text).toString("base64").replace(/.{9}/g, "$&\r\n"),
  "base64 in lines within JSON": (text) =>
    JSON.stringify(Buffer.from(text).toString("base64").replace(/.{9}/g, "$&\n")),
  hex: (text) => bytes(text).join(""),
  "hex in capitals": (text) => bytes(text).join("").toUpperCase(),
  "hex with colons": (text) => bytes(text).join(":"),
  "percent-encoded": encodeURIComponent,
  "percent-encoded twice": (text) => encodeURIComponent(encodeURIComponent(text)),
  "percent-encoded whole": (text) =>
    bytes(text)
      .map((byte) => `%${byte}`)
      .join(""),
  form: (text) => new URLSearchParams({ k: text }).toString(),
  "JSON text": (text) => JSON.stringify({ k: text }),
  "JSON within JSON": (text) => JSON.stringify(JSON.stringify({ k: text })),
  "JSON in ASCII": (text) =>
    JSON.stringify(text).replace(
      /[^ -~]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
  "JSON, every character escaped": (text) =>
    [...text].map((char) => `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`).join(""),
  HTML: (text) =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;"),
  "HTML by numbers": (text) => [...text].map((char) => `&#${char.codePointAt(0)};`).join(""),
  "HTML by hex": (text) => [...text].map((char) => `&#x${char.codePointAt(0)?.toString(16)};`).join(""),
  "quoted-printable": (text) =>
    bytes(text)
      .map((byte) => `=${byte.toUpperCase()}`)
      .join(""),
  "UTF-16 little endian": (text) => Buffer.from(text, "utf16le").toString("latin1"),
  "UTF-16 big endian": (text) => utf16be(text).toString("latin1"),
  "base64 of UTF-16": (text) => Buffer.from(text, "utf16le").toString("base64"),
  "hex of UTF-16": (text) => utf16be(text).toString("hex"),
  "a Basic header": (text) => `Basic ${Buffer.from(`someone:${text}`).toString("base64")}`,
};

/** So many characters that say nothing, the same ones every time. */
function noise(length: number, seed = "n"): string {
  let text = "";
  for (let at = 0; text.length < length; at++) {
    text += createHash("sha512").update(`${seed}${at}`).digest("base64");
  }
  return text.slice(0, length);
}

/** A service account's key, as one that holds a text of a key within JSON. */
const LONG = JSON.stringify({
  type: "service_account",
  private_key: `-----BEGIN PRIVATE KEY-----\n${noise(1600).replace(/.{64}/g, "$&\n")}\n-----END PRIVATE KEY-----\n`,
  client_email: "söme+one=41@acme.example",
  x: `%41 &amp; <&> \\z \\u0041 ${noise(300, "x")}`,
});

describe("scrubbing", () => {
  it.each(Object.entries(ENCODINGS))("finds a value %s", (_name, encode) => {
    const scrubber = new Scrubber();
    scrubber.add(SECRET);
    const written = encode(SECRET);
    const clean = scrubber.text(`before ${written} after`);
    expect(clean).toContain(REDACTED);
    expect(clean).toMatch(/^before .*after$/s);
    // What is left between the words is what the encoding adds around the value: no more than a few characters.
    expect(clean.replaceAll(REDACTED, "").length).toBeLessThan("before  after".length + 24);
  });

  it.each(Object.entries(ENCODINGS))("finds a long value %s", (_name, encode) => {
    const scrubber = new Scrubber();
    scrubber.add(LONG);
    const clean = scrubber.text(`before ${encode(LONG)} after`);
    expect(clean).toMatch(/^before .*after$/s);
    expect(clean.replaceAll(REDACTED, "").length).toBeLessThan("before  after".length + 24);
  });

  it("finds a long value of which every character is written in another way", () => {
    const hex = (char: string): string => char.charCodeAt(0).toString(16).padStart(2, "0");
    const ways: ((char: string) => string)[] = [
      (char) => char,
      (char) => encodeURIComponent(char),
      (char) => encodeURIComponent(encodeURIComponent(char)),
      (char) => `\\u${hex(char).padStart(4, "0")}`,
      (char) => `\\\\x${hex(char)}`,
      (char) => `&#${char.charCodeAt(0)};`,
      (char) => JSON.stringify(char).slice(1, -1),
    ];
    const scrubber = new Scrubber();
    scrubber.add(LONG);
    const mixed = [...LONG].map((char, at) => ways[(at * at) % ways.length]?.(char)).join("");
    expect(scrubber.text(mixed).replaceAll(REDACTED, "").length).toBeLessThan(24);
  });

  it.each([64, 128, 2000, 4096, 65_536])(
    "finds a value of %i characters, and nothing beside it",
    (length) => {
      const scrubber = new Scrubber();
      const value = noise(length);
      scrubber.add(value);
      const around = noise(100_000, "around");
      expect(scrubber.text(`${around}"${value}"${around}`)).toBe(`${around}"${REDACTED}"${around}`);
    },
  );

  it("finds what is left of a long value that was cut at either end", () => {
    const scrubber = new Scrubber();
    scrubber.add(noise(3000));
    for (const [from, to] of [
      [0, 60],
      [1, 200],
      [1111, 1200],
      [2940, 3000],
    ]) {
      expect(scrubber.text(`"${noise(3000).slice(from, to)}"`)).toBe(`"${REDACTED}"`);
      const base64 = Buffer.from(`"${noise(3000).slice(from, to)}`).toString("base64");
      expect(scrubber.text(base64).length).toBeLessThan(24);
    }
  });

  it("knows only the latest of many long values", () => {
    const scrubber = new Scrubber();
    for (let at = 0; at <= 50; at++) scrubber.add(noise(1000, `t${at}-`));
    expect(scrubber.text(noise(1000, "t0-"))).toBe(noise(1000, "t0-"));
    expect(scrubber.text(noise(1000, "t1-"))).toBe(REDACTED);
    expect(scrubber.text(noise(1000, "t50-"))).toBe(REDACTED);
  });

  it("finds a long value that repeats itself", () => {
    const scrubber = new Scrubber();
    scrubber.add("0123456789".repeat(300));
    expect(scrubber.text(`<${"0123456789".repeat(300)}>`)).toBe(`<${REDACTED}>`);
    scrubber.add("\\".repeat(3000));
    expect(scrubber.text(`<${"\\".repeat(3000)}>`)).toBe(`<${REDACTED}>`);
  });

  it("leaves what is not secret as it is", () => {
    const scrubber = new Scrubber();
    scrubber.add(SECRET);
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        fc.pre(!text.includes(SECRET));
        expect(scrubber.text(text)).toBe(text);
      }),
    );
  });

  it("finds any value in the encodings of any text around it", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 8, maxLength: 30, unit: "binary" }),
        fc.string({ maxLength: 10 }),
        fc.string({ maxLength: 10 }),
        (secret, before, after) => {
          fc.pre(secret.isWellFormed());
          const scrubber = new Scrubber();
          scrubber.add(secret);
          const whole = before + secret + after;
          for (const text of [
            whole,
            JSON.stringify(whole),
            encodeURIComponent(secret),
            Buffer.from(whole).toString("base64"),
            Buffer.from(whole).toString("hex"),
          ]) {
            expect(scrubber.text(text)).toContain(REDACTED);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("goes through keys, lists and numbers of a value", () => {
    const scrubber = new Scrubber();
    scrubber.add("83172645");
    expect(scrubber.json({ a: [83172645, 1], k83172645: { b: "x 83172645", c: null, d: true } })).toEqual({
      a: [REDACTED, 1],
      [`k${REDACTED}`]: { b: `x ${REDACTED}`, c: null, d: true },
    });
  });

  it.each([
    ["short", SECRET],
    ["long", LONG],
  ])("takes its time in step with the text, however hostile, for a %s value", (_name, secret) => {
    const scrubber = new Scrubber();
    scrubber.add(secret);
    const started = performance.now();
    for (const part of [
      "\\",
      "%25",
      "&#0",
      "=",
      "4b:",
      Buffer.from(secret).toString("base64").slice(0, -4),
      "K",
    ]) {
      scrubber.text(part.repeat(Math.ceil(1_000_000 / part.length)));
    }
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
