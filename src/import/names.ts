import { byCodeUnit, sha256 } from "../base/index.ts";

/** Keys that no YAML file of ours may have. */
const FORBIDDEN = new Set(["__proto__", "constructor", "prototype"]);

/** The words of a name in any spelling (`getHTTPResponse`, `repo-addTopíc`, `Best Fares`), in small ASCII letters. */
export function wordsOf(name: string): string[] {
  return name
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

/** A name of at most `max` characters: a longer one is cut at an underscore and ends in a hash of its identity. */
export function withinLength(name: string, max: number, identity: string): string {
  return name.length <= max ? name : withHash(name, max, identity, 8);
}

function withHash(name: string, max: number, identity: string, digits: number): string {
  const room = max - digits - 1;
  const cut = name.slice(0, room);
  const edge = cut.lastIndexOf("_");
  const stem = name.length > room && edge > room / 2 ? cut.slice(0, edge) : cut;
  return `${stem.replace(/_+$/, "")}_${sha256(identity).slice(0, digits)}`;
}

/** What wants a name. */
export interface Wanting {
  /** What tells it from all others, and never changes: such as `GET /pets/{id}`. */
  readonly identity: string;
  readonly wish: string;
}

/**
 * Gives each thing the name that it wishes, or where several wish the same, one of them that name and the others one
 * with a hash of their identity. Who gets it does not depend on the order in which they come.
 * @returns identity → name
 */
export function uniqueNames(things: readonly Wanting[], max: number): Map<string, string> {
  const given = new Map<string, string>();
  const taken = new Set<string>();
  const sorted = [...things].sort((a, b) => byCodeUnit(a.identity, b.identity));
  const late: Wanting[] = [];
  for (const thing of sorted) {
    const name = withinLength(thing.wish, max, thing.identity);
    if (taken.has(name)) late.push(thing);
    else {
      taken.add(name);
      given.set(thing.identity, name);
    }
  }
  for (const { wish, identity } of late) {
    let digits = 8;
    let name = withHash(wish, max, identity, digits);
    while (taken.has(name)) {
      digits += 4;
      name = withHash(wish, max, identity, digits);
    }
    taken.add(name);
    given.set(identity, name);
  }
  return given;
}

/** A name as an identifier of ours (letters, digits, underscores), kept as it is where it is one. */
export function identifier(name: string, max = 64): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && name.length <= max && !FORBIDDEN.has(name)) return name;
  const plain = name
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  const safe = plain === "" ? `_${sha256(name).slice(0, 8)}` : /^[0-9]/.test(plain) ? `_${plain}` : plain;
  return withinLength(FORBIDDEN.has(safe) ? `${safe}_` : safe, max, name);
}

/** Whether a YAML file of ours may have a key of that name. */
export function isForbiddenKey(name: string): boolean {
  return FORBIDDEN.has(name);
}

/** The words of a text as a set, for lists that are read more easily so. */
export function wordSet(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
