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

/** Text from outside, short enough for a message. */
export function shown(text: string, max = 80): string {
  return JSON.stringify(text.length <= max ? text : `${text.slice(0, max - 3)}...`);
}

/** The message of whatever was thrown, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
