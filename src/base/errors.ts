import type { Json } from "./json.ts";

/**
 * The command could not do its work for a reason that a user can mend: a database that is away, a lock that is held,
 * a flag that makes no sense. It exits 2 and prints message and hint, never a stack.
 */
export class UserError extends Error {
  override readonly name: string = "UserError";
  readonly code: string;
  readonly hint: string;
  constructor(code: string, message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }
}

/** The registry refused a call by one of its own rules; nothing was changed. */
export class RegistryRefusal extends UserError {
  override readonly name = "RegistryRefusal";
  /** What the rule has to say besides: blockers, the current digest, the holder of a lease. */
  readonly details: Json;
  constructor(code: string, message: string, hint: string, details: Json = null) {
    super(code, message, hint);
    this.details = details;
  }
}

/** The registry can't be reached, or its answer was lost; the same call may be made again. */
export class RegistryUnavailable extends UserError {
  override readonly name = "RegistryUnavailable";
}

/** Our own bug: a state that the code says can't be. It keeps its stack and exits 2. */
export class Bug extends Error {
  override readonly name = "Bug";
}

/** The error code of a Node system error (`ENOENT`, …), or null. */
export function errno(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}
