/** `any`: whatever the notation takes it for; `rows`: a list; `either`: one thing, or a list that has it first. */
export type Answer = "any" | "rows" | "either";

/** What the parts of an expression are read from. */
export interface Scope {
  /** Where a path starts: empty for JSONata's own context, else a variable or a path. */
  readonly base: string;
  /** Where a path that begins with `[]` starts, when each item is looked at by itself; null: it gives a list. */
  readonly row: string | null;
  /** Parameters that are given with every call and are texts. */
  readonly texts: ReadonlySet<string>;
  /** What the answer is: rows are a list, and what stands below a root may be one. */
  readonly answer: Answer;
}

/** How tightly a piece of JSONata binds: a looser one within a tighter one stands in parentheses. */
export const CHOICE = 20;
export const OR = 25;
export const AND = 30;
export const COMPARE = 40;
export const ADD = 50;
export const MULTIPLY = 60;
const ATOM = 100;

/** JSONata, and how tightly it binds. */
export interface Code {
  readonly text: string;
  readonly binds: number;
}

/** JSONata that never needs parentheses. */
export function atom(text: string): Code {
  return { text, binds: ATOM };
}

/** A piece as an operand of an operator that binds so tightly. */
export function within({ text, binds }: Code, operator: number): string {
  return binds > operator ? text : `(${text})`;
}

/** A value as JSONata writes it; texts in single quotes where they can be. */
export function literal(value: string | number | boolean | null): string {
  if (typeof value !== "string") return String(value);
  const quoted = JSON.stringify(value);
  return /["']/.test(value) ? quoted : `'${quoted.slice(1, -1)}'`;
}

/** JSONata that gives nothing where the value is of another type. */
export function guarded(type: string, text: string): string {
  return `($type(${text}) = '${type}' ? ${text})`;
}
