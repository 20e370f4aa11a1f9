import { base32Cores, base64Cores, bytesOf } from "./encodings.ts";
import { baseView, hexView, plainView, type View } from "./views.ts";

/** Bytes of a view that have to agree with a value: fewer may be what it has in common with others, such as its headline. */
const SHORTEST_RUN = 48;
/** Bytes that are looked up at once, and how far apart the places of a value are that are known by theirs. */
const GRAM = 16;
/** So every run has a whole known gram in it. */
const STEP = SHORTEST_RUN - GRAM + 1;
/** Places that are kept of one gram: a value that repeats itself has too many. */
const MOST_PLACES = 4;
/** What lies between two pieces of a value and is not longer than this is black too. */
const WIDEST_GAP = 24;
/** How much has to be left of a value for it to be found by pieces, whatever is lost at its ends. */
const SHORTEST = SHORTEST_RUN + 16;

/** The views of a text, and a value as it would stand in each. */
const WAYS: readonly {
  readonly view: (text: string, placed: boolean) => View;
  readonly forms: (value: string) => string[];
}[] = [
  {
    view: plainView,
    forms: (value) => [value, ...bytesOf(value).utf16.map((bytes) => bytes.toString("latin1"))],
  },
  { view: hexView, forms: (value) => allBytes(value).map((bytes) => bytes.toString("hex")) },
  {
    view: baseView,
    forms: (value) =>
      allBytes(value).flatMap((bytes) =>
        [...base64Cores(bytes), ...base32Cores(bytes)].map(({ text }) => text),
      ),
  },
];

function allBytes(value: string): Buffer[] {
  const { utf8, utf16 } = bytesOf(value);
  return [utf8, ...utf16];
}

/** Where in a form of a value a gram stands. */
interface Place {
  readonly value: string;
  readonly form: Uint8Array;
  readonly at: number;
}

/** From where to where in a text, the end not included. */
type Range = [start: number, end: number];

/**
 * Finds long values in texts, and pieces of them, by looking at what the texts say and not at how it is written: time goes with
 * the length of the text, however many values there are and however long they are.
 */
export class Fragments {
  /** Made for the first value: most accounts have none that is long. */
  #grams: readonly Grams[] = [];
  readonly #values = new Set<string>();

  /** Whether there is enough of a value for this. */
  static takes(value: string): boolean {
    return value.length >= SHORTEST && plainView(value, false).length >= SHORTEST;
  }

  add(value: string): void {
    if (this.#grams.length === 0) this.#grams = WAYS.map(() => new Grams());
    this.#values.add(value);
    for (const [way, { view, forms }] of WAYS.entries()) {
      for (const text of forms(value)) {
        const { bytes, length } = view(text, false);
        this.#grams[way]?.add(value, bytes.slice(0, length));
      }
    }
  }

  delete(value: string): void {
    if (!this.#values.delete(value)) return;
    for (const grams of this.#grams) grams.delete(value);
  }

  /** The text with `black` in the place of every value and every piece of one. */
  text(text: string, black: string): string {
    if (this.#values.size === 0 || text.length < SHORTEST_RUN) return text;
    const ranges = WAYS.flatMap(
      ({ view }, way) => this.#grams[way]?.find((placed) => view(text, placed)) ?? [],
    );
    if (ranges.length === 0) return text;
    let clean = "";
    let from = 0;
    for (const [start, end] of joined(ranges)) {
      clean += text.slice(from, start) + black;
      from = end;
    }
    return clean + text.slice(from);
  }
}

function joined(ranges: Range[]): Range[] {
  const all: Range[] = [];
  for (const [start, end] of ranges.sort(([one], [other]) => one - other)) {
    const last = all.at(-1);
    if (last !== undefined && start <= last[1] + WIDEST_GAP) last[1] = Math.max(last[1], end);
    else all.push([start, end]);
  }
  return all;
}

const MULTIPLIER = 0x01000193;
const SLOTS = 1 << 20;
/** What the first byte of a gram counts in its hash. */
const FIRST = Array.from({ length: GRAM - 1 }).reduce<number>((power) => Math.imul(power, MULTIPLIER), 1);

/** The grams of values in one view. */
class Grams {
  readonly #places = new Map<number, Place[]>();
  /** The grams of each value. */
  readonly #hashes = new Map<string, number[]>();
  /** A bit for each slot, whether there may be a gram with such a hash: nearly always there is none. */
  readonly #maybe = new Int32Array(SLOTS / 32);

  add(value: string, form: Uint8Array): void {
    const hashes = this.#hashes.get(value) ?? [];
    this.#hashes.set(value, hashes);
    for (let at = 0; at + GRAM <= form.length; at += STEP) {
      const hash = hashAt(form, at);
      const places = this.#places.get(hash) ?? [];
      if (places.length >= MOST_PLACES) continue;
      places.push({ value, form, at });
      hashes.push(hash);
      this.#places.set(hash, places);
      this.#allow(hash);
    }
  }

  #allow(hash: number): void {
    const slot = slotOf(hash);
    this.#maybe[slot >>> 5] = (this.#maybe[slot >>> 5] ?? 0) | (1 << (slot & 31));
  }

  #allows(hash: number): boolean {
    const slot = slotOf(hash);
    return ((this.#maybe[slot >>> 5] ?? 0) & (1 << (slot & 31))) !== 0;
  }

  delete(value: string): void {
    for (const hash of this.#hashes.get(value) ?? []) {
      const left = this.#places.get(hash)?.filter((place) => place.value !== value) ?? [];
      if (left.length === 0) this.#places.delete(hash);
      else this.#places.set(hash, left);
    }
    this.#hashes.delete(value);
    this.#maybe.fill(0);
    for (const hash of this.#places.keys()) this.#allow(hash);
  }

  /** Where in a text pieces of values are. Nearly always there are none, and no place has to be known. */
  find(view: (placed: boolean) => View): Range[] {
    const found = this.#runs(view(false));
    if (found.length === 0) return [];
    const { starts, ends } = view(true);
    return found.map(([start, end]) => [starts[start] ?? 0, ends[end - 1] ?? 0]);
  }

  #runs({ bytes, length }: View): Range[] {
    const runs: Range[] = [];
    let done = 0;
    let hash = 0;
    let fresh = true;
    for (let at = 0; at + GRAM <= length; at++) {
      hash = fresh ? hashAt(bytes, at) : rolled(hash, bytes, at);
      fresh = false;
      if (!this.#allows(hash)) continue;
      const run = this.#longest(hash, bytes, at, done, length);
      if (run === null) continue;
      runs.push(run);
      done = run[1];
      at = done - 1;
      fresh = true;
    }
    return runs;
  }

  /** The longest run around a gram that agrees with a value, where it is long enough. */
  #longest(hash: number, bytes: Uint8Array, at: number, from: number, length: number): Range | null {
    let longest: Range | null = null;
    for (const { form, at: place } of this.#places.get(hash) ?? []) {
      let start = at;
      while (start > from && place - (at - start) > 0 && bytes[start - 1] === form[place - (at - start) - 1])
        start--;
      let end = at;
      while (end < length && place + (end - at) < form.length && bytes[end] === form[place + (end - at)])
        end++;
      if (end - start < Math.max(SHORTEST_RUN, longest === null ? 0 : longest[1] - longest[0] + 1)) continue;
      longest = [start, end];
    }
    return longest;
  }
}

function hashAt(bytes: Uint8Array, at: number): number {
  let hash = 0;
  for (let i = at; i < at + GRAM; i++) hash = (Math.imul(hash, MULTIPLIER) + (bytes[i] ?? 0)) | 0;
  return hash;
}

/** The hash of the gram at a place, made of that of the one before. */
function rolled(hash: number, bytes: Uint8Array, at: number): number {
  const rest = (hash - Math.imul(bytes[at - 1] ?? 0, FIRST)) | 0;
  return (Math.imul(rest, MULTIPLIER) + (bytes[at + GRAM - 1] ?? 0)) | 0;
}

function slotOf(hash: number): number {
  return Math.imul(hash, 0x9e3779b1) >>> 12;
}
