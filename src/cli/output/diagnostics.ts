import type { Diagnostic } from "../../base/index.ts";
import { Excerpts } from "./excerpt.ts";
import { clean, type Paint } from "./text.ts";

/**
 * Diagnostics for people: place, severity and code, one sentence, the line with a caret, and what to write instead.
 * @param cwd absolute; what the diagnostics' files are relative to
 */
export function prettyDiagnostics(diagnostics: readonly Diagnostic[], cwd: string, colour: Paint): string {
  const excerpts = new Excerpts(cwd, diagnostics);
  return diagnostics.map((one) => block(one, excerpts, colour)).join("\n\n");
}

function block(one: Diagnostic, excerpts: Excerpts, colour: Paint): string {
  const place = `${clean(one.file)}:${one.line}:${one.column}`;
  const severity = one.severity === "error" ? colour.red("error") : colour.yellow("warning");
  const lines = [`${colour.bold(place)} ${severity} ${colour.dim(one.code)}`, `  ${clean(one.message)}`];
  const excerpt = excerpts.of(one);
  if (excerpt !== null) {
    const margin = String(one.line);
    lines.push(
      `  ${colour.dim(`${margin} |`)} ${excerpt.line}`,
      `  ${colour.dim(`${" ".repeat(margin.length)} |`)} ${colour.red(excerpt.caret)}`,
    );
  }
  lines.push(`  ${colour.cyan("hint:")} ${clean(one.hint)}`);
  return lines.join("\n");
}
