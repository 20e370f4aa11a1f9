import type { Json, JsonObject } from "../../base/index.ts";
import { TEXT } from "../../manifest/index.ts";
import type { Ledger } from "../argentos/ledger.ts";
import { get, isMap, mapAt } from "../json.ts";
import { responseOf } from "./response.ts";
import { urlOf } from "./rest.ts";
import type { Use, Workbench } from "./values.ts";

const TYPES: Readonly<Record<string, string>> = {
  Int: "integer",
  Float: "number",
  Boolean: "boolean",
  ID: "string",
  String: "string",
};

/** A `graphql` block as ours; `url` is absent where the folder names none. Null where it can't be asked, which is noted. */
export function graphqlOf(
  source: JsonObject,
  beside: Json | undefined,
  bench: Workbench,
  ledger: Ledger,
): JsonObject | null {
  const query = ledger.text(source, "query");
  const problem = query === null ? "there is none" : problemOf(query);
  if (query === null || problem !== null) {
    bench.lost("the query", problem ?? "");
    return null;
  }
  const url = Object.hasOwn(source, "url") ? urlOf(ledger.text(source, "url"), bench) : undefined;
  if (url === null) return null;
  const uses = variablesOf(query);
  if (isMap(get(source, "variables"))) ledger.take(source, "variables");
  const variables = bench.fields(mapAt(source, "variables"), "variables", (name) => uses.get(name) ?? {});
  const response = get(source, "response") ?? beside;
  return {
    ...(url === undefined ? {} : { url }),
    query,
    ...(Object.keys(variables).length === 0 ? {} : { variables }),
    ...responseOf(response, "graphql", bench, ledger),
  };
}

function problemOf(query: string): string | null {
  if (query.length > TEXT.long) return `it is longer than ${TEXT.long} characters`;
  const spliced = /\{\{\s*(?:(?:params|account)\b|[A-Za-z_]\w*\s*(?:[.|[][^{}]*)?\}\})/.test(query);
  return spliced ? "a template stands within it, where a variable should" : null;
}

/** What the variables of a query tell of the parameters that fill them: `$limit: Int` is an integer. */
function variablesOf(query: string): ReadonlyMap<string, Partial<Use>> {
  const found = query.matchAll(/\$([A-Za-z_]\w*)\s*:\s*(\[?)\s*([A-Za-z_]\w*)[\]!\s]*?(!?)\s*(?=[,)=$]|\s)/g);
  return new Map(
    [...found].map(([text, name = "", list, type = ""]) => [
      name,
      { type: list === "[" ? "array" : (TYPES[type] ?? null), needed: text.trimEnd().endsWith("!") },
    ]),
  );
}
