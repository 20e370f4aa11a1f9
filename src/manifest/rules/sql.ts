import { type JsonObject, replaceParameters, sqlCode } from "../../base/index.ts";
import { asText } from "../declared.ts";
import { didYouMean, show } from "../shape/check.ts";
import type { Work } from "./execution.ts";
import type { Report } from "./rule.ts";

/** The names of the parameters (`:name`) that an SQL query binds, each once, in the order of the alphabet. */
export function bindings(query: string): string[] {
  const names = new Set<string>();
  replaceParameters(query, (name) => {
    names.add(name);
    return "";
  });
  return [...names].sort();
}

/** Whether a query changes data, by its first words. */
export function changesData(query: string): boolean {
  return /^\s*(?:with\b[\s\S]*\b)?(?:insert|update|delete|replace|merge|create|alter|drop|truncate)\b/i.test(
    sqlCode(query),
  );
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
