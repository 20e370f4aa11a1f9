import { type JsonObject, replaceParameters, type SqlDialect, sqlCode } from "../../base/index.ts";
import { asText } from "../declared.ts";
import { didYouMean, show } from "../shape/check.ts";
import type { Work } from "./execution.ts";
import type { Report } from "./rule.ts";

/** What an `sql` block says of its query. */
interface Query {
  readonly query?: unknown;
  readonly database?: unknown;
}

/** The names of the parameters (`:name`) that a block's query binds, each once, in the order of the alphabet. */
export function bindings(sql: Query): string[] {
  const names = new Set<string>();
  replaceParameters(textOf(sql), dialectOf(sql), (name) => {
    names.add(name);
    return "";
  });
  return [...names].sort();
}

/** Whether a block's query changes data, by its first words. */
export function changesData(sql: Query): boolean {
  return /^\s*(?:with\b[\s\S]*\b)?(?:insert|update|delete|replace|merge|create|alter|drop|truncate)\b/i.test(
    sqlCode(textOf(sql), dialectOf(sql)),
  );
}

function textOf({ query }: Query): string {
  return typeof query === "string" ? query : "";
}

function dialectOf({ database }: Query): SqlDialect {
  return database === "postgres" ? "postgres" : "local_path";
}

/** The query stands here or is a field of the input, and the file beside it is one of SQLite. */
export function checkQuerySource(sql: JsonObject, work: Work, report: Report): void {
  const field = asText(sql.query_field);
  const at = [...work.path, "query_field"];
  if (Object.hasOwn(sql, "query") === Object.hasOwn(sql, "query_field")) {
    const has = Object.hasOwn(sql, "query") ? "both query and query_field" : "neither query nor query_field";
    report("tool.sql_query", work.path, `The tool has ${has}.`, undefined, "key");
  }
  if (field !== null && work.params !== null && !work.params.includes(field)) {
    const near = didYouMean(field, work.params);
    const hint = near === null ? `Add ${field} to the properties of input.` : `Did you mean ${near}?`;
    report("template.unknown_variable", at, `The input has no field ${show(field)}.`, hint);
  }
  if (field !== null && Object.hasOwn(sql, "params")) {
    const message = "What an agent writes has no parameters to bind.";
    report("tool.sql_query", [...work.path, "params"], message, "Leave params out.", "key");
  }
  if (Object.hasOwn(sql, "file") && (asText(sql.database) ?? "local_path") !== "local_path") {
    const message = "A file is a database of SQLite, not of PostgreSQL.";
    report("tool.sql_query", [...work.path, "file"], message, "Leave file or database out.", "key");
  }
}
