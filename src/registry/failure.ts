import {
  Bug,
  CODES,
  type Code,
  errno,
  type Json,
  RegistryRefusal,
  RegistryUnavailable,
  UserError,
} from "../base/index.ts";

/** What a database or PostgREST says of a failed call. */
export interface DatabaseFailure {
  /** The SQLSTATE, PostgREST's own code, or a Node system error's. */
  readonly code: string | null;
  readonly message: string;
  readonly detail: string | null;
}

/** SQLSTATE classes and codes that mean: not now, but the same call may be made again. */
const PASSING = /^(08|53|57P|40)|^(55P03|57014|25P03|PGRST00[0-3])$|^(E[A-Z]+|UND_ERR_.*)$/;
const NOT_MIGRATED = /^(42883|42P01|3F000|PGRST202|PGRST205)$/;
const LOGIN_FAILED = /^(28|3D000|PGRST30)/;

function isCode(code: string): code is Code {
  return code in CODES;
}

/** What the closed list of codes advises; the list is short enough for any code of the registry to be in it. */
export function remedyOf(code: string): string {
  return isCode(code) ? CODES[code].remedy : "";
}

/** A user's error under one of the registry's codes. */
export function userError(code: Code, message: string, options?: ErrorOptions): UserError {
  return new UserError(code, message, remedyOf(code), options);
}

/** The database is away, or its answer was. */
export function unavailable(location: string, why: string, cause?: unknown): RegistryUnavailable {
  const message = `The registry at ${location} can't be reached: ${why}.`;
  return new RegistryUnavailable("registry.unavailable", message, remedyOf("registry.unavailable"), {
    cause,
  });
}

function refusalIn(failure: DatabaseFailure): RegistryRefusal | null {
  if (!failure.code?.startsWith("PT") || failure.detail === null) return null;
  const said: unknown = JSON.parse(failure.detail);
  if (typeof said !== "object" || said === null || !("code" in said) || typeof said.code !== "string")
    return null;
  const details = "details" in said ? asJson(said.details) : null;
  return new RegistryRefusal(said.code, failure.message, remedyOf(said.code), details);
}

function asJson(value: unknown): Json {
  const text = JSON.stringify(value);
  const parsed: Json = text === undefined ? null : JSON.parse(text);
  return parsed;
}

/**
 * Sorts a failed call into refusal, outage, a user's mistake or our bug.
 * @param location where the registry is, without a password
 */
export function toError(failure: DatabaseFailure, location: string, cause: unknown): Error {
  const { code, message } = failure;
  const refusal = refusalIn(failure);
  if (refusal) return refusal;
  if (code === null || PASSING.test(code)) return unavailable(location, oneLine(message), cause);
  if (code === "42501") {
    return new RegistryRefusal(
      "registry.forbidden",
      `The registry does not let this login do that: ${oneLine(message)}.`,
      remedyOf("registry.forbidden"),
    );
  }
  // 22023 and 42704 are also what setting a role that does not exist gives.
  if (NOT_MIGRATED.test(code) || (/^(22023|42704)$/.test(code) && message.startsWith("role "))) {
    return userError(
      "registry.not_migrated",
      `The database at ${location} has no registry, or an older one.`,
      {
        cause,
      },
    );
  }
  if (LOGIN_FAILED.test(code)) {
    return userError("registry.login_failed", `The database at ${location} does not accept the login.`, {
      cause,
    });
  }
  return new Bug(`the registry failed with ${code}: ${message}`, { cause });
}

/** Reads what is known of an error that a database client threw. */
export function failureOf(error: unknown): DatabaseFailure {
  const detail =
    error instanceof Error && "detail" in error && typeof error.detail === "string" ? error.detail : null;
  return { code: errno(error), message: messageOf(error), detail };
}

// A refused connection on several addresses is an AggregateError, whose own message is empty.
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

function oneLine(message: string): string {
  return message.replace(/\s+/g, " ").replace(/\.$/, "");
}
