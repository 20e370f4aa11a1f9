import { byCodeUnit, CODES, type Code, type Diagnostic, diagnostic, type Span } from "../base/index.ts";
import { MAX_DIAGNOSTICS } from "./limits.ts";

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

/**
 * Turns offsets of one text into lines and columns. Lines end with LF, CRLF or CR, as in YAML. A text is looked through
 * only as far as offsets are asked for: those of most are near its top.
 */
export class Lines {
  readonly #text: string;
  readonly #starts: number[] = [0];
  readonly #ends = /\r\n?|\n/g;
  #seen = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The 1-based line and column (in code points) of an offset. */
  at(offset: number): { line: number; column: number } {
    this.#look(offset);
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

  #look(offset: number): void {
    while (this.#seen <= offset) {
      const found = this.#ends.exec(this.#text);
      this.#seen = found === null ? Number.POSITIVE_INFINITY : this.#ends.lastIndex;
      if (found !== null) this.#starts.push(this.#seen);
    }
  }

  /** The span of a stretch; a stretch over several lines ends with its first one. */
  span(start: number, end: number): Span {
    const from = this.at(start);
    const first = this.#text.slice(start, Math.max(start, end)).split(/[\r\n]/, 1)[0] ?? "";
    return { ...from, end_line: from.line, end_column: from.column + [...first].length };
  }
}

/**
 * The problems of one file as diagnostics in the order of the text: at most 20, the last of which says how many more
 * there are, and none that shows a secret that was found. Only what is kept is given a line and column, which costs.
 */
export function toDiagnostics(problems: readonly Problem[], file: string, text: string): Diagnostic[] {
  if (problems.length === 0) return [];
  const isError = (problem: Problem): boolean => CODES[problem.code].severity === "error";
  const ordered = [...problems].sort(
    (a, b) => a.start - b.start || byCodeUnit(a.code, b.code) || byCodeUnit(a.message, b.message),
  );
  // Errors first: a warning that pushed an error out of sight would make a wrong file look right.
  const ranked = [...ordered.filter(isError), ...ordered.filter((problem) => !isError(problem))];
  const chosen = new Set(ranked.slice(0, MAX_DIAGNOSTICS));
  const kept = ordered.filter((problem) => chosen.has(problem));
  const secrets = problems.filter((problem) => problem.code === "file.secret");
  const lines = new Lines(text);
  const more = problems.length - kept.length;
  return kept.map((problem, index) => {
    const shown = hideSecrets(problem, secrets, text);
    const suffix = more > 0 && index === kept.length - 1 ? ` (${more} more in this file are not shown.)` : "";
    const span = lines.span(problem.start, problem.end);
    return diagnostic(problem.code, file, span, shown.message + suffix, shown.hint);
  });
}

/** A problem in words that show no part of a secret. */
function hideSecrets(problem: Problem, secrets: readonly Problem[], text: string): Problem {
  if (problem.code === "file.secret") return problem;
  const words = `${problem.message} ${problem.hint ?? ""}`;
  const showsOne = secrets.some(({ start, end }) => {
    const overlaps = problem.start < end && start < problem.end;
    return overlaps || words.includes(text.slice(start, Math.min(end, start + 16)));
  });
  return showsOne ? { ...problem, message: CODES[problem.code].meaning, hint: undefined } : problem;
}
