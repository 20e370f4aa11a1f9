import { CODES, type Code, type Severity } from "./codes.ts";

/** One finding: where, what, and what to write instead. Positions are 1-based; columns count Unicode code points. */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  /** Path relative to the working directory, always with forward slashes. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly end_line: number;
  /** One past the last column, as editors count. */
  readonly end_column: number;
  /** One plain sentence. */
  readonly message: string;
  /** What to write instead. */
  readonly hint: string;
}

/** A stretch of a file, 1-based; the end is exclusive. */
export interface Span {
  readonly line: number;
  readonly column: number;
  readonly end_line: number;
  readonly end_column: number;
}

/** The span for findings about a file as a whole. */
export const WHOLE_FILE: Span = { line: 1, column: 1, end_line: 1, end_column: 1 };

/** Makes a diagnostic; its severity and, unless given, its hint come from the table of codes. */
export function diagnostic(code: Code, file: string, span: Span, message: string, hint?: string): Diagnostic {
  const meaning = CODES[code];
  return {
    code,
    severity: meaning.severity,
    file,
    line: span.line,
    column: span.column,
    end_line: span.end_line,
    end_column: span.end_column,
    message,
    hint: hint ?? meaning.remedy,
  };
}

/** Compares by Unicode code unit: the same order in every locale. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The one order in which diagnostics are reported: file, place, code, message. */
export function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  return (
    byCodeUnit(a.file, b.file) ||
    a.line - b.line ||
    a.column - b.column ||
    byCodeUnit(a.code, b.code) ||
    byCodeUnit(a.message, b.message)
  );
}
