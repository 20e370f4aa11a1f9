import type { Json, JsonObject } from "../../base/index.ts";
import { LIST, startsShell, TEXT } from "../../manifest/index.ts";
import type { Ledger } from "../argentos/ledger.ts";
import { get } from "../json.ts";
import { responseOf } from "./response.ts";
import { parameterOf, piecesOf, type Template } from "./template.ts";
import type { Workbench } from "./values.ts";

/** A text of AppleScript, a comment, or a template outside of them. */
const TOKEN = /"(?:\\[\s\S]|[^"\\])*"|--[^\r\n]*|#[^\r\n]*|\(\*[\s\S]*?\*\)|\{\{[^{}]*\}\}/g;
/** What stands beside a script's `run` handler and so can't be put into one. */
const TOP_LEVEL = /^\s*(?:on\s+(?!error\b)|to\s+\w+|property\s|use\s|script\b|global\s)/im;

/**
 * An `applescript` block as ours: where a template stood in a text of the script stands a variable, which the script's
 * `run` handler gets as an argument. Null where that can't be, which is noted.
 */
export function applescriptOf(
  source: JsonObject,
  beside: Json | undefined,
  bench: Workbench,
  ledger: Ledger,
): JsonObject | null {
  const text = ledger.text(source, "script");
  const problem = text === null ? "there is none" : problemOf(text);
  if (text === null || problem !== null) {
    bench.lost("the script", problem ?? "");
    return null;
  }
  const variables = new Variables(bench);
  const script = variables.replace(text);
  if (script === null) return null;
  const response = get(source, "response") ?? beside;
  const { names, args } = variables;
  const whole = args.length === 0 ? script : `on run {${names.join(", ")}}\n${script.trimEnd()}\nend run\n`;
  if (whole.length > TEXT.long || args.length > LIST.short) {
    bench.lost("the script", "it is longer than a manifest holds, or has more arguments");
    return null;
  }
  return {
    script: whole,
    ...(args.length === 0 ? {} : { args }),
    ...responseOf(response, "applescript", bench, ledger),
  };
}

function problemOf(script: string): string | null {
  if (script.length > TEXT.long - 2000) return "it is longer than a manifest holds";
  const found = startsShell(script);
  return found === null ? null : `"${found}" can start a shell or run text as code`;
}

/** The variables of a script that stand for templates. */
class Variables {
  readonly names: string[] = [];
  readonly args: string[] = [];
  readonly #bench: Workbench;

  constructor(bench: Workbench) {
    this.#bench = bench;
  }

  /** The script with variables; null where a template stood for code. */
  replace(script: string): string | null {
    let problem: string | null = null;
    const replaced = script.replace(TOKEN, (token) => {
      if (!token.includes("{{")) return token;
      if (token.startsWith('"')) return this.#text(token.slice(1, -1)) ?? token;
      if (!token.startsWith("{{")) return "";
      const code = this.#value(token);
      if (code === null) problem ??= `${token} would become a part of the script's code`;
      return code ?? token;
    });
    if (this.args.length > 0 && TOP_LEVEL.test(script))
      problem ??= "values can't be given to a script with handlers";
    if (/\{\{\s*(?:params|account)\b/.test(replaced)) problem ??= "a template in it can't be read";
    if (problem === null) return replaced;
    this.#bench.lost("the script", problem);
    return null;
  }

  /** A text with templates: its pieces, joined. */
  #text(inner: string): string | null {
    const pieces = piecesOf(inner);
    if (pieces === null || pieces.every((piece) => typeof piece === "string")) return null;
    const parts = pieces.map((piece) => (typeof piece === "string" ? `"${piece}"` : this.#variable(piece)));
    if (parts.some((part) => part === null)) return null;
    return parts.length === 1 ? (parts[0] ?? null) : `(${parts.join(" & ")})`;
  }

  /** Outside of quotes a template stood for code; only a number or truth value is sure to be no more than that. */
  #value(token: string): string | null {
    const [template] = piecesOf(token) ?? [];
    if (template === undefined || typeof template === "string") return null;
    const type = this.#bench.typeOf(parameterOf(template) ?? "");
    const isNumber = type === "number" || type === "integer";
    if (!isNumber && type !== "boolean") return null;
    const name = this.#variable(template);
    return name === null ? null : `(${name} as ${isNumber ? "number" : "boolean"})`;
  }

  /** AppleScript's names have no cases, and those of applications no underscores: none is hidden by one of these. */
  #variable(template: Template): string | null {
    const text = this.#bench.template(template);
    if (text === null) return null;
    const known = this.args.indexOf(text);
    if (known >= 0) return this.names[known] ?? null;
    const wish = `param_${template.path.filter((step) => step !== "params").join("_")}`;
    const taken = (name: string): boolean =>
      this.names.some((one) => one.toLowerCase() === name.toLowerCase());
    let name = wish;
    for (let count = 2; taken(name); count++) name = `${wish}_${count}`;
    this.names.push(name);
    this.args.push(text);
    return name;
  }
}
