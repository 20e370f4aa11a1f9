import type { Code, Diagnostic, Span } from "../base/index.ts";
import { type Finding, Lines, type Path, type Problem, toDiagnostics } from "./finding.ts";
import { blankHidden, decodeText } from "./text.ts";
import { locate, type Node } from "./yaml/node.ts";
import { type Recovered, readYaml } from "./yaml/recover.ts";

/** The steps of a reading, in their order. */
export type Step = "text" | "shape" | "rules";

/** What can't be told while a part of the text is unreadable: the part may hold what seems to be missing. */
const ABSENCE: ReadonlySet<Code> = new Set([
  ...(["manifest.missing_key", "tool.unknown_scope", "tool.no_executor", "schema.unknown_ref"] as const),
  ...(["template.unknown_variable", "tool.no_base_url", "tool.sql_parameter"] as const),
  ...(["scope.undeclared", "schema.required", "tool.graphql_variable"] as const),
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
  readonly #hidden: readonly Problem[];
  #lines: Lines | null = null;
  /** Offset → the first step (text, shape, rules) that found something there. */
  readonly #steps = new Map<number, Step>();

  constructor(file: string, bytes: Uint8Array) {
    this.file = file;
    const decoded = decodeText(bytes);
    this.text = decoded.text;
    for (const problem of decoded.problems) this.add(problem);
    // What no reader can see is read as if it were a space, so that it is one problem and not the cause of others.
    const blanked = decoded.problems.length === 0 ? this.text : blankHidden(this.text);
    const read: Recovered = this.text === "" ? { root: null, problems: [], broken: true } : readYaml(blanked);
    this.root = read.root;
    this.broken = read.broken || decoded.problems.length > 0;
    this.#hidden = decoded.problems;
    for (const problem of read.problems) this.add(problem);
    if (this.root === null && this.#problems.length === 0) {
      this.add({ code: "yaml.empty", start: 0, end: 0, message: "There is nothing in the file." });
    }
  }

  /** Notes a problem of the text itself. */
  add(problem: Problem): void {
    this.#problems.push(problem);
    this.#steps.set(problem.start, "text");
  }

  /**
   * Notes a finding about the value; its path counts from this document's root. What an earlier step found wrong at the
   * same place is not told again in other words; and of what seems missing in a broken text nothing is told.
   */
  find(finding: Finding, step: Step): void {
    if (this.root === null || (this.broken && ABSENCE.has(finding.code))) return;
    const place = locate(this.root, finding.path);
    const empty = place.value.start === place.value.end;
    // Where a part was left out, what is empty was not written so.
    if (this.broken && empty && finding.code === "manifest.wrong_type") return;
    const span = (finding.at === "key" || empty) && place.key !== null ? place.key : place.value;
    if (this.#hidden.some(({ start }) => start >= span.start && start < span.end)) return;
    const earlier = this.#steps.get(span.start) ?? step;
    if (earlier !== step) return;
    this.#steps.set(span.start, step);
    const { code, message, hint } = finding;
    this.#problems.push({ code, start: span.start, end: span.end, message, hint });
  }

  /** How a value is written, for messages. */
  written(path: Path): string | null {
    if (this.root === null) return null;
    const { value } = locate(this.root, path);
    return this.text.slice(value.start, value.end);
  }

  /** The place of a value, for findings that other rooms make later. */
  span(path: Path): Span {
    const { value } = this.root === null ? { value: { start: 0, end: 0 } } : locate(this.root, path);
    this.#lines ??= new Lines(this.text);
    return this.#lines.span(value.start, value.end);
  }

  /** All problems as diagnostics, at most 20. */
  diagnostics(): Diagnostic[] {
    return toDiagnostics(this.#problems, this.file, this.text);
  }
}
