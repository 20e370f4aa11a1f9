import type { Diagnostic } from "../../base/index.ts";
import { clean, cleanLines } from "./text.ts";

/** Escapes the message of a workflow command, as GitHub's runner reads it. */
function data(text: string): string {
  return cleanLines(text).replaceAll("%", "%25").replaceAll("\n", "%0A");
}

/** Escapes the value of one of its properties. */
function property(text: string): string {
  return clean(text).replaceAll("%", "%25").replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/**
 * Diagnostics as GitHub workflow commands, one a line
 * (docs.github.com, "Workflow commands": `::error file=…,line=…,col=…::message`).
 * Columns are given for findings within one line only: GitHub takes no others.
 */
export function githubAnnotations(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map(annotation).join("\n");
}

function annotation(one: Diagnostic): string {
  const columns =
    one.line === one.end_line
      ? [`col=${one.column}`, `endColumn=${Math.max(one.end_column, one.column)}`]
      : [];
  const properties = [
    `file=${property(one.file)}`,
    `line=${one.line}`,
    `endLine=${one.end_line}`,
    ...columns,
    `title=${property(one.code)}`,
  ];
  return `::${one.severity} ${properties.join(",")}::${data(`${one.message}\n${one.hint}`)}`;
}

/** Why a command could not run, as a workflow command without a place. */
export function githubFailure(code: string, message: string, hint: string): string {
  return `::error title=${property(code)}::${data(`${message}\n${hint}`)}`;
}
