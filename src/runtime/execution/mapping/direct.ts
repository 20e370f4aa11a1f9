import type jsonata from "jsonata";
import { compiler, evaluate, type MappingJob, type MappingReply } from "./evaluate.ts";

/** Longer expressions are not looked at. */
const MAX_TEXT = 2000;
/** What takes longer is done again in a thread, where it holds nobody up. */
const BOUNDS = { timeout: 20, stack: 100, sequence: 100_000 };

const OPERATORS = new Set([
  ...["=", "!=", "<", "<=", ">", ">=", "&", "+", "-", "*", "/", "%", "and", "or", "in"],
]);
const VARIABLES = new Set(["", "params"]);
/** Functions whose work is linear in what they get. */
const FUNCTIONS = new Set([
  ...["exists", "string", "number", "boolean", "not", "count", "sum", "min", "max", "average", "length"],
  ...["substring", "substringBefore", "substringAfter", "lowercase", "uppercase", "trim", "contains"],
  ...["floor", "ceil", "round", "abs", "type"],
]);
/** Marks of `%`, `@`, `#` and of grouping, which multiply work. */
const MARKS = ["ancestor", "seekingParent", "tuple", "focus", "index", "group", "predicate", "nextFunction"];

const compile = compiler(BOUNDS, (expression, text) => {
  if (text.length > MAX_TEXT || !isPlain(expression.ast())) throw new Error("not plain");
});

/**
 * Evaluates a mapping in this thread, where all of its expressions are plain: paths, literals, operators, conditions, and
 * functions whose work is linear. Most mappings are, and a thread would cost more than they do.
 * @returns null where a thread has to do it
 */
export async function evaluateHere(job: MappingJob): Promise<MappingReply | null> {
  const reply = await evaluate(job, compile);
  return "json" in reply ? reply : null;
}

/** Whether an expression's work grows no faster than its value: no loops, recursion, ranges, wildcards or patterns. */
function isPlain(node: unknown): boolean {
  if (typeof node !== "object" || node === null || MARKS.some((mark) => mark in node)) return false;
  const { type, value, ...more }: Readonly<Record<string, unknown>> = { ...node };
  const all = (list: unknown): boolean => Array.isArray(list) && list.every(isPlain);
  const stages = more.stages === undefined || (Array.isArray(more.stages) && more.stages.every(isFilter));
  if (!stages) return false;
  switch (type) {
    case "name":
    case "string":
    case "number":
    case "value":
      return true;
    case "variable":
      return typeof value === "string" && VARIABLES.has(value);
    case "path":
      return all(more.steps);
    case "binary":
      return typeof value === "string" && OPERATORS.has(value) && isPlain(more.lhs) && isPlain(more.rhs);
    case "condition":
      return isPlain(more.condition) && isPlain(more.then) && (more.else === undefined || isPlain(more.else));
    case "unary":
      if (value === "{") return Array.isArray(more.lhs) && more.lhs.every(all);
      return value === "[" ? all(more.expressions) : isPlain(more.expression);
    case "function":
      return isKnownFunction(more.procedure) && all(more.arguments);
    default:
      return false;
  }
}

function isFilter(stage: unknown): boolean {
  return typeof stage === "object" && stage !== null && "expr" in stage && isPlain(stage.expr);
}

function isKnownFunction(procedure: unknown): boolean {
  const { type, value }: Partial<jsonata.ExprNode> = Object(procedure);
  return type === "variable" && FUNCTIONS.has(value);
}
