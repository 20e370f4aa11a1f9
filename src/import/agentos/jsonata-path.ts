import { toJsonata } from "./jsonata.ts";
import type { Scope } from "./jsonata-code.ts";
import type { Expression, PathStep } from "./notation.ts";
import { NotationError } from "./tokens.ts";

/** Words of JSONata that a name may not be without quotes. */
const WORDS: ReadonlySet<string> = new Set(["and", "or", "in", "true", "false", "null", "function"]);

/**
 * A path in JSONata. One that goes through a list (`[]`, `[?…]`) gives a list: `$map` keeps lists that are its items apart,
 * `[]` keeps a list of one, and the brackets around it make a list of none.
 */
export function emitPath(path: readonly PathStep[], scope: Scope): string {
  const { base, steps } = startOf(path, scope);
  const last = steps.findLastIndex(isMany);
  if (last < 0) return plainPath(base, steps);
  const source = plainPath(base, steps.slice(0, last + 1));
  const rest = steps.slice(last + 1);
  if (rest.length === 0) return `[${source}[]]`;
  return `[$map(${source}, function($v) {${plainPath("$v", rest)}})[]]`;
}

/**
 * Where a path starts. Where each item is looked at by itself, a path that is not the item's starts at the answer. A field
 * of an answer that is a list is that of its first item: one thing was asked for.
 */
export function startOf(
  steps: readonly PathStep[],
  { base, row, answer }: Scope,
): { readonly base: string; readonly steps: readonly PathStep[] } {
  const first = base === "" && answer !== "any" && steps[0]?.kind === "field";
  if (row === null) return { base: first ? "$[0]" : base, steps };
  return steps[0]?.kind === "each" ? { base: row, steps: steps.slice(1) } : { base: "$$", steps };
}

/** A path as JSONata writes it, with whatever it makes of lists. */
export function plainPath(base: string, steps: readonly PathStep[]): string {
  let text = base;
  for (const step of steps) {
    const here = text === "" ? "$" : text;
    if (step.kind === "field") text = text === "" ? nameOf(step.name) : `${text}.${nameOf(step.name)}`;
    else if (step.kind === "index") text = `${here}[${step.index}]`;
    else if (step.kind === "each") text = `${here}[$ != null]`;
    else text = `${here}[${conditionOf(step.condition)}]`;
  }
  return text === "" ? "$" : text;
}

function isMany(step: PathStep): boolean {
  return step.kind === "each" || step.kind === "filter";
}

/** Whether an expression gives a list by its making. */
export function isList(expression: Expression, scope: Scope): boolean {
  if (expression.kind === "list") return true;
  if (expression.kind === "path") return startOf(expression.steps, scope).steps.some(isMany);
  return expression.kind === "pipe" && (isList(expression.from, scope) || isList(expression.to, scope));
}

/** A number within brackets would be an index. */
function conditionOf(condition: Expression): string {
  const code = toJsonata(condition, { base: "", row: null, texts: new Set(), answer: "any" });
  const compares = condition.kind === "binary" && /^[=!]=$/.test(condition.operator);
  return compares ? code : `$boolean(${code})`;
}

function nameOf(name: string): string {
  if (/^[A-Za-z_]\w*$/.test(name) && !WORDS.has(name)) return name;
  if (name.includes("`")) throw new NotationError(`JSONata has no name ${JSON.stringify(name)}`);
  return `\`${name}\``;
}
