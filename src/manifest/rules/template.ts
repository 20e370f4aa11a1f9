/** A template within a text. */
export interface Template {
  readonly text: string;
  readonly start: number;
}

/** The filters that templates have. */
const FILTERS = ["invert", "add", "sub", "default"] as const;

/** What a template reads: `params.id` is `["params", "id"]`. */
export interface Reference {
  readonly path: readonly string[];
}

/** What is wrong with a text's templates, and what they read. */
export interface Templates {
  readonly problems: readonly {
    readonly code: "template.syntax" | "template.unknown_filter";
    readonly message: string;
  }[];
  readonly references: readonly Reference[];
}

const NAME = "[A-Za-z_][A-Za-z0-9_]*";
const VARIABLE = new RegExp(`^${NAME}(?:\\.${NAME}|\\[[0-9]{1,6}\\]|\\["[^"\\]]*"\\]|\\['[^'\\]]*'\\])*$`);
const LITERAL = /^(?:"[^"]*"|'[^']*'|-?[0-9]+(?:\.[0-9]+)?|true|false|nil|null)$/;

/** Splits the templates from a text; each becomes an `x` in `plain`. One that is not closed stays where it is. */
export function withoutTemplates(text: string): { plain: string; found: Template[] } {
  const found: Template[] = [];
  const plain = text.replace(/\{\{[^{}]*\}\}/g, (template, start: number) => {
    found.push({ text: template, start });
    return "x";
  });
  return { plain, found };
}

/** Reads the templates of a text: `{{ variable | filter: argument, … }}` and nothing else of Liquid. */
export function readTemplates(text: string): Templates {
  const problems: Templates["problems"][number][] = [];
  const references: Reference[] = [];
  const syntax = (message: string): void => {
    problems.push({ code: "template.syntax", message });
  };
  if (!/\{\{|\{%|\}\}/.test(text)) return { problems, references };
  const { plain, found } = withoutTemplates(text);
  if (plain.includes("{%")) syntax("A template uses a tag ({% … %}), and only {{ … }} is known.");
  if (plain.includes("{{")) syntax("A template is opened by {{ and never closed.");
  for (const template of found) {
    const [subject = "", ...filters] = splitOutsideQuotes(
      template.text.slice(2, -2).replace(/^-|-$/g, ""),
      "|",
    );
    const parts = subject.trim();
    if (parts === "") syntax("A template is empty.");
    else if (VARIABLE.test(parts)) references.push({ path: variablePath(parts) });
    else if (!LITERAL.test(parts)) syntax(`${show(parts)} is neither a variable nor a value.`);
    for (const filter of filters) readFilter(filter.trim(), problems, references);
  }
  return { problems, references };
}

function readFilter(
  filter: string,
  problems: Templates["problems"][number][],
  references: Reference[],
): void {
  const [name = "", ...rest] = filter.split(":");
  const known: readonly string[] = FILTERS;
  if (!known.includes(name.trim())) {
    problems.push({
      code: "template.unknown_filter",
      message: `There is no filter named ${show(name.trim())}.`,
    });
    return;
  }
  const argument = rest.join(":").trim();
  if (argument === "" && rest.length === 0) {
    problems.push({
      code: "template.syntax",
      message: `The filter ${name.trim()} needs a value after a colon.`,
    });
    return;
  }
  for (const item of splitOutsideQuotes(argument, ",")) {
    const value = item.trim();
    if (LITERAL.test(value)) continue;
    if (VARIABLE.test(value)) references.push({ path: variablePath(value) });
    else
      problems.push({
        code: "template.syntax",
        message: `${show(value)} is neither a variable nor a value.`,
      });
  }
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let quote = "";
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if (character === '"' || character === "'") quote = character;
    else if (character === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function variablePath(text: string): string[] {
  return text.split(/[.[\]"']+/).filter((part) => part !== "");
}

function show(text: string): string {
  return JSON.stringify(text.length <= 60 ? text : `${text.slice(0, 57)}...`);
}
