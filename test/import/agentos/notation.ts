import jsonata from "jsonata";
import type { Json, JsonObject } from "../../../src/base/index.ts";

// What AgentOS' mappings mean, told a second time and in another way than src does: the text is evaluated as it is read,
// over the answer itself. A missing field is `undefined`.

export type Value = Json | undefined;
type Input = { [name: string]: Json };

const isMap = (value: Value): value is { [name: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The field of a map; of a list reached without `[]`, that of its only item, or those of its items. */
function field(value: Value, name: string): Value {
  if (Array.isArray(value)) {
    const all = value.map((item) => field(item, name)).filter((one) => one !== undefined);
    return all.length > 1 ? all : all[0];
  }
  return isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** The items that `[]` goes through. */
function items(value: Value): Json[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]).filter((item) => item !== null);
}

function truth(value: Value): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

const nothing = (value: Value): boolean => value === undefined || value === null;
const same = (a: Value, b: Value): boolean =>
  (nothing(a) && nothing(b)) ||
  (a !== undefined && b !== undefined && JSON.stringify(a) === JSON.stringify(b));
const count =
  (operation: (a: number, b: number) => number) =>
  (a: Value, b: Value): Value =>
    typeof a === "number" && typeof b === "number" ? operation(a, b) : undefined;
const plainText = (value: Value): string =>
  nothing(value) ? "" : typeof value === "string" ? value : JSON.stringify(value);
const ordered =
  (test: (a: number | string, b: number | string) => boolean) =>
  (a: Value, b: Value): Value =>
    (typeof a === "number" && typeof b === "number") || (typeof a === "string" && typeof b === "string")
      ? test(a, b)
      : false;

const OPERATIONS: { [sign: string]: (a: Value, b: Value) => Value } = {
  "==": same,
  "!=": (a, b) => !same(a, b),
  "<": ordered((a, b) => a < b),
  ">": ordered((a, b) => a > b),
  "<=": ordered((a, b) => a <= b),
  ">=": ordered((a, b) => a >= b),
  "-": count((a, b) => a - b),
  "*": count((a, b) => a * b),
  "+": (a, b) =>
    typeof a === "string" || typeof b === "string"
      ? plainText(a) + plainText(b)
      : count((x, y) => x + y)(a, b),
};
const LEVELS = [["==", "!=", "<=", ">=", "<", ">"], ["+", "-"], ["*"]];

/** Evaluates one expression. `here` is what paths start at, `item` what `[]` stands for at their start. */
export function evaluate(
  source: string,
  here: Value,
  params: Input = {},
  item?: { readonly value: Value },
): Value {
  let rest = source.trim();
  const skip = (length: number): void => {
    rest = rest.slice(length).trimStart();
  };
  const take = (sign: string): boolean => {
    if (!rest.startsWith(sign)) return false;
    skip(sign.length);
    return true;
  };
  const match = (pattern: RegExp): string | null => {
    const found = pattern.exec(rest)?.[0] ?? null;
    if (found !== null) skip(found.length);
    return found;
  };
  const parameter = (template: string): Value => {
    const [path = "", ...filters] = template.slice(2, -2).split("|");
    let value: Value = params[path.trim().replace(/^params\./, "")];
    for (const filter of filters) {
      const [name = "", argument = ""] = filter.split(":").map((part) => part.trim());
      const number = Number(argument);
      if (name === "default") {
        const isNumber = argument !== "" && !Number.isNaN(number);
        if (nothing(value) || value === "") value = isNumber ? number : argument;
      } else if (typeof value !== "number") value = undefined;
      else value = name === "invert" ? number - value : name === "add" ? value + number : value - number;
    }
    return value;
  };

  function choice(): Value {
    const asked = either();
    if (!take("?")) return asked;
    const yes = choice();
    take(":");
    const no = choice();
    return truth(asked) ? yes : no;
  }
  function either(): Value {
    let value = both();
    while (take("||")) {
      const other = both();
      value = truth(value) ? value : other;
    }
    return value;
  }
  function both(): Value {
    let value = operation(0);
    while (take("&&")) {
      const other = operation(0);
      value = truth(value) ? other : value;
    }
    return value;
  }
  function operation(level: number): Value {
    const signs = LEVELS[level];
    if (signs === undefined) return simple();
    let value = operation(level + 1);
    for (;;) {
      const sign = signs.find((one) => take(one));
      if (sign === undefined) return value;
      value = OPERATIONS[sign]?.(value, operation(level + 1));
    }
  }
  function simple(): Value {
    if (take("!")) return !truth(simple());
    if (take("(")) {
      const value = choice();
      take(")");
      return value;
    }
    const number = match(/^-?\d+(?:\.\d+)?/);
    if (number !== null) return Number(number);
    const text = match(/^'[^']*'/);
    if (text !== null) return text.slice(1, -1).replace(/\{\{[^}]*\}\}/g, (one) => plainText(parameter(one)));
    const template = match(/^\{\{[^}]*\}\}/);
    if (template !== null) return parameter(template);
    if (rest.startsWith("[.")) {
      const close = rest.lastIndexOf("]");
      const [from = "", to = ""] = rest.slice(1, close).split(/\|(.*)/s);
      skip(close + 1);
      const list = evaluate(from, here, params);
      return items(list).map((one) => object(to, one));
    }
    if (take("length(")) {
      const value = choice();
      take(")");
      if (typeof value === "string") return [...value].length;
      return typeof value === "object" && value !== null ? Object.keys(value).length : 0;
    }
    const word = match(/^(?:true|false|null)\b/);
    if (word !== null) return word === "null" ? null : word === "true";
    const path = match(/^(?:[A-Za-z_]\w*|\.\w*|\[\]|\[-?\d+\]|\[\?[^\]]*\])+/);
    if (path === null) throw new Error(`not of the notation: ${rest}`);
    if (item !== undefined && path.startsWith("[]")) return walk(path.slice(2), item.value);
    // One thing was asked for, and the answer is a list that has it first.
    if (/^\.?[A-Za-z_]/.test(path) && Array.isArray(here)) return walk(path, here[0]);
    return walk(path, here);
  }
  /** What jq calls an object: `{name: .name, id: (.id == 1)}`. */
  function object(text: string, one: Json): Json {
    const pairs = text
      .trim()
      .slice(1, -1)
      .split(",")
      .map((pair) => pair.split(/:(.*)/s));
    const values = pairs.map(
      ([name = "", value = ""]) => [name.trim(), evaluate(value, one, params)] as const,
    );
    return Object.fromEntries(values.filter((pair): pair is [string, Json] => pair[1] !== undefined));
  }
  function walk(path: string, from: Value): Value {
    const [, step = "", after = ""] =
      /^(\.?[A-Za-z_]\w*|\.|\[\]|\[-?\d+\]|\[\?[^\]]*\])(.*)$/s.exec(path) ?? [];
    if (step === "") return from;
    if (step === ".") return walk(after, from);
    if (step === "[]" || step.startsWith("[?")) {
      const kept = items(from).filter(
        (one) => step === "[]" || truth(evaluate(step.slice(2, -1), one, params)),
      );
      const found = kept.map((one) => walk(after, one)).filter((one) => one !== undefined);
      return /\[[\]?]/.test(after) ? found.flat() : found;
    }
    if (step.startsWith("["))
      return Array.isArray(from) ? walk(after, from.at(Number(step.slice(1, -1)))) : undefined;
    return walk(after, field(from, step.replace(".", "")));
  }
  return choice();
}

/** Evaluates a whole mapping as AgentOS has it. */
export function evaluateMapping(mapping: Json, answer: Value, params: Input = {}): Value {
  if (typeof mapping === "string" && /^\[\](?:\.\w+|\[[^\]]*\])*$/.test(mapping)) {
    return evaluate(mapping, answer, params);
  }
  const rows = leaves(mapping).some((leaf) => /(?:^|[\s(!])\[\]/.test(leaf));
  return rows
    ? items(answer).flatMap((one) => build(mapping, answer, params, { value: one }) ?? [])
    : build(mapping, answer, params);
}

function build(mapping: Json, answer: Value, params: Input, item?: { readonly value: Value }): Value {
  if (typeof mapping === "string") return evaluate(mapping, answer, params, item);
  if (!isMap(mapping)) return mapping;
  const fields = Object.entries(mapping).map(
    ([name, value]) => [name, build(value, answer, params, item)] as const,
  );
  return Object.fromEntries(fields.filter((pair): pair is [string, Json] => pair[1] !== undefined));
}

function leaves(mapping: Json): string[] {
  if (typeof mapping === "string") return [mapping];
  return typeof mapping === "object" && mapping !== null ? Object.values(mapping).flatMap(leaves) : [];
}

/** Evaluates a manifest's mapping: an expression of JSONata, or fields of them. */
export async function runMapping(mapping: Json, answer: Json, params: JsonObject = {}): Promise<Value> {
  if (typeof mapping === "string") {
    const value = await jsonata(mapping).evaluate(answer, { params });
    return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
  }
  if (!isMap(mapping)) return mapping;
  const fields: JsonObject = {};
  for (const [name, inner] of Object.entries(mapping)) {
    const value = await runMapping(inner, answer, params);
    if (value !== undefined) fields[name] = value;
  }
  return fields;
}
