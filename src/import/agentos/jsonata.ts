import { emitPath, isList, plainPath, startOf } from "./jsonata-path.ts";
import type { Expression, Operator } from "./notation.ts";
import { parameterOf, type Template } from "./template.ts";
import { NotationError } from "./tokens.ts";

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
const CHOICE = 20;
const OR = 25;
const AND = 30;
const COMPARE = 40;
const ADD = 50;
const MULTIPLY = 60;
const ATOM = 100;

interface Code {
  readonly text: string;
  readonly binds: number;
}

const atom = (text: string): Code => ({ text, binds: ATOM });
const within = (code: Code, binds: number): string => (code.binds > binds ? code.text : `(${code.text})`);

/**
 * Writes an expression in JSONata, with the same result: a missing field is left out and never an error, a list stays one
 * whether it has no item, one, or lists as items.
 * @throws NotationError where JSONata can't say it
 */
export function toJsonata(expression: Expression, scope: Scope): string {
  return codeOf(expression, scope).text;
}

/** A longer translation would be read by nobody; what is needed several times over makes texts grow fast. */
const MAX_CODE = 20_000;
/** What was translated already: an operand may be asked for several times. */
const KNOWN = new WeakMap<Scope, WeakMap<Expression, Code>>();

function codeOf(expression: Expression, scope: Scope): Code {
  const known = KNOWN.get(scope) ?? new WeakMap<Expression, Code>();
  KNOWN.set(scope, known);
  const before = known.get(expression);
  if (before !== undefined) return before;
  const code = freshCode(expression, scope);
  if (code.text.length > MAX_CODE) throw new NotationError("its translation would be too long");
  known.set(expression, code);
  return code;
}

function freshCode(expression: Expression, scope: Scope): Code {
  switch (expression.kind) {
    case "literal":
      return atom(literal(expression.value));
    case "template":
      return templateCode(expression.template);
    case "text":
      return textCode(expression, scope);
    case "path":
      return atom(emitPath(expression.steps, scope));
    case "not":
      return atom(`(${condition(expression.value, scope).text} ? false : true)`);
    case "choice": {
      const { yes, no } = expression;
      const asked = within(condition(expression.condition, scope), CHOICE);
      const text = `${asked} ? ${within(codeOf(yes, scope), CHOICE)} : ${codeOf(no, scope).text}`;
      return { text, binds: CHOICE };
    }
    case "binary":
      return binaryCode(expression.operator, expression.left, expression.right, scope);
    case "length":
      return lengthCode(expression.value, scope);
    case "object": {
      const fields = expression.fields.map(
        ([name, value]) => `${JSON.stringify(name)}: ${toJsonata(value, scope)}`,
      );
      return atom(`{${fields.join(", ")}}`);
    }
    case "list":
      return atom(listOf(expression.value, scope));
    case "pipe":
      return pipeCode(expression.from, expression.to, scope);
  }
}

/** A value as JSONata writes it; texts in single quotes where they can be. */
function literal(value: string | number | boolean | null): string {
  if (typeof value !== "string") return String(value);
  const quoted = JSON.stringify(value);
  return /["']/.test(value) ? quoted : `'${quoted.slice(1, -1)}'`;
}

function binaryCode(operator: Operator, left: Expression, right: Expression, scope: Scope): Code {
  switch (operator) {
    case "==":
      return equality(left, right, scope);
    case "!=": {
      if (isNull(left) || isNull(right)) return presence(isNull(left) ? right : left, scope);
      return atom(`$not(${equality(left, right, scope).text})`);
    }
    case "<":
    case "<=":
    case ">":
    case ">=":
      return order(operator, left, right, scope);
    case "&&":
    case "||": {
      if (left.kind === "binary" && left.operator === operator) {
        const inner: Expression = { kind: "binary", operator, left: left.right, right };
        return binaryCode(operator, left.left, inner, scope);
      }
      // As in JavaScript, the result is one of the two and not just true or false.
      const [first, second] = [codeOf(left, scope), codeOf(right, scope)];
      const asked = within(first, CHOICE);
      const text =
        operator === "||"
          ? `${asked} ? ${asked} : ${second.text}`
          : `${asked} ? ${within(second, CHOICE)} : ${asked}`;
      return { text, binds: CHOICE };
    }
    case "+":
      return plus(left, right, scope);
    default:
      return count(operator, left, right, scope);
  }
}

/** What stands on the left may bind as tightly: `5 - a - b`. */
function count(operator: Operator, left: Expression, right: Expression, scope: Scope): Code {
  const binds = operator === "+" || operator === "-" ? ADD : MULTIPLY;
  const [first, second] = [number(left, scope), number(right, scope)];
  return { text: `${within(first, binds - 1)} ${operator} ${within(second, binds)}`, binds };
}

/** Texts are joined, numbers added; which of them fields are is seen when they are there. */
function plus(left: Expression, right: Expression, scope: Scope): Code {
  const join: Code = { text: `${joined(left, scope)} & ${joined(right, scope)}`, binds: ADD };
  if (isText(left) || isText(right)) return join;
  const open = [left, right].filter((side) => typeOf(side) !== "number");
  const sum = count("+", left, right, scope);
  if (open.length === 0) return sum;
  const texts = open.map((side) => `$type(${codeOf(side, scope).text}) = 'string'`).join(" or ");
  return { text: `${texts} ? ${join.text} : ${sum.text}`, binds: CHOICE };
}

const COMPARING: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">="]);

/** An expression where only true or false counts. Nothing, null, 0 and what is empty are false in both notations. */
function condition(expression: Expression, scope: Scope): Code {
  if (expression.kind !== "binary" || COMPARING.has(expression.operator)) return codeOf(expression, scope);
  const binds = expression.operator === "||" ? OR : expression.operator === "&&" ? AND : null;
  if (binds === null) return codeOf(expression, scope);
  const [left, right] = [condition(expression.left, scope), condition(expression.right, scope)];
  const word = binds === OR ? "or" : "and";
  return { text: `${within(left, binds - 1)} ${word} ${within(right, binds)}`, binds };
}

const isNull = (expression: Expression): boolean =>
  expression.kind === "literal" && expression.value === null;

/** Whether something is there and not null. */
function presence(expression: Expression, scope: Scope): Code {
  return { text: `${within(codeOf(expression, scope), COMPARE)} != null`, binds: COMPARE };
}

/** A missing field equals null and another missing one; in JSONata it equals nothing. */
function equality(left: Expression, right: Expression, scope: Scope): Code {
  if (isNull(left) || isNull(right)) {
    return atom(`$not(${presence(isNull(left) ? right : left, scope).text})`);
  }
  const [first, second] = [codeOf(left, scope), codeOf(right, scope)];
  const text = `${within(first, COMPARE)} = ${within(second, COMPARE)}`;
  if ([left, right].some((side) => isPresent(side, scope))) return { text, binds: COMPARE };
  const absent = `$not(${presence(left, scope).text} or ${presence(right, scope).text})`;
  return { text: `${text} or ${absent}`, binds: OR };
}

/** Whether an expression always gives something other than null. */
function isPresent(expression: Expression, scope: Scope): boolean {
  return expression.kind === "literal" || expression.kind === "text" || isList(expression, scope);
}

/** Which comes first is told among numbers and among texts only; of anything else it is false. */
function order(operator: Operator, left: Expression, right: Expression, scope: Scope): Code {
  const type = [left, right].map(typeOf).find((one) => one !== null) ?? null;
  if (type !== null) {
    const [first, second] = [left, right].map((side) => within(ofType(type, side, scope), COMPARE));
    return atom(`((${first} ${operator} ${second}) = true)`);
  }
  const [first, second] = [left, right].map((side) => within(codeOf(side, scope), COMPARE));
  const types = `$type(${first}) in ['number', 'string'] and $type(${first}) = $type(${second})`;
  return { text: `${types} and ${first} ${operator} ${second}`, binds: AND };
}

/** The type that an expression is sure to have, if it gives anything. */
function typeOf(expression: Expression): "number" | "string" | null {
  if (isText(expression)) return "string";
  if (expression.kind === "literal") return typeof expression.value === "number" ? "number" : null;
  if (expression.kind === "binary" && expression.operator === "+") {
    return typeOf(expression.left) === "number" ? typeOf(expression.right) : null;
  }
  const counts = expression.kind === "binary" && /^[-*/%]$/.test(expression.operator);
  return counts || expression.kind === "length" ? "number" : null;
}

/** An expression that gives nothing where it would give another type. */
function ofType(type: "number" | "string", expression: Expression, scope: Scope): Code {
  const code = codeOf(expression, scope);
  if (typeOf(expression) === type) return code;
  if (expression.kind === "literal")
    throw new NotationError(`${JSON.stringify(expression.value)} is no ${type}`);
  return atom(guarded(type, code.text));
}

function guarded(type: string, text: string): string {
  return `($type(${text}) = '${type}' ? ${text})`;
}

const number = (expression: Expression, scope: Scope): Code => ofType("number", expression, scope);

function isText(expression: Expression): boolean {
  if (expression.kind === "literal") return typeof expression.value === "string";
  if (expression.kind === "choice") return isText(expression.yes) && isText(expression.no);
  if (expression.kind === "binary" && expression.operator === "+") {
    return isText(expression.left) || isText(expression.right);
  }
  return expression.kind === "text";
}

/** An expression as part of a longer text; what is missing is nothing. */
function joined(expression: Expression, scope: Scope): string {
  const code = codeOf(expression, scope);
  if (isText(expression)) return within(code, ADD - 1);
  if (typeOf(expression) === "number") return `$string(${code.text})`;
  return `(${presence(expression, scope).text} ? $string(${code.text}))`;
}

function textCode({ pieces }: Expression & { kind: "text" }, { texts }: Scope): Code {
  const parts = pieces.map((piece) => {
    if (typeof piece === "string") return literal(piece);
    const { text } = templateCode(piece);
    const name = parameterOf(piece);
    const isPlain = piece.filters.length === 0 && piece.path.length === 2;
    return isPlain && name !== null && texts.has(name) ? text : `(${text} != null ? $string(${text}) : '')`;
  });
  return parts.length === 1 ? atom(parts[0] ?? "''") : { text: parts.join(" & "), binds: ADD };
}

/** A template reads the input, which is `$params` in our mappings. */
function templateCode(template: Template): Code {
  if (parameterOf(template) === null) {
    throw new NotationError("a mapping reads the answer and the input, not the answers of earlier steps");
  }
  const path = plainPath(
    "$params",
    template.path
      .slice(1)
      .map((step) =>
        typeof step === "number" ? { kind: "index", index: step } : { kind: "field", name: step },
      ),
  );
  return template.filters.reduce<Code>((code, { name, argument }) => {
    const { text } = code;
    if (name === "default")
      return atom(`(${text} != null and ${text} != '' ? ${text} : ${literal(argument)})`);
    const value = guarded("number", text);
    if (name === "invert") return atom(`(${literal(argument)} - ${value})`);
    return atom(`(${value} ${name === "add" ? "+" : "-"} ${literal(argument)})`);
  }, atom(path));
}

/** As in jq: characters of a text, fields of a map, items of a list, none of null. */
function lengthCode(value: Expression, scope: Scope): Code {
  const { text } = codeOf(value, scope);
  const isRows =
    scope.answer === "rows" && scope.base === "" && value.kind === "path" && value.steps.length === 0;
  if (isRows || isList(value, scope)) return atom(`$count(${text})`);
  const map = `$type(${text}) = 'object' ? $count($keys(${text})) : $count(${text})`;
  return atom(`(${text} = null ? 0 : $type(${text}) = 'string' ? $length(${text}) : ${map})`);
}

/** What jq collects with brackets around it. */
function listOf(value: Expression, scope: Scope): string {
  if (isList(value, scope)) return toJsonata(value, scope);
  // By way of $map, as brackets alone would take a list's items out of it.
  return `[$map([1], function() {${toJsonata(value, scope)}})[]]`;
}

function pipeCode(from: Expression, to: Expression, scope: Scope): Code {
  if (from.kind !== "path") throw new NotationError("only a path can stand before |");
  if (to.kind === "path") return codeOf({ kind: "path", steps: [...from.steps, ...to.steps] }, scope);
  const { base, steps } = startOf(from.steps, scope);
  const source = plainPath(base, steps);
  const inner = { ...scope, row: null, answer: "any" as const };
  if (!isList(from, scope)) return codeOf(to, { ...inner, base: source });
  if (to.kind === "object") return atom(`[${source}.${toJsonata(to, { ...inner, base: "" })}]`);
  const each = toJsonata(to, { ...inner, base: "$v" });
  return atom(`[$map(${source}, function($v) {${each}})[]]`);
}
