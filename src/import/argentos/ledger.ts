import type { Json } from "../../base/index.ts";
import { get, isMap, textAt } from "../json.ts";
import type { Notes } from "../notes.ts";

/** A value of at most this many characters is noted as a whole; a note is cut at 300. */
const LINE = 250;

/** More than these are a machine's doing, and not worth a line each. */
const MAX_NOTES = 3000;

/** A list or map, of which parts are taken. */
type Container = Json & object;

/**
 * Keeps account of a document: what is carried over is taken, and whatever nobody took is noted in the end. So nothing is
 * dropped in silence, known field or not, and a field of a wrong type is one that nobody took.
 */
export class Ledger {
  readonly #taken = new Map<object, Set<string>>();
  /** Whether something within a list or map was taken: known once all was, when the notes are made. */
  readonly #touched = new Map<object, boolean>();

  /** Ticks off a field or item with all that is in it. */
  take(parent: object, key: string | number): void {
    const keys = this.#taken.get(parent) ?? new Set();
    keys.add(String(key));
    this.#taken.set(parent, keys);
  }

  /** Whether a field or item was taken. */
  isTaken(parent: object, key: string): boolean {
    return this.#taken.get(parent)?.has(key) === true;
  }

  /** Takes a field that is a text and says something; null where it is not, and then it is not taken. */
  text(parent: Json | undefined, key: string): string | null {
    const value = get(parent, key);
    if (!isMap(parent) || typeof value !== "string" || value.trim() === "") return null;
    this.take(parent, key);
    return value;
  }

  /** Takes the texts of a list, each for itself. */
  texts(parent: Json | undefined, key: string): string[] {
    const list = get(parent, key);
    if (!Array.isArray(list)) return [];
    return list.flatMap((item, index) => {
      if (typeof item !== "string" || item.trim() === "") return [];
      this.take(list, index);
      return [item];
    });
  }

  /** Takes a field if it has one of some values. */
  exactly(parent: Json | undefined, key: string, ...values: Json[]): boolean {
    const found = get(parent, key);
    if (!isMap(parent) || found === undefined || !values.includes(found)) return false;
    this.take(parent, key);
    return true;
  }

  /**
   * Notes what was not taken, with its value: each thing at the highest place where nothing of it was taken and where it
   * fits a line. What says nothing is left out.
   */
  note(root: Json, file: string, reason: (path: readonly string[]) => string, notes: Notes): void {
    let count = 0;
    const add = (what: string, path: readonly string[]): void => {
      if (++count > MAX_NOTES) return;
      notes.add(what, [`${file}:`, path.slice(0, -1).join("/")].join(" ").replace(/: $/, ""), reason(path));
    };
    const visit = (value: Container, path: readonly string[]): void => {
      for (const [key, child] of Object.entries(value)) {
        if (this.isTaken(value, key) || isEmpty(child)) continue;
        const here = [...path, Array.isArray(value) ? (textAt(child, "id") ?? key) : key];
        if (isContainer(child) && (here.length === 1 || !isLine(child) || this.#isTouched(child))) {
          if (Array.isArray(child) && !child.some(isContainer) && !this.#taken.has(child)) {
            for (const line of linesOf(child)) add(`${key}: ${line}`, here);
          } else visit(child, here);
        } else
          add(
            Array.isArray(value) && isMap(child) ? JSON.stringify(child) : `${key}: ${JSON.stringify(child)}`,
            here,
          );
      }
    };
    if (isContainer(root)) visit(root, []);
    if (count > MAX_NOTES)
      notes.add(`${count - MAX_NOTES} more fields`, file, "they are not listed one by one");
  }

  #isTouched(value: Container): boolean {
    const known = this.#touched.get(value);
    if (known !== undefined) return known;
    const touched =
      this.#taken.has(value) ||
      Object.values(value).some((child) => isContainer(child) && this.#isTouched(child));
    this.#touched.set(value, touched);
    return touched;
  }
}

function isContainer(value: Json): value is Container {
  return typeof value === "object" && value !== null;
}

/** Whether a list or map fits a line; a list or map of maps is noted by its items in any case. */
function isLine(value: Container): boolean {
  if (Object.values(value).every(isMap)) return false;
  let left = LINE;
  const measure = (part: Json): void => {
    left -= 2;
    if (!isContainer(part)) left -= JSON.stringify(part).length;
    else {
      for (const [key, child] of Object.entries(part)) {
        if (left < 0) return;
        left -= key.length + 2;
        measure(child);
      }
    }
  };
  measure(value);
  return left > 0;
}

/** A list of single values as lists that each fit a line. */
function linesOf(list: readonly Json[]): string[] {
  const lines: string[] = [];
  let line = "";
  for (const item of list.map((one) => JSON.stringify(one))) {
    if (line !== "" && line.length + item.length > LINE) {
      lines.push(`[${line}]`);
      line = "";
    }
    line += line === "" ? item : `,${item}`;
  }
  return [...lines, `[${line}]`];
}

function isEmpty(value: Json): boolean {
  if (value === "" || value === null) return true;
  return isContainer(value) && Object.keys(value).length === 0;
}
