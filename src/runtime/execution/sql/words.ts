import { type JsonObject, sqlCode } from "../../../base/index.ts";
import { failure, shown } from "../failure.ts";

/** What a statement that reads begins with. What such a one could still change, its read-only transaction refuses. */
const READS = new Set(["select", "with", "values", "table", "show", "explain"]);
/**
 * What no statement begins with: files, programs and code of the server; transactions, as ours is the one; and what a
 * connection keeps, which a pooler gives to others.
 */
const NEVER = new Set(
  `copy load begin start commit end rollback abort savepoint release prepare execute deallocate set reset discard listen
  unlisten declare fetch move close`.split(/\s+/),
);

/**
 * Refuses a PostgreSQL statement that its transaction would not hold back, or whose result would be lost.
 * @throws ToolFailure `sql.refused`
 */
export function checkWords(query: string, writes: boolean): void {
  const [, first = ""] = /^[\s(;]*([a-z_]+)/i.exec(sqlCode(query, "postgres")) ?? [];
  const word = first.toLowerCase();
  // The server finds faults in what begins with no word.
  if (word === "" || (writes ? !NEVER.has(word) : READS.has(word))) return;
  if (writes || NEVER.has(word)) {
    throw failure("sql.refused", `A statement can't be ${first.toUpperCase()}.`, {
      hint: "Write one statement that reads or changes data.",
    });
  }
  throw failure("sql.refused", `A tool that reads can't run ${first.toUpperCase()}.`, {
    hint: "Begin with SELECT, WITH, VALUES, TABLE, SHOW or EXPLAIN.",
  });
}

/** All that SQLite binds: `:x`, `@x`, `$x`, `?` and `?1`; within a name, `$` is a part of it. */
const PARAMETERS = /[:@][\w$\x80-\uffff]+|(?<![\w$\x80-\uffff])\$[\w$\x80-\uffff]+|\?\d*/g;

/**
 * Refuses an SQLite query with a parameter that nobody binds: SQLite would take it for NULL.
 * @throws ToolFailure `sql.failed`
 */
export function checkBound(query: string, params: JsonObject): void {
  for (const [text] of sqlCode(query, "local_path").matchAll(PARAMETERS)) {
    if (text.startsWith(":") && Object.hasOwn(params, text.slice(1))) continue;
    throw failure("sql.failed", `Nothing is bound to ${shown(text)}.`, {
      hint: "In an agent's own query write the value itself; in a manifest's write :name and bind it under params.",
    });
  }
}
