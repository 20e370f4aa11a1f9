import type { JsonObject } from "../../base/index.ts";
import type { Notes } from "../notes.ts";
import { describe } from "../text.ts";
import { isScopeName } from "./auth.ts";
import type { Scheme } from "./security.ts";

/**
 * The manifest's `scopes`: every scope of every scheme and flow, in the order of the document. Where several schemes have
 * scopes, `type` says which; where only some flows of a scheme have a scope, `category` says which.
 * @param source the page that the scopes are from, or null
 */
export function readScopes(schemes: readonly Scheme[], source: string | null, notes: Notes): JsonObject[] {
  const withScopes = schemes.filter(({ flows }) => flows.some(({ scopes }) => scopes.length > 0));
  const found = new Map<
    string,
    { schemes: Set<string>; flows: Set<string>; of: number; descriptions: string[] }
  >();
  for (const scheme of withScopes) {
    for (const flow of scheme.flows) {
      for (const { name: written, description } of flow.scopes) {
        const name = written.trim();
        if (!isScopeName(name))
          notes.add(`the scope ${name}`, scheme.name, "a scope's name is one line of at most 200 characters");
        else {
          const scope = found.get(name) ?? {
            schemes: new Set(),
            flows: new Set(),
            of: scheme.flows.length,
            descriptions: [],
          };
          scope.schemes.add(scheme.name);
          scope.flows.add(flow.name);
          const text = describe(description, `scope ${name}`, notes);
          if (text !== "" && !scope.descriptions.includes(text)) scope.descriptions.push(text);
          found.set(name, scope);
        }
      }
    }
  }
  return [...found].map(([name, { schemes: names, flows, of, descriptions }]) => {
    for (const other of descriptions.slice(1)) {
      notes.add(
        `another description of the scope ${name}: ${other}`,
        "security",
        "a scope has one description, the first",
      );
    }
    const [description] = descriptions;
    return {
      name,
      ...(withScopes.length > 1 ? { type: [...names].join(", ").slice(0, 200) } : {}),
      ...(names.size === 1 && flows.size < of ? { category: [...flows].join(", ") } : {}),
      ...(description === undefined ? {} : { description }),
      ...(source === null ? {} : { source }),
    };
  });
}
