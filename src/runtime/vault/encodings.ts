/** Where fewer characters of an encoding are certain, it says nothing. */
const SHORTEST_CORE = 5;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** A value as bytes: in UTF-8, and in UTF-16 of both orders. */
export function bytesOf(value: string): { readonly utf8: Buffer; readonly utf16: readonly [Buffer, Buffer] } {
  const little = Buffer.from(value, "utf16le");
  return { utf8: Buffer.from(value, "utf8"), utf16: [little, Buffer.from(little).swap16()] };
}

/** Part of an encoding that is the same whatever stands around the bytes within what was encoded. */
export interface Core {
  readonly text: string;
  /** Bytes that stand before, within their group. */
  readonly offset: number;
}

/** Base64 of bytes wherever they stand: what is certain of each of the three ways in which they fall on groups of three. */
export function base64Cores(bytes: Buffer): Core[] {
  return cores(bytes, 3, 6, (padded) => padded.toString("base64"));
}

/** The same in base32 (RFC 4648), whose groups are of five. */
export function base32Cores(bytes: Buffer): Core[] {
  return cores(bytes, 5, 5, base32);
}

function cores(bytes: Buffer, group: number, bits: number, encode: (bytes: Buffer) => string): Core[] {
  return Array.from({ length: group }, (_, offset) => {
    const text = encode(Buffer.concat([Buffer.alloc(offset), bytes]));
    const first = Math.ceil((offset * 8) / bits);
    return { text: text.slice(first, Math.floor(((offset + bytes.length) * 8) / bits)), offset };
  }).filter(({ text }) => text.length >= SHORTEST_CORE);
}

/** Without padding, and without the last character where it is not whole. */
function base32(bytes: Buffer): string {
  const out = Buffer.alloc(Math.floor((bytes.length * 8) / 5));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    for (; bits >= 5; at++) {
      bits -= 5;
      out[at] = BASE32.charCodeAt((held >> bits) & 31);
    }
  }
  return out.toString("latin1");
}
