import { BUILD_CODES } from "./build-codes.ts";
import { CERTIFY_CODES } from "./certify-codes.ts";
import { CLI_CODES } from "./cli-codes.ts";
import { GATE_CODES } from "./gate-codes.ts";
import { IMPORT_CODES } from "./import-codes.ts";
import { MANIFEST_CODES } from "./manifest-codes.ts";
import { RECONCILE_CODES } from "./reconcile-codes.ts";
import { REGISTRY_CODES } from "./registry-codes.ts";
import { RUNTIME_CODES } from "./runtime-codes.ts";
import { TOOL_CODES } from "./tool-codes.ts";

/** What a diagnostic code means; `docs/diagnostics.md` is this table in prose, and a test holds the two together. */
export interface CodeMeaning {
  readonly severity: Severity;
  /** When it is reported, as one plain sentence. */
  readonly meaning: string;
  /** What to do about it, as one plain sentence. */
  readonly remedy: string;
}

/** `error` makes a command exit 1; `warning` does not. */
export type Severity = "error" | "warning";

/**
 * Every diagnostic code there is: a closed list, never renamed once released.
 * A code is `room-or-subject.what_is_wrong`.
 */
export const CODES = {
  ...MANIFEST_CODES,
  ...TOOL_CODES,
  ...RECONCILE_CODES,
  ...REGISTRY_CODES,
  ...CLI_CODES,
  ...IMPORT_CODES,
  ...BUILD_CODES,
  ...CERTIFY_CODES,
  ...RUNTIME_CODES,
  ...GATE_CODES,
} as const satisfies Record<string, CodeMeaning>;

/** One of the closed list of codes. */
export type Code = keyof typeof CODES;

/** A code that a call of a tool may fail with. */
export type RuntimeCode = keyof typeof RUNTIME_CODES | keyof typeof GATE_CODES;
