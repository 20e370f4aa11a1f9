import type { Json, JsonObject } from "../../base/index.ts";
import { TEXT } from "../../manifest/index.ts";
import type { Ledger } from "../argentos/ledger.ts";
import { get, isMap } from "../json.ts";
import type { Answer } from "./jsonata-code.ts";
import { translateMapping } from "./mapping.ts";
import type { Workbench } from "./values.ts";

/** A root that our runtime can follow. */
const ROOT = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[\d+\])*$/;

/**
 * The `response` of an executor: where the answer is, what of it goes where, or what is answered anyway.
 * @param kind the executor, which says what an answer looks like
 */
export function responseOf(
  source: Json | undefined,
  kind: "rest" | "graphql" | "sql" | "applescript",
  bench: Workbench,
  ledger: Ledger,
): JsonObject {
  const response: JsonObject = {};
  const fixed = get(source, "static");
  if (isMap(source) && fixed !== undefined) {
    ledger.take(source, "static");
    const value = bench.value(fixed, "response.static");
    return value === undefined ? {} : { response: { static: value } };
  }
  const root = rootOf(source, kind, bench, ledger);
  if (root !== null) response.root = root;
  const mapping = get(source, "mapping");
  if (isMap(source) && mapping !== undefined) {
    ledger.take(source, "mapping");
    const options = { texts: bench.texts, answer: answerOf(kind, root) };
    const translated = translateMapping(mapping, options, (field, why) => {
      bench.lost(`the mapping of ${field === "" ? "the answer" : field}`, why);
    });
    for (const name of parametersIn(mapping))
      bench.uses.set(name, bench.uses.get(name) ?? { type: null, needed: false });
    if (translated !== null) response.mapping = translated;
  }
  return Object.keys(response).length === 0 ? {} : { response };
}

/** Rows are a list; a root of REST most often leads to one, whether many things were asked for or one. */
function answerOf(kind: string, root: string | null): Answer {
  if (kind === "sql") return root === null ? "rows" : "any";
  return kind === "rest" && root !== null ? "either" : "any";
}

/** Without a response of its own, a GraphQL answer comes without the `data` around it. */
function rootOf(source: Json | undefined, kind: string, bench: Workbench, ledger: Ledger): string | null {
  const root = get(source, "root");
  if (isMap(source) && typeof root === "string") {
    const plain = root.trim().replace(/^\$?\./, "");
    ledger.take(source, "root");
    if (ROOT.test(plain) && plain.length <= TEXT.name) return plain;
    if (plain !== "" && plain !== "$")
      bench.lost(`the root ${root}`, "a root is a path of names and indexes");
    return null;
  }
  return kind === "graphql" && get(source, "mapping") === undefined ? "data" : null;
}

/** Names of parameters that the templates within a mapping read. */
function parametersIn(mapping: Json): string[] {
  const text = JSON.stringify(mapping);
  return [...text.matchAll(/\{\{\s*params\.([A-Za-z_]\w*)/g)].map(([, name = ""]) => name);
}
