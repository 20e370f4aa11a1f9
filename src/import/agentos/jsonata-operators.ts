import { codeOf } from "./jsonata.ts";
import {
  ADD,
  AND,
  atom,
  CHOICE,
  COMPARE,
  type Code,
  guarded,
  MULTIPLY,
  OR,
  type Scope,
  within,
} from "./jsonata-code.ts";
import { isList } from "./jsonata-path.ts";
import type { Expression, Operator } from "./notation.ts";
import { NotationError } from "./tokens.ts";

/** An operator with its operands. */
export function binaryCode(operator: Operator, left: Expression, right: Expression, scope: Scope): Code {
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
export function condition(expression: Expression, scope: Scope): Code {
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
