import type jsonata from "jsonata";
import { compiler, evaluate, type MappingJob, sizeOf } from "./evaluate.ts";

/** Longer expressions are not looked at. */
const MAX_TEXT = 2000;
const MAX_JOINS = 16;
/** Characters of an answer whose texts are joined here: no bound of time ends the making of one large text. */
const MAX_JOINED = 256 * 1024;
/** What takes longer is done again in a process, where it holds nobody up. */
const BOUNDS = { timeout: 20, stack: 100, sequence: 100_000 };

const OPERATORS = new Set([
  ...["=", "!=", "<", "<=", ">", ">=", "&", "+", "-", "*", "/", "%", "and", "or", "in"],
]);
const VARIABLES: ReadonlySet<string> = new Set(["", "params"]);
/** Functions that go once over a list, with a function that is written out right there. */
const LOOPS = new Set(["map", "filter"]);
/** Functions whose work is linear in what they get. */
const FUNCTIONS = new Set([
  ...["exists", "string", "number", "boolean", "not", "count", "sum", "min", "max", "average", "length"],
  ...["substring", "substringBefore", "substringAfter", "lowercase", "uppercase", "trim", "contains"],
  ...["floor", "ceil", "round", "abs", "type", "error"],
]);
/** Marks of `%`, `@`, `#` and of grouping, which multiply work. */
const MARKS = ["ancestor", "seekingParent", "tuple", "focus", "index", "group", "nextFunction", "thunk"];

const compile = compiler(BOUNDS, (expression, text) => {
  if (text.length > MAX_TEXT || joins(text) > MAX_JOINS || !isPlain(expression.ast()))
    throw new Error("not plain");
});

/** How often texts may be joined: joined ones can be joined again. */
function joins(text: string): number {
  return text.split("&").length - 1;
}

/**
 * Evaluates a mapping in this thread, where all of its expressions are plain: paths, literals, operators, conditions, and
 * functions whose work is linear. Most mappings are, and another process would cost more than they do.
 * @returns JSON; null where a process has to do it
 */
export async function evaluateHere(job: MappingJob): Promise<string | null> {
  if (joins(JSON.stringify(job.mapping)) > 0 && sizeOf([job.value, job.params], MAX_JOINED) > MAX_JOINED)
    return null;
  const reply = await evaluate(job, compile);
  return "json" in reply ? reply.json : null;
}

/** Whether an expression's work grows no faster than its value: no recursion, ranges, wildcards or patterns. */
function isPlain(node: unknown, variables: ReadonlySet<string> = VARIABLES): boolean {
  if (typeof node !== "object" || node === null || MARKS.some((mark) => mark in node)) return false;
  const {
    type,
    value,
    stages = [],
    predicate = [],
    ...more
  }: Readonly<Record<string, unknown>> = { ...node };
  const plain = (one: unknown): boolean => isPlain(one, variables);
  const all = (list: unknown): boolean => Array.isArray(list) && list.every(plain);
  const filters = [stages, predicate].flat();
  if (!filters.every((stage) => plain(Object(stage).expr))) return false;
  switch (type) {
    case "name":
    case "string":
    case "number":
    case "value":
      return true;
    case "variable":
      return typeof value === "string" && variables.has(value);
    case "path":
      return all(more.steps);
    case "binary":
      return typeof value === "string" && OPERATORS.has(value) && plain(more.lhs) && plain(more.rhs);
    case "condition":
      return plain(more.condition) && plain(more.then) && (more.else === undefined || plain(more.else));
    case "unary":
      if (value === "{") return Array.isArray(more.lhs) && more.lhs.every(all);
      return value === "[" ? all(more.expressions) : plain(more.expression);
    case "function":
      return isPlainCall(more.procedure, more.arguments, variables);
    default:
      return false;
  }
}

function isPlainCall(procedure: unknown, args: unknown, variables: ReadonlySet<string>): boolean {
  const { type, value }: Partial<jsonata.ExprNode> = Object(procedure);
  if (type !== "variable" || !Array.isArray(args)) return false;
  if (!LOOPS.has(value)) return FUNCTIONS.has(value) && args.every((one) => isPlain(one, variables));
  const [list, lambda] = args;
  const { type: kind, arguments: names, body }: Partial<Record<string, unknown>> = Object(lambda);
  if (kind !== "lambda" || args.length !== 2 || !Array.isArray(names)) return false;
  const inside = new Set([...variables, ...names.map((name) => String(Object(name).value))]);
  return isPlain(list, variables) && isPlain(body, inside);
}
