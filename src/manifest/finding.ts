import { type Code, type Diagnostic, diagnostic, type Span } from "../base/index.ts";

/** The way to a place in a YAML document: keys and indexes from the root. */
export type Path = readonly (string | number)[];

/** Something wrong at a place in a value; shapes and rules speak of paths, and positions are looked up late. */
export interface Finding {
  readonly code: Code;
  readonly path: Path;
  /** Whether the key or the value at `path` is the offending token. */
  readonly at: "key" | "value";
  readonly message: string;
  /** Replaces the code's own remedy. */
  readonly hint?: string | undefined;
}

/** Something wrong at a stretch of a text, in UTF-16 offsets. */
export interface Problem {
  readonly code: Code;
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Turns offsets of one text into lines and columns. Lines end with LF, CRLF or CR, as in YAML. */
export class Lines {
  readonly #text: string;
  readonly #starts: number[] = [0];

  constructor(text: string) {
    this.#text = text;
    for (const end of text.matchAll(/\r\n?|\n/g)) this.#starts.push(end.index + end[0].length);
  }

  /** The 1-based line and column (in code points) of an offset. */
  at(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    let column = 1;
    for (const _ of this.#text.slice(this.#starts[low], offset)) column++;
    return { line: low + 1, column };
  }

  /** The span of a stretch; a stretch over several lines ends with its first one. */
  span(start: number, end: number): Span {
    const from = this.at(start);
    const first = this.#text.slice(start, Math.max(start, end)).split(/[\r\n]/, 1)[0] ?? "";
    return { ...from, end_line: from.line, end_column: from.column + [...first].length };
  }
}

/** A problem as a diagnostic of `file`. */
export function toDiagnostic(problem: Problem, file: string, lines: Lines): Diagnostic {
  return diagnostic(
    problem.code,
    file,
    lines.span(problem.start, problem.end),
    problem.message,
    problem.hint,
  );
}
