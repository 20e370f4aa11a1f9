import type { Json } from "../../base/index.ts";
import { get, isMap, textAt } from "../json.ts";
import type { Notes } from "../notes.ts";

/** A value of at most this many characters is noted as a whole; a note is cut at 300. */
const LINE = 250;

/** A list or map, of which parts are taken. */
type Container = Json & object;

/**
 * Keeps account of a document: what is carried over is taken, and whatever nobody took is noted in the end. So nothing is
 * dropped in silence, known field or not, and a field of a wrong type is one that nobody took.
 */
export class Ledger {
  readonly #taken = new Map<object, Set<string>>();

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
   * Notes what was not taken, each thing at the highest place where nothing of it was and where it fits a line, with its
   * value. What says nothing is left out.
   */
  note(root: Json, file: string, reason: (path: readonly string[]) => string, notes: Notes): void {
    const visit = (value: Container, path: readonly string[]): void => {
      for (const [key, child] of Object.entries(value)) {
        if (this.isTaken(value, key) || isEmpty(child)) continue;
        const here = [...path, Array.isArray(value) ? (textAt(child, "id") ?? key) : key];
        const text = JSON.stringify(child);
        const goesIn =
          isContainer(child) && (this.#isTouched(child) || isOfMaps(child) || text.length > LINE);
        if (goesIn) visit(child, here);
        else {
          const what = Array.isArray(value) && isMap(child) ? text : `${key}: ${text}`;
          notes.add(what, `${file}: ${path.join("/")}`.replace(/: $/, ""), reason(here));
        }
      }
    };
    if (isContainer(root)) visit(root, []);
  }

  #isTouched(value: Container): boolean {
    if (this.#taken.has(value)) return true;
    return Object.values(value).some((child) => isContainer(child) && this.#isTouched(child));
  }
}

function isContainer(value: Json): value is Container {
  return typeof value === "object" && value !== null;
}

/** A list or map of maps is noted item by item. */
function isOfMaps(value: Container): boolean {
  const items = Object.values(value);
  return items.length > 0 && items.every(isMap);
}

function isEmpty(value: Json): boolean {
  if (value === "" || value === null) return true;
  return isContainer(value) && Object.keys(value).length === 0;
}
