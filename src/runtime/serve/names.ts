import { sha256 } from "../../base/index.ts";

/** Longer names are refused by some clients. */
const LONGEST = 44;
const HASH = 8;

/** A name that is wished for, and what it stands for, which no other has. */
export interface Wish {
  readonly name: string;
  readonly of: string;
}

/** How a tool of a connector wants to be listed among others: `connector__tool`, hyphens as underscores. */
export function toolWish(connector: string, tool: string): Wish {
  return { name: `${connector.replaceAll("-", "_")}__${tool}`, of: `${connector}/${tool}` };
}

/**
 * The names that wishes come to, in their order: at most 44 characters, no two alike. One that is too long, or taken by an
 * earlier one, is cut and gets a hash of what it stands for.
 */
export function namesOf(wishes: readonly Wish[]): string[] {
  const taken = new Set<string>();
  return wishes.map((wish) => {
    const name = wish.name.length <= LONGEST && !taken.has(wish.name) ? wish.name : hashed(wish);
    taken.add(name);
    return name;
  });
}

function hashed({ name, of }: Wish): string {
  return `${name.slice(0, LONGEST - HASH - 1)}_${sha256(of).slice(0, HASH)}`;
}
