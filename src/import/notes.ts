import { stripHidden } from "../base/index.ts";

/** One thing of a description that is not in the folder as it was there. */
export interface NotCarried {
  /** The thing itself, such as `the header "Accept"`. */
  readonly what: string;
  /** Where it stood: an operation (`GET /pets`), a place in the document, or the document. */
  readonly where: string;
  /** Why, and what stands in its place, in a few words. */
  readonly why: string;
}

/** Collects what could not be carried over. */
export class Notes {
  readonly #list: NotCarried[] = [];
  readonly #known = new Set<string>();

  /** Notes one thing; the same thing at the same place is noted once. */
  add(what: string, where: string, why: string): void {
    const note = { what: short(what), where: short(where), why: short(why) };
    const key = `${note.what}\n${note.where}\n${note.why}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.#list.push(note);
  }

  /** All notes, in the order of the document. */
  get list(): readonly NotCarried[] {
    return this.#list;
  }
}

/** Names come from the document, and notes are printed: on one line, without what can't be seen, and not too long. */
function short(text: string): string {
  const line = stripHidden(text).replace(/\s+/g, " ").trim();
  return line.length <= 300 ? line : `${line.slice(0, 297).replace(/[\ud800-\udbff]$/, "")}...`;
}
