import { ADD, atom, CHOICE, type Code, guarded, literal, type Scope, within } from "./jsonata-code.ts";
import { binaryCode, condition } from "./jsonata-operators.ts";
import { emitPath, isList, plainPath, startOf } from "./jsonata-path.ts";
import type { Expression } from "./notation.ts";
import { parameterOf, type Template } from "./template.ts";
import { NotationError } from "./tokens.ts";

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

/** An expression as JSONata, and how tightly that binds. @throws NotationError */
export function codeOf(expression: Expression, scope: Scope): Code {
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
  if (value.kind !== "list" && isList(value, scope)) return toJsonata(value, scope);
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
