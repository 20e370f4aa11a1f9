import type { Json } from "../../base/index.ts";
import type { Path } from "../finding.ts";

/** A value of a YAML file with the stretch of text that it was read from (UTF-16 offsets, the end exclusive). */
export interface Node {
  readonly value: Json;
  readonly start: number;
  readonly end: number;
  /** Of a map: its pairs by key, in the order of writing. */
  readonly entries: ReadonlyMap<string, Entry> | null;
  /** Of a list: its items. */
  readonly items: readonly Node[] | null;
}

/** One pair of a map. */
export interface Entry {
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly node: Node;
}

/** Where a path leads. Where it leads nowhere, the nearest place above it that there is. */
export interface Place {
  readonly key: { readonly start: number; readonly end: number } | null;
  readonly value: { readonly start: number; readonly end: number };
}

/** Follows a path from a node as far as it goes. */
export function locate(root: Node, path: Path): Place {
  let key: Place["key"] = null;
  let node = root;
  for (const step of path) {
    if (typeof step === "string") {
      const entry = node.entries?.get(step);
      if (entry === undefined) break;
      key = { start: entry.keyStart, end: entry.keyEnd };
      node = entry.node;
    } else {
      const item = node.items?.[step];
      if (item === undefined) break;
      key = null;
      node = item;
    }
  }
  return { key, value: { start: node.start, end: node.end } };
}
