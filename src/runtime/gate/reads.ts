import type { JsonObject } from "../../base/index.ts";
import type { Tool } from "../../manifest/index.ts";

/**
 * Whether a call only reads although its tool may change something: an agent's own query on SQLite that begins as none does
 * that writes. Its file is opened for reading then, so that the database holds the query to it.
 */
export function onlyReads({ side_effecting, sql }: Tool, input: JsonObject): boolean {
  if (!side_effecting || sql?.database !== "local_path" || sql.query_field === null) return false;
  const query = input[sql.query_field];
  return typeof query === "string" && /^\s*(?:select|values|explain|pragma)\b/i.test(query);
}
