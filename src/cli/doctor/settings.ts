import { closest, distance } from "fastest-levenshtein";
import type { Diagnostic } from "../../base/index.ts";
import { CONFIG_FILE, CREDENTIALS, ENVIRONMENT, type Environment } from "../config.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";

/** sentinel.config.yaml. */
export function checkConfiguration(diagnostics: readonly Diagnostic[]): Finding {
  const [first] = diagnostics;
  if (first === undefined) return ok("configuration", `${CONFIG_FILE} is fine, or not there.`);
  const more = diagnostics.length > 1 ? ` (and ${diagnostics.length - 1} more)` : "";
  const message = `${CONFIG_FILE}:${first.line}:${first.column} ${first.message}${more}`;
  return fail("configuration", message, first.hint);
}

/** Variables that look like ours and are not. */
export function checkEnvironment(environment: Environment): Finding {
  const known = [...Object.keys(ENVIRONMENT), ...CREDENTIALS].filter((name) => name.startsWith("SENTINEL_"));
  const unknown = Object.keys(environment)
    .filter((name) => name.startsWith("SENTINEL_") && !known.includes(name))
    .sort();
  const [first] = unknown;
  if (first === undefined) return ok("environment", "No variable is misspelt.");
  const near = closest(first, known);
  const remedy =
    distance(first, near) <= 5
      ? `Did you mean ${near}?`
      : "Unset it, or see docs/config.md for those that are read.";
  return warn("environment", `Nothing reads ${unknown.join(", ")}.`, remedy);
}
