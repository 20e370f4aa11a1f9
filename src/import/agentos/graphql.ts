import type { Json, JsonObject } from "../../base/index.ts";
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
  if (query === null || /\{\{\s*[A-Za-z_]\w*\s*(?:[.|[][^{}]*)?\}\}/.test(query)) {
    bench.lost(
      "the query",
      query === null ? "there is none" : "a template stands within it, where a variable should",
    );
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
