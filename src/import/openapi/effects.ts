import { wordSet, wordsOf } from "../names.ts";
import type { Operation } from "./model.ts";

/** What calling a tool does to the world. */
export interface Effects {
  readonly side_effecting: boolean;
  readonly destructive: boolean;
  readonly idempotent: boolean;
}

/** Methods that only read, and methods that change no more when they are repeated (RFC 9110, 9.2). */
const SAFE = wordSet("GET HEAD OPTIONS TRACE QUERY PROPFIND REPORT SEARCH");
const REPEATABLE = wordSet("PUT DELETE COPY MOVE MKCOL LOCK UNLOCK");

/** Words by which an operation says that it takes something away. */
const DESTROYS = wordSet(`
  clear delete destroy drop erase flush kill purge remove revoke terminate trash truncate
  uninstall wipe
`);
/** Words by which even a GET says that it changes something; nouns such as post, run or start are not among them. */
const CHANGES = wordSet(`
  add approve cancel create disable enable insert logout reject rename reset send submit
  unsubscribe update upload
`);
/** Before these, or alone, a word such as `updates` is a thing and not a deed. */
const AFTER_NOUN =
  /^(?:about|at|by|dates?|for|from|history|info|in|lists?|logs?|of|on|options|pages?|points?|settings|since|status|times?|types?)$/;
const FOR_GOOD =
  /\b(?:permanently|irreversibl[ey]|irrevocabl[ey]|can(?:no|')t be (?:undone|recovered|restored|reversed))\b/i;
/** Last parts of paths under which a POST only asks. */
const ASKS =
  /(?:^|[/:._-])(?:search|query|lookup|count|validate|preview|estimate|calculate|batch-?get|get-?batch)$/i;

/** First words of summaries of what only asks. */
const ASKING =
  /^(?:batch|calculate|check|count|estimate|fetch|filter|find|get|list|look|lookup|preview|queries|query|read|retrieve|return|run|search|validate)s?(?:es)?$/;

/** Tells from method, name and description what an operation does; when in doubt it changes something. */
export function effectsOf(operation: Operation): Effects {
  const { method } = operation;
  const deeds = deedsOf(operation);
  const destroys = deeds.some((deed) => DESTROYS.has(deed));
  const changes = destroys || deeds.some((deed) => CHANGES.has(deed));
  const [first] = wordsOf((operation.summary ?? "search").slice(0, 200));
  const askingPost = method === "POST" && ASKS.test(staticPath(operation.path)) && ASKING.test(first ?? "");
  const asks = SAFE.has(method) || askingPost;
  const side_effecting = changes || !asks;
  const text = `${operation.summary ?? ""}\n${(operation.description ?? "").slice(0, 5000)}`;
  const keyed = operation.parameters.some(({ name }) => /^(?:x-)?idempotency-?key$/i.test(name));
  return {
    side_effecting,
    destructive:
      side_effecting && (method === "DELETE" || method === "PURGE" || destroys || FOR_GOOD.test(text)),
    idempotent: !side_effecting || REPEATABLE.has(method) || keyed,
  };
}

function staticPath(path: string): string {
  return path.replace(/[?#].*$/s, "").replace(/\/+$/, "");
}

/** What an operation says that it does: the first word of its name, of its summary, and of the end of its path. */
function deedsOf({ id, summary, path }: Operation): string[] {
  const last = staticPath(path).split("/").at(-1) ?? "";
  const [byName] = wordsOf((id ?? "").slice(0, 200));
  const [byPath] = last.includes("{") ? [] : wordsOf(last.slice(0, 200));
  const [first, second] = wordsOf((summary ?? "").slice(0, 200));
  const bySummary =
    first === undefined || second === undefined || AFTER_NOUN.test(second) ? undefined : first;
  // A summary may speak in the third person: "Deletes a pet".
  return [byName, byPath, bySummary, bySummary?.replace(/s$/, "")].filter((word) => word !== undefined);
}
