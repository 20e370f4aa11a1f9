/** A literal that a template's filter is given, or a step of a template's path. */
export type Argument = string | number | boolean | null;

/** `{{params.limit | default:5}}` of AgentOS: what is read, and what happens to it. */
export interface Template {
  readonly path: readonly (string | number)[];
  readonly filters: readonly { readonly name: Filter; readonly argument: Argument }[];
}

/** Its transforms; ours have the same names. */
export type Filter = "invert" | "add" | "sub" | "default";
const FILTERS: readonly string[] = ["invert", "add", "sub", "default"] satisfies Filter[];

/** A text as its pieces: what stands there as it is, and templates; null where a template can't be read. */
export type Pieces = readonly (string | Template)[];

const TEMPLATE = /\{\{([^{}]*)\}\}/g;
const PATH = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[\d{1,6}\])*$/;
const NUMBER = /^-?\d+(?:\.\d+)?$/;

/** Takes a text apart; null where one of its templates is not of the notation. */
export function piecesOf(text: string): Pieces | null {
  const pieces: (string | Template)[] = [];
  let end = 0;
  for (const match of text.matchAll(TEMPLATE)) {
    const template = readTemplate(match[1] ?? "");
    if (template === null) return null;
    if (match.index > end) pieces.push(text.slice(end, match.index));
    pieces.push(template);
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push(text.slice(end));
  return pieces.some((piece) => typeof piece === "string" && piece.includes("{{")) ? null : pieces;
}

function readTemplate(inner: string): Template | null {
  const [subject = "", ...filters] = inner.split("|").map((part) => part.trim());
  if (!PATH.test(subject)) return null;
  const path = [...subject.matchAll(/[A-Za-z_]\w*|\d+/g)].map(([part]) =>
    /^\d/.test(part) ? Number(part) : part,
  );
  const read = filters.map((filter) => {
    const [, name = "", argument = ""] = /^([a-z]+)\s*:\s*(.*)$/s.exec(filter) ?? [];
    return isFilter(name) ? { name, argument: argumentOf(argument) } : null;
  });
  const known = read.filter((filter) => filter !== null);
  const whole = known.length === read.length && known.every(isComplete);
  return whole ? { path, filters: known } : null;
}

/** `invert`, `add` and `sub` count; only `default` may put in anything. */
function isComplete({ name, argument }: Template["filters"][number]): boolean {
  return name === "default" || typeof argument === "number";
}

function isFilter(name: string): name is Filter {
  return FILTERS.includes(name);
}

/** `5` is a number, `none` a text; quotes around a text are not part of it. */
function argumentOf(text: string): Argument {
  if (NUMBER.test(text)) return Number(text);
  if (text === "true" || text === "false") return text === "true";
  if (text === "null" || text === "nil") return null;
  return /^(?:"[^"]*"|'[^']*')$/.test(text) ? text.slice(1, -1) : text;
}

/** The template as a manifest has it. */
export function templateText({ path, filters }: Template): string {
  const [head = "", ...rest] = path;
  const subject = rest.reduce<string>(
    (text, step) => (typeof step === "number" ? `${text}[${step}]` : `${text}.${step}`),
    String(head),
  );
  const piped = filters.map(({ name, argument }) => ` | ${name}: ${literalText(argument)}`);
  return `{{ ${subject}${piped.join("")} }}`;
}

/** Liquid knows no escapes: a text with both kinds of quotes loses the double ones. */
function literalText(argument: Argument): string {
  if (typeof argument !== "string") return argument === null ? "nil" : String(argument);
  const quote = argument.includes('"') ? "'" : '"';
  return `${quote}${argument.replaceAll(quote, "").replace(/[{}]/g, "")}${quote}`;
}

/** The name of the parameter that a template reads, or null: `{{params.id}}` reads `id`. */
export function parameterOf({ path }: Template): string | null {
  const [head, name] = path;
  return head === "params" && typeof name === "string" ? name : null;
}
