import { type Pieces, piecesOf, type Template } from "./template.ts";
import { NotationError, Tokens } from "./tokens.ts";

/** One step of a path. `each`: all items of a list; `filter`: those for which something holds. */
export type PathStep =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "each" }
  | { readonly kind: "filter"; readonly condition: Expression };

export type Operator = "+" | "-" | "*" | "/" | "%" | "<" | "<=" | ">" | ">=" | "==" | "!=" | "&&" | "||";

/** An expression of AgentOS' mappings. */
export type Expression =
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  | { readonly kind: "text"; readonly pieces: Pieces }
  | { readonly kind: "template"; readonly template: Template }
  | { readonly kind: "path"; readonly steps: readonly PathStep[] }
  | { readonly kind: "not"; readonly value: Expression }
  | {
      readonly kind: "binary";
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: "choice";
      readonly condition: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    }
  | { readonly kind: "length"; readonly value: Expression }
  | { readonly kind: "list"; readonly value: Expression }
  | { readonly kind: "object"; readonly fields: readonly (readonly [name: string, value: Expression])[] }
  | { readonly kind: "pipe"; readonly from: Expression; readonly to: Expression };

/** Longer expressions are nobody's mapping. */
const MAX_LENGTH = 4000;
const MAX_DEPTH = 60;
const MAX_OPERATORS = 200;

/** Operators that bind alike, the loosest first. */
const LEVELS: readonly (readonly Operator[])[] = [
  ["||"],
  ["&&"],
  ["==", "!=", "<=", ">=", "<", ">"],
  ["+", "-"],
  ["*", "/", "%"],
];

/**
 * Reads an expression of the notation: paths (`.due.date`, `[].id`, `.nodes[?type=='blocks'].id`), literals, ternaries,
 * arithmetic, comparisons, `length(.)`, and what jq calls lists and objects (`[.[] | {name: .name}]`).
 * @throws NotationError
 */
export function parse(source: string): Expression {
  if (source.length > MAX_LENGTH) throw new NotationError(`it is longer than ${MAX_LENGTH} characters`);
  const parser = new Parser(new Tokens(source));
  return parser.whole();
}

class Parser {
  readonly #tokens: Tokens;
  #depth = 0;
  #operators = 0;

  constructor(tokens: Tokens) {
    this.#tokens = tokens;
  }

  whole(): Expression {
    const expression = this.#pipe();
    this.#tokens.expectEnd();
    return expression;
  }

  /** `a | b`: b is asked of what a gives. */
  #pipe(): Expression {
    if (++this.#depth > MAX_DEPTH) throw new NotationError("it is nested too deeply");
    const from = this.#choice();
    const piped = this.#tokens.take("|");
    const whole: Expression = piped ? { kind: "pipe", from, to: this.#pipe() } : from;
    this.#depth -= 1;
    return whole;
  }

  #choice(): Expression {
    const condition = this.#operation(0);
    if (!this.#tokens.take("?")) return condition;
    if (++this.#depth > MAX_DEPTH) throw new NotationError("it is nested too deeply");
    const yes = this.#choice();
    this.#tokens.expect(":");
    const no = this.#choice();
    this.#depth -= 1;
    return { kind: "choice", condition, yes, no };
  }

  #operation(level: number): Expression {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#operation(level + 1);
    for (;;) {
      const operator = operators.find((one) => this.#tokens.take(one));
      if (operator === undefined) return left;
      if (++this.#operators > MAX_OPERATORS) throw new NotationError("it has too many operators");
      left = { kind: "binary", operator, left, right: this.#operation(level + 1) };
    }
  }

  #unary(): Expression {
    let negations = 0;
    while (this.#tokens.take("!")) negations += 1;
    const value = this.#primary();
    if (negations === 0) return value;
    const not: Expression = { kind: "not", value };
    return negations % 2 === 1 ? not : { kind: "not", value: not };
  }

  #primary(): Expression {
    const tokens = this.#tokens;
    const number = tokens.takeNumber();
    if (number !== null) return { kind: "literal", value: number };
    const text = tokens.takeText();
    if (text !== null) return textOf(text);
    const template = tokens.takeTemplate();
    if (template !== null) return templateOf(template);
    if (tokens.take("(")) {
      const inner = this.#pipe();
      tokens.expect(")");
      return inner;
    }
    if (tokens.take("{")) return this.#object();
    if (tokens.startsPath()) return { kind: "path", steps: this.#steps([]) };
    if (tokens.take("[")) {
      const value = this.#pipe();
      tokens.expect("]");
      return { kind: "list", value };
    }
    return this.#word();
  }

  #word(): Expression {
    const word = this.#tokens.takeName();
    if (word === null) throw this.#tokens.unexpected();
    if (word === "true" || word === "false") return { kind: "literal", value: word === "true" };
    if (word === "null") return { kind: "literal", value: null };
    if (this.#tokens.take("(")) {
      if (word !== "length") throw new NotationError(`there is no function ${word}`);
      const value = this.#pipe();
      this.#tokens.expect(")");
      return { kind: "length", value };
    }
    return { kind: "path", steps: this.#steps([{ kind: "field", name: word }]) };
  }

  #steps(first: readonly PathStep[]): PathStep[] {
    const tokens = this.#tokens;
    const steps = [...first];
    for (;;) {
      if (tokens.take("[]")) steps.push({ kind: "each" });
      else if (tokens.take("[?")) {
        const condition = this.#pipe();
        tokens.expect("]");
        steps.push({ kind: "filter", condition });
      } else if (tokens.takesBracket()) steps.push(this.#bracket());
      else if (tokens.take(".")) {
        const name = tokens.takeName() ?? tokens.takeText();
        if (name !== null) steps.push({ kind: "field", name });
        else if (steps.length > 0 && !tokens.startsPath()) throw tokens.unexpected();
      } else return steps;
    }
  }

  /** `[0]`, `[-1]` or `["name"]`. */
  #bracket(): PathStep {
    const tokens = this.#tokens;
    tokens.expect("[");
    const index = tokens.takeNumber();
    const name = index === null ? tokens.takeText() : null;
    tokens.expect("]");
    if (index !== null && Number.isSafeInteger(index)) return { kind: "index", index };
    if (name !== null) return { kind: "field", name };
    throw tokens.unexpected();
  }

  #object(): Expression {
    const fields: [string, Expression][] = [];
    const tokens = this.#tokens;
    while (!tokens.take("}")) {
      const name = tokens.takeName() ?? tokens.takeText();
      if (name === null) throw tokens.unexpected();
      // In jq `{name}` is short for `{name: .name}`.
      const value: Expression = tokens.take(":")
        ? this.#choice()
        : { kind: "path", steps: [{ kind: "field", name }] };
      fields.push([name, value]);
      if (tokens.take(",")) continue;
      tokens.expect("}");
      break;
    }
    return { kind: "object", fields };
  }
}

function textOf(text: string): Expression {
  const pieces = piecesOf(text);
  if (pieces === null) throw new NotationError(`the template in ${JSON.stringify(text)} can't be read`);
  return pieces.every((piece) => typeof piece === "string")
    ? { kind: "literal", value: text }
    : { kind: "text", pieces };
}

/** A template outside of quotes is a value, not a text. */
function templateOf(text: string): Expression {
  const [template] = piecesOf(text) ?? [];
  if (template === undefined || typeof template === "string") {
    throw new NotationError(`the template ${text} can't be read`);
  }
  return { kind: "template", template };
}
