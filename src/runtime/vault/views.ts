/**
 * A text as bytes in which a way of writing has left no trace, and where in the text each of them comes from. Two texts that
 * say the same in different ways are the same here, up to what stands at their ends.
 */
export class View {
  readonly bytes: Uint8Array;
  readonly placed: boolean;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  length = 0;

  /**
   * @param most bytes that it will hold
   * @param placed whether it knows their places, which are eight times what they are themselves
   */
  constructor(most: number, placed: boolean) {
    this.bytes = new Uint8Array(most);
    this.placed = placed;
    this.starts = new Int32Array(placed ? most : 0);
    this.ends = new Int32Array(placed ? most : 0);
  }

  push(byte: number, start: number, end: number): void {
    this.bytes[this.length] = byte;
    if (this.placed) {
      this.starts[this.length] = start;
      this.ends[this.length] = end;
    }
    this.length++;
  }
}

/** Encodings within encodings that are looked through. */
const MOST_LAYERS = 8;

const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const HASH = 0x23;
const PERCENT = 0x25;
const AMPERSAND = 0x26;
const PLUS = 0x2b;
const COMMA = 0x2c;
const HYPHEN = 0x2d;
const SLASH = 0x2f;
const ZERO = 0x30;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const UNDERSCORE = 0x5f;
const SMALL_N = 0x6e;
const SMALL_R = 0x72;
const SMALL_U = 0x75;
const SMALL_X = 0x78;

/**
 * What a text says, in UTF-8 and small letters, however much of it is written as JSON, JavaScript, URLs, forms, HTML and
 * quoted-printable write it. White space and backslashes are left out: lines are broken and escaped in too many ways.
 */
export function plainView(text: string, placed: boolean): View {
  let view = utf8View(text, placed);
  for (let layer = 0; layer < MOST_LAYERS; layer++) {
    const inner = unescaped(view);
    if (inner === view) break;
    view = inner;
  }
  const bare = new View(view.length, placed);
  for (let at = 0; at < view.length; at++) {
    const byte = view.bytes[at] ?? 0;
    if (byte > SPACE && byte !== BACKSLASH && byte !== PLUS) {
      bare.push(byte, view.starts[at] ?? 0, view.ends[at] ?? 0);
    }
  }
  return bare;
}

/** Hex digits in small letters, without what may stand between them. */
export function hexView(text: string, placed: boolean): View {
  const view = new View(text.length, placed);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isSpace(code) || code === COLON || code === COMMA || code === HYPHEN) continue;
    if ((code === ZERO || code === BACKSLASH) && small(text.charCodeAt(at + 1)) === SMALL_X) at++;
    else view.push(code < 256 ? small(code) : 0, at, at + 1);
  }
  return view;
}

/** Characters of base64 and base32 as the first alphabet has them, without line breaks and escapes. */
export function baseView(text: string, placed: boolean): View {
  const view = new View(text.length, placed);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isSpace(code)) continue;
    if (code === BACKSLASH) {
      const next = text.charCodeAt(at + 1);
      if (next === SMALL_N || next === SMALL_R) at++;
    } else if (code === HYPHEN) view.push(PLUS, at, at + 1);
    else if (code === UNDERSCORE) view.push(SLASH, at, at + 1);
    else view.push(code < 256 ? code : 0, at, at + 1);
  }
  return view;
}

function utf8View(text: string, placed: boolean): View {
  const lower = text.toLowerCase();
  // Where a small letter has another length, places would be off.
  const same = lower.length === text.length ? lower : text;
  const view = new View(Buffer.byteLength(same), placed);
  for (let at = 0; at < same.length; at++) {
    const code = same.charCodeAt(at);
    if (code < 0x80) view.push(code, at, at + 1);
    else {
      const point = same.codePointAt(at) ?? code;
      const end = at + (point > 0xffff ? 2 : 1);
      pushPoint(view, point, at, end);
      at = end - 1;
    }
  }
  return view;
}

function pushPoint(view: View, point: number, start: number, end: number): void {
  if (point < 0x80) view.push(small(point), start, end);
  else if (point < 0x800) view.push(0xc0 | (point >> 6), start, end);
  else if (point < 0x10000) view.push(0xe0 | (point >> 12), start, end);
  else view.push(0xf0 | ((point >> 18) & 0x07), start, end);
  if (point >= 0x10000) view.push(0x80 | ((point >> 12) & 0x3f), start, end);
  if (point >= 0x800) view.push(0x80 | ((point >> 6) & 0x3f), start, end);
  if (point >= 0x80) view.push(0x80 | (point & 0x3f), start, end);
}

/** One layer of escapes taken off; the same view where there is none. */
function unescaped(view: View): View {
  const { bytes, starts, ends, length } = view;
  let inner: View | null = null;
  for (let at = 0; at < length; ) {
    const byte = bytes[at] ?? 0;
    const found =
      byte === BACKSLASH || byte === PERCENT || byte === EQUALS || byte === AMPERSAND
        ? escapeAt(bytes, at, length)
        : null;
    if (found === null) {
      inner?.push(byte, starts[at] ?? 0, ends[at] ?? 0);
      at++;
      continue;
    }
    inner ??= beginning(view, at);
    const start = starts[at] ?? 0;
    const end = ends[found.end - 1] ?? 0;
    if (found.isByte) inner.push(small(found.code), start, end);
    else pushPoint(inner, lowered(found.code), start, end);
    at = found.end;
  }
  return inner ?? view;
}

function beginning(view: View, length: number): View {
  const copy = new View(view.length, view.placed);
  copy.bytes.set(view.bytes.subarray(0, length));
  copy.starts.set(view.starts.subarray(0, length));
  copy.ends.set(view.ends.subarray(0, length));
  copy.length = length;
  return copy;
}

/** An escape: the byte or the character that it stands for, and where it ends. */
interface Escape {
  readonly code: number;
  readonly isByte: boolean;
  readonly end: number;
}

function escapeAt(bytes: Uint8Array, at: number, length: number): Escape | null {
  const head = bytes[at];
  if (head === BACKSLASH) return backslashed(bytes, at, length);
  if (head === AMPERSAND) return entity(bytes, at, length);
  const code = hexAt(bytes, at + 1, 2, length);
  if (code >= 0) return { code, isByte: true, end: at + 3 };
  // A line that quoted-printable breaks.
  const next = at + (bytes[at + 1] === RETURN ? 2 : 1);
  if (head !== EQUALS || next >= length || bytes[next] !== LINE_FEED) return null;
  return { code: SPACE, isByte: true, end: next + 1 };
}

/** Escaped up to four times: a JSON text within a JSON text. */
const MOST_BACKSLASHES = 8;
const WHITE = "nrtbf";

function backslashed(bytes: Uint8Array, from: number, length: number): Escape | null {
  let at = from;
  while (at < length && at - from < MOST_BACKSLASHES && bytes[at] === BACKSLASH) at++;
  const letter = at < length ? (bytes[at] ?? 0) : 0;
  if (letter === SMALL_X) {
    const code = hexAt(bytes, at + 1, 2, length);
    return code < 0 ? null : { code, isByte: false, end: at + 3 };
  }
  if (letter === SMALL_U) return unit(bytes, at, length);
  return WHITE.includes(String.fromCharCode(letter)) ? { code: SPACE, isByte: true, end: at + 1 } : null;
}

/** A UTF-16 unit, or two of them that are one character. */
function unit(bytes: Uint8Array, at: number, length: number): Escape | null {
  const code = hexAt(bytes, at + 1, 4, length);
  if (code < 0) return null;
  const alone = { code, isByte: false, end: at + 5 };
  if (code < 0xd800 || code > 0xdbff) return alone;
  let next = at + 5;
  while (next < length && next - at < 5 + MOST_BACKSLASHES && bytes[next] === BACKSLASH) next++;
  const low = bytes[next] === SMALL_U ? hexAt(bytes, next + 1, 4, length) : -1;
  if (low < 0xdc00 || low > 0xdfff) return alone;
  return { code: 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00), isByte: false, end: next + 5 };
}

const ENTITIES: readonly (readonly [name: Buffer, code: number])[] = [
  [Buffer.from("amp"), 0x26],
  [Buffer.from("lt"), 0x3c],
  [Buffer.from("gt"), 0x3e],
  [Buffer.from("quot"), 0x22],
  [Buffer.from("apos"), 0x27],
];
const MOST_DIGITS = 13;

function entity(bytes: Uint8Array, from: number, length: number): Escape | null {
  if (bytes[from + 1] === HASH) return numbered(bytes, from + 2, length);
  for (const [name, code] of ENTITIES) {
    const end = from + 1 + name.length;
    if (end <= length && name.every((byte, at) => bytes[from + 1 + at] === byte)) {
      return { code, isByte: true, end: end < length && bytes[end] === SEMICOLON ? end + 1 : end };
    }
  }
  return null;
}

function numbered(bytes: Uint8Array, from: number, length: number): Escape | null {
  const base = bytes[from] === SMALL_X ? 16 : 10;
  let at = base === 16 ? from + 1 : from;
  const first = at;
  let code = 0;
  for (; at < length && at - first < MOST_DIGITS; at++) {
    const digit = hexDigit(bytes[at] ?? 0);
    if (digit < 0 || digit >= base) break;
    code = code * base + digit;
  }
  if (at === first || code > 0x10ffff) return null;
  return { code, isByte: false, end: at < length && bytes[at] === SEMICOLON ? at + 1 : at };
}

/** A number of so many hex digits; -1 where there are fewer. */
function hexAt(bytes: Uint8Array, from: number, digits: number, length: number): number {
  if (from + digits > length) return -1;
  let code = 0;
  for (let at = from; at < from + digits; at++) {
    const digit = hexDigit(bytes[at] ?? 0);
    if (digit < 0) return -1;
    code = code * 16 + digit;
  }
  return code;
}

/** Small letters only: everything was made small before. */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
}

function small(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
}

function lowered(point: number): number {
  return point < 0x80 ? small(point) : (String.fromCodePoint(point).toLowerCase().codePointAt(0) ?? point);
}

function isSpace(code: number): boolean {
  return code === SPACE || (code >= 0x09 && code <= RETURN);
}
