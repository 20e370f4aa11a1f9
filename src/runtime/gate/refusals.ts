import {
  CODES,
  type JsonObject,
  RegistryUnavailable,
  type RuntimeCode,
  UserError,
} from "../../base/index.ts";
import { ToolFailure } from "../seams.ts";

/** A refusal of the registry: it is on record there. */
export class Refused extends ToolFailure {
  /** What the registry says besides: the missing firearms. */
  readonly details: JsonObject;
  constructor(code: string, message: string, details: JsonObject) {
    const known = isCode(code) ? code : "runtime.internal";
    super(known, message, CODES[known].remedy);
    this.details = details;
  }
}

/** A failure of a side effect that the registry has on record. */
export class Recorded extends ToolFailure {}

/** A no with the remedy of its code. */
export function no(
  code: RuntimeCode,
  message: string,
  options: { sent?: boolean; cause?: unknown } = {},
): ToolFailure {
  return new ToolFailure(code, message, CODES[code].remedy, options);
}

/** What was thrown as a failure that may be shown: a mistake that a user can mend in its words, anything else in ours. */
export function failureOf(error: unknown): ToolFailure {
  if (error instanceof ToolFailure) return error;
  if (error instanceof RegistryUnavailable) return no("call.registry_away", error.message, { cause: error });
  if (error instanceof UserError) {
    const code = isCode(error.code) ? error.code : "runtime.internal";
    return new ToolFailure(code, error.message, error.hint, { cause: error });
  }
  return no("runtime.internal", "Something inside this program went wrong.", { cause: error });
}

/** Whether a code means: the gate said no, and nothing was tried. */
export function isRefusal(code: string): boolean {
  return /^(?:call|mode|firearms|account|vault|agent)\./.test(code);
}

function isCode(code: string): code is RuntimeCode {
  return code in CODES && /^(?!registry\.)/.test(code);
}
