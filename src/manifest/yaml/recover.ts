import { YAMLException } from "js-yaml";
import type { Problem } from "../finding.ts";
import { MAX_DEPTH, MAX_DIAGNOSTICS } from "../limits.ts";
import type { Node } from "./node.ts";
import { parseYaml } from "./parse.ts";
import { explainSyntax } from "./syntax.ts";

/** What a text says where it can be read, and all that is wrong with it as YAML. */
export interface Recovered {
  readonly root: Node | null;
  readonly problems: readonly Problem[];
  /** Whether a part could not be read and was left out. */
  readonly broken: boolean;
}

/**
 * Reads a text as YAML, errors and all: where it is not well-formed, the error is noted, the smallest block around it
 * is blanked out (every other offset stays), and the rest is read again, so that one slip hides nothing else.
 */
export function readYaml(text: string): Recovered {
  const problems: Problem[] = [];
  let rest = text;
  let last: Range | null = null;
  for (let tries = 0; tries < MAX_TRIES && problems.length < MAX_DIAGNOSTICS; tries++) {
    try {
      const parsed = parseYaml(rest);
      return { root: parsed.root, problems: [...problems, ...parsed.problems], broken: problems.length > 0 };
    } catch (error) {
      if (!(error instanceof YAMLException) || error.mark === undefined) throw error;
      if (error.reason.startsWith("nesting exceeded")) {
        const start = error.mark.position;
        const message = `This is more than ${MAX_DEPTH} levels deep.`;
        const problem: Problem = { code: "yaml.too_deep", start, end: start + 1, message };
        return { root: null, problems: [...problems, problem], broken: true };
      }
      const found = explainSyntax(rest, error.reason, error.mark.position);
      const again: boolean = last !== null && touches(last, found.start);
      // A second error at the same block comes from how it was blanked: take the whole block of the outermost key.
      if (!again) problems.push(found);
      const block: Range = blockAround(rest, again && last !== null ? last.start : found.start, again);
      if (again && last !== null && block.start >= last.start && block.end <= last.end) {
        return { root: null, problems, broken: true };
      }
      rest = blank(rest, block);
      last = block;
    }
  }
  return { root: null, problems, broken: true };
}

/** Each try reads the whole text again: what is still broken then is not worth more. */
const MAX_TRIES = 2 * MAX_DIAGNOSTICS;

interface Range {
  readonly start: number;
  readonly end: number;
}

function touches(range: Range, offset: number): boolean {
  return offset >= range.start && offset <= range.end + 1;
}

/** Spaces for everything but line ends, so that offsets and lines stay as they are. */
function blank(text: string, range: Range): string {
  return (
    text.slice(0, range.start) +
    text.slice(range.start, range.end).replace(/[^\r\n]/g, " ") +
    text.slice(range.end)
  );
}

/**
 * The line of an offset with all deeper lines after it; with `outermost`, from the line of no indentation above it to
 * the next such line.
 */
function blockAround(text: string, offset: number, outermost: boolean): Range {
  let start = lineStart(text, offset);
  while (outermost && start > 0 && !startsBlock(text, start)) start = lineStart(text, start - 1);
  const indent = outermost ? 0 : indentation(text, start);
  let end = lineEnd(text, Math.max(start, outermost ? start : offset));
  while (end < text.length) {
    const next = indentation(text, end);
    const blankLine = /^[ \t]*(?:\r|\n|$)/.test(text.slice(end, end + next + 2));
    if (!blankLine && next <= indent && !(outermost && /[-}\]]/.test(text.charAt(end)))) break;
    end = lineEnd(text, end);
  }
  return { start, end };
}

/** Whether a line starts something at the root: a key, not a list item or a closing bracket. */
function startsBlock(text: string, start: number): boolean {
  return /^[^\s#\-}\]]/.test(text.slice(start, start + 1));
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** The offset where the next line starts. */
function lineEnd(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end + 1;
}

function indentation(text: string, start: number): number {
  let offset = start;
  while (text.charCodeAt(offset) === 32) offset++;
  return offset - start;
}
