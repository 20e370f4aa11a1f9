import { type Diagnostic, diagnostic, type Json, type JsonObject, WHOLE_FILE } from "../base/index.ts";
import { Document } from "./document.ts";
import type { Finding, Path } from "./finding.ts";
import { MAX_YAML_BYTES } from "./limits.ts";
import { asJson, asObject } from "./normalise.ts";
import { reportDuplicates } from "./rules/identity.ts";
import type { Report } from "./rules/rule.ts";
import { checkShape, didYouMean, show } from "./shape/check.ts";
import { type RawCase, type RawResponse, testsFile } from "./shape/tests.ts";
import { openRegular } from "./source/open.ts";
import type { Manifest, Tool } from "./types.ts";

/** What a tests.yaml says: calls of tools, what the provider answers them, and what they end with. */
export interface Tests {
  /** Values of `account_fields` for all cases. */
  readonly account: Readonly<Record<string, string>>;
  readonly cases: readonly TestCase[];
}

/** The modes of a call, from the least to the most that it may do. */
export type Mode = "readonly" | "write" | "admin";

/** One call of a tool. */
export interface TestCase {
  readonly name: string;
  readonly tool: string;
  readonly input: JsonObject;
  /** null: the least mode in which the tool runs. */
  readonly mode: Mode | null;
  readonly credentials: "present" | "missing";
  /** What the provider answers to each request, in their order. */
  readonly responses: readonly RecordedResponse[];
  readonly expect: Expectation;
}

export interface RecordedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, or the text of another kind of body; of `sql` the rows. */
  readonly body: Json;
}

/** What a call ends with: an output (without the connector and account that every one says), or an error. */
export interface Expectation {
  readonly output?: Json;
  readonly error: "needs_setup" | "mode_refused" | "invalid_input" | "provider_error" | null;
}

/**
 * Reads a connector's tests.yaml; null where there is none.
 * @param path absolute
 * @param display what diagnostics print instead
 * @param more findings that only the caller can make; not asked for where the shape is wrong
 */
export function readTests(
  path: string,
  display: string,
  manifest: Manifest,
  more: (tests: Tests) => readonly Finding[],
): { readonly tests: Tests | null; readonly diagnostics: readonly Diagnostic[] } | null {
  const opened = openRegular(path, MAX_YAML_BYTES);
  if ("gone" in opened) return null;
  if ("refused" in opened) {
    return { tests: null, diagnostics: [diagnostic(opened.refused, display, WHOLE_FILE, opened.message)] };
  }
  const document = new Document(display, opened.bytes);
  const tests = readCases(document);
  if (tests !== null) {
    checkCases(tests, manifest, document);
    for (const finding of more(tests)) document.find(finding, "rules");
  }
  return { tests, diagnostics: document.diagnostics() };
}

/** What a tests.yaml says; null where its shape is wrong, which the document has noted then. */
export function readCases(document: Document): Tests | null {
  if (document.root === null) return null;
  const written = (path: Path): string | null => document.written(path);
  const { value, findings } = checkShape(testsFile(), document.root.value, [], written);
  for (const finding of findings) document.find(finding, "shape");
  return value === null ? null : { account: value.account ?? {}, cases: value.cases.map(normaliseCase) };
}

/** Notes what of the cases can't be meant, as far as the manifest and the case itself tell. */
export function checkCases(tests: Tests, manifest: Manifest, document: Document): void {
  const report: Report = (code, path, message, hint, at = "value") => {
    document.find({ code, path, message, hint, at }, "rules");
  };
  const names = tests.cases.map(({ name }) => name);
  reportDuplicates(names, (index) => ["cases", index, "name"], "list.duplicate", report);
  accountIsDeclared(tests, manifest, report);
  const tools = new Map(manifest.tools.map((tool) => [tool.name, tool]));
  tests.cases.forEach((one, index) => {
    const path = ["cases", index];
    const tool = tools.get(one.tool);
    if (tool === undefined) {
      const near = didYouMean(one.tool, [...tools.keys()]);
      const hint = near === null ? undefined : `Did you mean ${near}?`;
      report("tests.unknown_tool", [...path, "tool"], `There is no tool ${show(one.tool)}.`, hint);
      return;
    }
    expectsOneThing(one, path, report);
    credentialsFit(one, manifest, path, report);
    modeFits(one, tool, path, report);
    responsesFit(one, tool, path, report);
  });
}

/** Fields of an account are declared, or at least read by a template. */
function accountIsDeclared({ account }: Tests, manifest: Manifest, report: Report): void {
  if (Object.keys(account).length === 0) return;
  const read = [...JSON.stringify(manifest).matchAll(/\baccount\.(\w+)/g)].map(([, name = ""]) => name);
  const declared = [...manifest.account_fields.map(({ name }) => name), ...read];
  for (const field of Object.keys(account)) {
    if (declared.includes(field)) continue;
    const near = didYouMean(field, declared);
    const hint = near === null ? undefined : `Did you mean ${near}?`;
    const message = `There is no account field ${show(field)}.`;
    report("tests.unknown_field", ["account", field], message, hint, "key");
  }
}

function expectsOneThing({ expect }: TestCase, path: Path, report: Report): void {
  const { output } = expect;
  if (output !== undefined && (typeof output !== "object" || output === null || Array.isArray(output))) {
    const hint = "Write {items: […]} for a list, {value: …} for anything else.";
    report("tests.expectation", [...path, "expect", "output"], "What a tool answers is a map.", hint);
  }
  const both = expect.output !== undefined && expect.error !== null;
  if (!both && (expect.output !== undefined || expect.error !== null)) return;
  const message = both ? "The case expects an output and an error." : "The case expects nothing.";
  report("tests.expectation", [...path, "expect"], message, undefined, "key");
}

function credentialsFit(
  { credentials, expect }: TestCase,
  { auth }: Manifest,
  path: Path,
  report: Report,
): void {
  const missing = credentials === "missing";
  const at = [...path, "expect", "error"];
  if (missing && auth.type === "none") {
    const hint = "Remove the case: it can't happen.";
    report("tests.contradiction", [...path, "credentials"], "The connector needs no credential.", hint);
  } else if (missing && expect.error !== "needs_setup") {
    const message = "Without a credential a call ends with needs_setup.";
    report("tests.contradiction", at, message, "Write expect: {error: needs_setup}.");
  } else if (!missing && expect.error === "needs_setup") {
    const message = "The case has its credential, so nothing is left to set up.";
    report("tests.contradiction", at, message, "Add credentials: missing.");
  }
}

const MODES: readonly Mode[] = ["readonly", "write", "admin"];

/** The least mode in which a tool runs. */
export function modeOf({ side_effecting, destructive }: Tool): Mode {
  if (destructive) return "admin";
  return side_effecting ? "write" : "readonly";
}

function modeFits({ mode, expect }: TestCase, tool: Tool, path: Path, report: Report): void {
  const needed = modeOf(tool);
  const allowed = mode === null || MODES.indexOf(mode) >= MODES.indexOf(needed);
  const at = [...path, "expect", "error"];
  if (!allowed && expect.error !== "mode_refused") {
    const message = `In mode ${mode} the tool is refused: it needs ${needed}.`;
    report("tests.contradiction", at, message, "Write expect: {error: mode_refused}.");
  } else if (allowed && expect.error === "mode_refused") {
    const message = `The tool runs in mode ${mode ?? needed}.`;
    const hint = needed === "readonly" ? "A read is refused in no mode." : "Add mode: readonly.";
    report("tests.contradiction", at, message, hint);
  }
}

/** Refused calls send nothing; all others are answered, but for functions, which may do without. */
function responsesFit({ responses, expect }: TestCase, tool: Tool, path: Path, report: Report): void {
  const sends = expect.output !== undefined || expect.error === "provider_error";
  if (!sends && expect.error !== null && responses.length > 0) {
    const message = "Nothing is sent here, so there is no answer.";
    report("tests.responses", [...path, "responses"], message, "Remove responses.", "key");
  } else if (sends && responses.length === 0 && tool.handler === null) {
    report("tests.responses", path, `The case ${show(path.at(-1))} has no recorded response.`);
  }
}

function normaliseCase(raw: RawCase): TestCase {
  const { output, error } = raw.expect;
  return {
    name: raw.name,
    tool: raw.tool,
    input: asObject(raw.input ?? {}),
    mode: raw.mode ?? null,
    credentials: raw.credentials ?? "present",
    responses: (raw.responses ?? []).map(normaliseResponse),
    expect: { error: error ?? null, ...(output === undefined ? {} : { output: asJson(output) }) },
  };
}

function normaliseResponse({ status, headers, body }: RawResponse): RecordedResponse {
  return { status: status ?? 200, headers: headers ?? {}, body: asJson(body) };
}
