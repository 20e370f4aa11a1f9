import { join } from "node:path";
import { type Code, type Diagnostic, HIDDEN_CHARACTERS, scrubText } from "../../base/index.ts";
import { openRegular } from "../../manifest/index.ts";
import { cells, clean } from "./text.ts";

const MAX_BYTES = 256 * 1024;
/** How many code points of a long line are shown. */
const WINDOW = 100;

/** Lines that these point at hold what must not be printed. */
const SECRET: ReadonlySet<Code> = new Set(["file.secret", "manifest.secret_field"]);

/** Two lines under a finding: the line of the file, and a caret below what is meant. */
export interface Excerpt {
  readonly line: string;
  readonly caret: string;
}

/** Reads the lines that diagnostics point at; each file once, nothing that is not a plain text file. */
export class Excerpts {
  readonly #cwd: string;
  readonly #texts = new Map<string, readonly string[] | null>();
  readonly #secrets = new Set<string>();

  /** @param diagnostics all of the report: a line with a secret is not shown for its other findings either */
  constructor(cwd: string, diagnostics: readonly Diagnostic[]) {
    this.#cwd = cwd;
    for (const one of diagnostics) {
      if (!SECRET.has(one.code)) continue;
      for (let line = one.line; line <= one.end_line; line += 1) this.#secrets.add(`${one.file}:${line}`);
    }
  }

  /** The excerpt of a diagnostic; null when its place can't or must not be shown. */
  of(one: Diagnostic): Excerpt | null {
    if (this.#secrets.has(`${one.file}:${one.line}`)) return null;
    const text = this.#lines(one.file)?.[one.line - 1];
    // A finding about the file as a whole has an empty span at its start: there is nothing to point at.
    if (text === undefined || (one.line === one.end_line && one.column === one.end_column)) return null;
    // A line with anything that looks like a secret is not shown at all, whatever it was reported for.
    if (scrubText(text) !== text) return null;
    const points = [...text];
    const from = Math.max(0, Math.min(one.column - 1 - WINDOW / 2, points.length - WINDOW));
    const shown = points.slice(from, from + WINDOW);
    const start = one.column - 1 - from;
    const end = one.end_line === one.line ? one.end_column - 1 - from : shown.length;
    const before = drawn(shown.slice(0, start));
    const under = drawn(shown.slice(start, Math.max(end, start + 1)));
    const lead = from > 0 ? "…" : "";
    const tail = from + WINDOW < points.length ? "…" : "";
    return {
      line: `${lead}${drawn(shown)}${tail}`,
      caret: `${" ".repeat(cells(lead + before))}${"^".repeat(Math.max(1, cells(under)))}`,
    };
  }

  #lines(file: string): readonly string[] | null {
    const known = this.#texts.get(file);
    if (known !== undefined) return known;
    const lines = read(join(this.#cwd, file));
    this.#texts.set(file, lines);
    return lines;
  }
}

function read(path: string): readonly string[] | null {
  const opened = openRegular(path, MAX_BYTES);
  if (!("bytes" in opened)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(opened.bytes).split(/\r\n|[\r\n]/);
  } catch {
    return null;
  }
}

/** As printed: a tab takes one cell, hidden characters are made visible. */
function drawn(points: readonly string[]): string {
  return clean(points.join("").replaceAll("\t", " ").replace(HIDDEN_CHARACTERS, "\u{fffd}"));
}
