import { Bug, type Json, type JsonObject } from "../base/index.ts";

/** A call as SQL: one row, one column `result`; values as text, for parameters of types that the function declares. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly (string | null)[];
}

/** Writes the call of a registry function with named arguments. Lists and objects travel as jsonb. */
export function statementOf(fn: string, args: JsonObject): Statement {
  const names = Object.keys(args);
  for (const name of [fn, ...names]) if (!/^[a-z_]+$/.test(name)) throw new Bug(`not a name: ${name}`);
  const list = names.map((name, n) => `${name} => $${n + 1}`).join(", ");
  return {
    sql: `select public.${fn}(${list}) as result`,
    values: names.map((name) => toText(args[name] ?? null)),
  };
}

function toText(value: Json): string | null {
  if (value === null || typeof value === "string") return value;
  return JSON.stringify(value);
}
