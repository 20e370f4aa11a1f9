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

  it("takes its time in step with the text, however hostile", () => {
    const scrubber = new Scrubber();
    scrubber.add(SECRET);
    const started = performance.now();
    for (const part of [
      "\\",
      "%25",
      "&#0",
      "=",
      "4b:",
      Buffer.from(SECRET).toString("base64").slice(0, -4),
      "K",
    ]) {
      scrubber.text(part.repeat(Math.ceil(1_000_000 / part.length)));
    }
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
