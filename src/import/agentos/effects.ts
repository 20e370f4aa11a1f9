import type { Json, JsonObject } from "../../base/index.ts";
import { changesData, isMutation } from "../../manifest/index.ts";
import { get, listAt, mapAt, textAt } from "../json.ts";
import { wordSet, wordsOf } from "../names.ts";

/** First words of actions that only ask. */
const ASKS = wordSet(`
  calculate check count describe fetch find get inspect list load lookup preview query read retrieve search show tables
  view whoami
`);
const DESTROYS = wordSet(`
  clear delete destroy drop erase flush kill purge remove revoke terminate trash truncate uninstall wipe
`);
const REPEATABLE = wordSet("PUT DELETE");

/** What an action does to the world, as a tool says it. */
export interface Effects {
  readonly side_effecting: boolean;
  readonly destructive: boolean;
  readonly idempotent: boolean;
  /** Whether it says that it only reads, and its request says otherwise. */
  readonly contradicted: boolean;
}

/**
 * Tells what an action does: as it says itself (`readonly`), unless its request says otherwise, else as its requests and
 * its name say. In doubt it changes something.
 * @param readonly what the action or its app says; null where neither does
 * @param work the executor as a tool has it; empty where it could not be carried over
 */
export function effectsOf(action: string, readonly: boolean | null, work: JsonObject): Effects {
  const steps = listAt(work, "steps");
  const requests = steps.length > 0 ? steps : [work];
  const [first = ""] = wordsOf(action);
  const changes = requests.some(changesSomething);
  const free = requests.some((one) => get(get(one, "sql"), "query_field") !== undefined);
  const reads = requests.every(onlyReads) && Object.keys(work).length > 0;
  const asks = !changes && !free && (reads || ASKS.has(first));
  const side_effecting = changes || !(readonly ?? asks);
  const method = requests.map((one) => textAt(get(one, "rest"), "method") ?? "");
  const destroys = DESTROYS.has(first) || method.includes("DELETE") || free;
  return {
    side_effecting,
    destructive: side_effecting && destroys,
    idempotent: !side_effecting || (requests.length === 1 && REPEATABLE.has(method[0] ?? "")),
    contradicted: readonly === true && changes,
  };
}

/** Whether a request changes something, whatever is said of it. A POST may be a question. */
function changesSomething(work: Json): boolean {
  const method = textAt(get(work, "rest"), "method");
  if (method !== null && /^(?:PUT|PATCH|DELETE)$/.test(method)) return true;
  if (isMutation(textAt(get(work, "graphql"), "query") ?? "")) return true;
  return changesData(mapAt(work, "sql"));
}

/** Whether a request does nothing but read: a GET, a query of GraphQL or of SQL. */
function onlyReads(work: Json): boolean {
  if (changesSomething(work)) return false;
  const method = textAt(get(work, "rest"), "method");
  if (method !== null) return method === "GET" || method === "HEAD";
  return get(work, "graphql") !== undefined || textAt(get(work, "sql"), "query") !== null;
}
