import type { Code, Diagnostic } from "../base/index.ts";
import { type Finding, Lines, type Path, type Problem, toDiagnostic } from "./finding.ts";
import { decodeText } from "./text.ts";
import { locate, type Node } from "./yaml/node.ts";
import { type Recovered, readYaml } from "./yaml/recover.ts";

/** The steps of a reading, in their order. */
export type Step = "text" | "shape" | "rules";

/** What can't be told while a part of the text is unreadable: the part may hold what seems to be missing. */
const ABSENCE: ReadonlySet<Code> = new Set([
  ...(["manifest.missing_key", "tool.unknown_scope", "tool.no_executor", "schema.unknown_ref"] as const),
  ...(["template.unknown_variable", "tool.no_base_url", "tool.sql_parameter"] as const),
]);

/** A YAML file of ours: its text, what it says, and what is wrong with it so far. */
export class Document {
  /** What diagnostics call the file. */
  readonly file: string;
  readonly text: string;
  /** null where there is nothing to judge: bad bytes, or nothing written. */
  readonly root: Node | null;
  /** Whether parts of the text could not be read, so that what seems missing may be there. */
  readonly broken: boolean;
  readonly #problems: Problem[] = [];
  /** Offset → the first step (text, shape, rules) that found something there. */
  readonly #steps = new Map<number, Step>();
  #lines: Lines | null = null;

  constructor(file: string, bytes: Uint8Array) {
    this.file = file;
    const decoded = decodeText(bytes);
    this.text = decoded.text;
    this.#problems.push(...decoded.problems);
    // Bad bytes leave no text; a byte order mark or a hidden character is one problem among others.
    const read: Recovered =
      decoded.text === "" ? { root: null, problems: [], broken: true } : readYaml(decoded.text);
    this.root = read.root;
    this.broken = read.broken || decoded.problems.length > 0;
    this.#problems.push(...read.problems);
    if (this.root === null && this.#problems.length === 0) {
      this.report("yaml.empty", 0, 0, "There is nothing in the file.");
    }
  }

  /** Whether anything is wrong so far. */
  get hasProblems(): boolean {
    return this.#problems.length > 0;
  }

  /** Notes a problem of the text itself. */
  report(code: Code, start: number, end: number, message: string, hint?: string): void {
    this.#problems.push({ code, start, end, message, hint });
  }

  /**
   * Notes a finding about the value; its path counts from this document's root. What an earlier step found wrong at the
   * same place is not told again in other words; and of what seems missing in a broken text nothing is told.
   */
  find(finding: Finding, step: Step): void {
    if (this.root === null || (this.broken && ABSENCE.has(finding.code))) return;
    const place = locate(this.root, finding.path);
    const empty = place.value.start === place.value.end;
    const span = (finding.at === "key" || empty) && place.key !== null ? place.key : place.value;
    const earlier = this.#steps.get(span.start) ?? (this.#textProblemAt(span.start) ? "text" : step);
    if (earlier !== step) return;
    this.#steps.set(span.start, step);
    this.report(finding.code, span.start, span.end, finding.message, finding.hint);
  }

  #textProblemAt(start: number): boolean {
    return this.#problems.some((problem) => problem.start === start && !this.#steps.has(start));
  }

  /** The place of a value, for findings that other rooms make later. */
  span(path: Path): ReturnType<Lines["span"]> {
    const { value } = this.root === null ? { value: { start: 0, end: 0 } } : locate(this.root, path);
    return this.lines.span(value.start, value.end);
  }

  get lines(): Lines {
    this.#lines ??= new Lines(this.text);
    return this.#lines;
  }

  /** All problems as diagnostics, not sorted. */
  diagnostics(): Diagnostic[] {
    return this.#problems.map((problem) => toDiagnostic(problem, this.file, this.lines));
  }
}
