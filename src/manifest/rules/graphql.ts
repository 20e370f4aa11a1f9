import type { JsonObject } from "../../base/index.ts";
import { asMap, asText } from "../declared.ts";
import type { Path } from "../finding.ts";
import { didYouMean } from "../shape/check.ts";
import type { Report } from "./rule.ts";

// A comment or a text: what looks like a variable in there is none.
const NOT_CODE = /#[^\r\n]*|"""[\s\S]*?(?:"""|$)|"(?:\\.|[^"\\\r\n])*"/g;

/** Whether a document's first operation is a mutation. */
export function isMutation(query: string): boolean {
  return /^\s*mutation\b/.test(query.replace(NOT_CODE, " "));
}

/** The variables that are given are those that the query declares; what may be null or has a default may be left out. */
export function checkVariables(graphql: JsonObject, path: Path, report: Report): void {
  const query = asText(graphql.query);
  if (query === null) return;
  const declared = variablesOf(query);
  const given = Object.keys(asMap(graphql.variables) ?? {});
  for (const name of given.filter((key) => !declared.has(key))) {
    const near = didYouMean(name, [...declared.keys()]);
    const hint = near === null ? undefined : `Did you mean ${near}?`;
    const message = `The query declares no $${name}.`;
    report("tool.graphql_variable", [...path, "variables", name], message, hint, "key");
  }
  for (const [name, needed] of declared) {
    if (!needed || given.includes(name)) continue;
    report("tool.graphql_variable", [...path, "query"], `$${name} must be given, and is not.`);
  }
}

/**
 * The variables that a GraphQL document declares, each with whether it must be given: its type ends with `!` and there
 * is no default (October 2021 specification, section 2.10). Tolerant: what is not well-formed declares little.
 */
function variablesOf(query: string): ReadonlyMap<string, boolean> {
  const code = query.replace(NOT_CODE, " ");
  const declarations = code.matchAll(/\$([A-Za-z_][A-Za-z0-9_]*)\s*:([[\]!\w\s]*)(=?)/g);
  return new Map(
    [...declarations].map(([, name = "", type = "", equals]) => [
      name,
      type.trim().endsWith("!") && equals === "",
    ]),
  );
}
