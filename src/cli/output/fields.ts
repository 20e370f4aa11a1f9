import type { Json, JsonObject } from "../../base/index.ts";

/** A column of a row as text; "-" where there is nothing. */
export function cell(row: JsonObject, name: string): string {
  const value = row[name];
  if (value === undefined || value === null || value === "") return "-";
  if (Array.isArray(value)) return value.length === 0 ? "-" : value.map(plain).join(", ");
  return plain(value);
}

function plain(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Whether a column is true. */
export function isTrue(row: JsonObject, name: string): boolean {
  return row[name] === true;
}

/** The rows at a name; none where there is no list. */
export function rowsAt(object: JsonObject, name: string): JsonObject[] {
  const value = object[name];
  if (!Array.isArray(value)) return [];
  return value.filter(
    (row): row is JsonObject => typeof row === "object" && row !== null && !Array.isArray(row),
  );
}
