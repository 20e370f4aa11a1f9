import { byCodeUnit, CODES, type Code, type Diagnostic } from "../../base/index.ts";
import { escapeHidden } from "./json.ts";

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/** Why a command could not run at all. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** A path as a relative URI reference: each segment percent-encoded, so that `a:b` is no scheme and `#` no fragment. */
export function relativeUri(path: string): string {
  return path
    .split("/")
    .map((segment) => encodeURIComponent(segment.toWellFormed()))
    .join("/");
}

/**
 * Diagnostics as a SARIF 2.1.0 log (OASIS standard, errata 01). Columns count Unicode code points, as ours do, and
 * the log says so; paths are relative to the working directory, whose place only the reader knows.
 */
export function sarif(
  diagnostics: readonly Diagnostic[],
  version: string,
  failure: Failure | null = null,
): string {
  const codes: Code[] = [...new Set(diagnostics.map(({ code }) => code))].sort(byCodeUnit);
  const run = {
    tool: { driver: { name: "sentinel", semanticVersion: version, rules: codes.map(rule) } },
    columnKind: "unicodeCodePoints",
    invocations: [invocation(failure)],
    results: diagnostics.map((one) => result(one, codes.indexOf(one.code))),
  };
  return escapeHidden(JSON.stringify({ $schema: SCHEMA, version: "2.1.0", runs: [run] }, null, 2));
}

function rule(code: Code): object {
  const { meaning, remedy, severity } = CODES[code];
  return {
    id: code,
    shortDescription: { text: meaning },
    help: { text: remedy },
    defaultConfiguration: { level: severity },
  };
}

function result(one: Diagnostic, ruleIndex: number): object {
  return {
    ruleId: one.code,
    ruleIndex,
    level: one.severity,
    message: { text: `${one.message} ${one.hint}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: relativeUri(one.file), uriBaseId: "%SRCROOT%" },
          region: {
            startLine: one.line,
            startColumn: one.column,
            endLine: one.end_line,
            endColumn: one.end_column,
          },
        },
      },
    ],
  };
}

function invocation(failure: Failure | null): object {
  if (failure === null) return { executionSuccessful: true };
  const { code, message, hint } = failure;
  return {
    executionSuccessful: false,
    toolExecutionNotifications: [
      { level: "error", descriptor: { id: code }, message: { text: `${message} ${hint}` } },
    ],
  };
}
