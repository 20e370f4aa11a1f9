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

/** Characters that are scrubbed for a message: a text may have millions. */
const MAX_SCRUBBED = 200_000;
/** At the end of what was cut off before it was scrubbed: as much of a secret as stays what it is without its rest, in any encoding. */
const UNSURE = 2000;

/**
 * The beginning of a text from outside, on one line. It is scrubbed before it is cut. What was cut off before that may have left
 * part of a secret at the end, and scrubbing shortens what stands before it; so the end is never shown.
 * @param max characters, few
 */
export function beginningOf(text: string, max: number, scrub: (text: string) => string): string {
  const isWhole = text.length <= MAX_SCRUBBED;
  const clean = isWhole ? scrub(text) : scrub(text.slice(0, MAX_SCRUBBED)).slice(0, -UNSURE);
  return JSON.stringify(
    (isWhole && clean.length <= max ? clean : `${clean.slice(0, max)}...`).replace(/\s+/g, " ").trim(),
  );
}

/** The message of whatever was thrown, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
