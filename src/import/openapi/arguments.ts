import { byCodeUnit } from "../../base/index.ts";
import { identifier, withinLength } from "../names.ts";
import type { Operation, Parameter } from "./model.ts";

/** The argument that a request's body is. */
export const BODY = "body";

const ORDER = ["path", "query", "querystring", "header", "cookie"];

/**
 * The argument of each parameter: its own name where that is one, else the nearest that is; where two would be the same,
 * the later says its place besides. The order in which the document has them does not matter.
 */
export function argumentNames({ parameters, body }: Operation): Map<Parameter, string> {
  const names = new Map<Parameter, string>();
  const taken = new Set<string>(body === null ? [] : [BODY]);
  const sorted = [...parameters].sort(
    (a, b) => ORDER.indexOf(a.in) - ORDER.indexOf(b.in) || byCodeUnit(a.name, b.name),
  );
  for (const parameter of sorted) {
    const name = identifier(parameter.name);
    const placed = withinLength(`${parameter.in}_${name}`, 64, parameter.name);
    const hashed = withinLength(`${placed}_${"_".repeat(64)}`, 64, `${parameter.in} ${parameter.name}`);
    const free = [name, placed, hashed].find((one) => !taken.has(one)) ?? hashed;
    taken.add(free);
    names.set(parameter, free);
  }
  return names;
}
