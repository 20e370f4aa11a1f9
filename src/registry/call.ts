import { Bug, type Json, type JsonObject } from "../base/index.ts";

/** A call as SQL: one row, one column `result`; values as text, for parameters of types that the function declares. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly (string | null)[];
}

/** The texts of calls, as many as there are functions, by their names. */
const texts = new Map<string, string>();

/** Writes the call of a registry function with named arguments. Lists and objects travel as jsonb. */
export function statementOf(fn: string, args: JsonObject): Statement {
  const names = Object.keys(args);
  const key = [fn, ...names].join(" ");
  let sql = texts.get(key);
  if (sql === undefined) {
    sql = textOf(fn, names);
    texts.set(key, sql);
  }
  return { sql, values: names.map((name) => toText(args[name] ?? null)) };
}

function textOf(fn: string, names: readonly string[]): string {
  for (const name of [fn, ...names]) if (!/^[a-z_]+$/.test(name)) throw new Bug(`not a name: ${name}`);
  return `select public.${fn}(${names.map((name, n) => `${name} => $${n + 1}`).join(", ")}) as result`;
}

function toText(value: Json): string | null {
  if (value === null || typeof value === "string") return value;
  return JSON.stringify(value);
}
