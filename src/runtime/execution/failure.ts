import { CODES, type RuntimeCode } from "../../base/index.ts";
import { ToolFailure } from "../seams.ts";

/** What a failure says besides its code and message. */
export interface FailureOptions {
  /** Instead of the code's own remedy. */
  readonly hint?: string;
  readonly sent?: boolean;
  readonly cause?: unknown;
}

/** A failure of a call with the remedy of its code as the hint. */
export function failure(code: RuntimeCode, message: string, options: FailureOptions = {}): ToolFailure {
  return new ToolFailure(code, message, options.hint ?? CODES[code].remedy, options);
}

/**
 * Text from outside as a message shows it: all of it, or how long it is. It is never cut: messages are scrubbed at the end,
 * and of a secret that was cut nobody would know the rest.
 */
export function shown(text: string): string {
  return text.length <= 200 ? JSON.stringify(text) : `a text of ${text.length} characters`;
}

/** Scrubbing looks at each character many times. */
const MAX_SCRUBBED = 10_000;

/**
 * The beginning of a text from outside, on one line. It is scrubbed before it is cut, and what was cut off before that is
 * far from what is shown.
 * @param max characters, few
 */
export function beginningOf(text: string, max: number, scrub: (text: string) => string): string {
  const clean = scrub(text.slice(0, MAX_SCRUBBED));
  return JSON.stringify(
    (clean.length <= max ? clean : `${clean.slice(0, max)}...`).replace(/\s+/g, " ").trim(),
  );
}

/** The message of whatever was thrown, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
