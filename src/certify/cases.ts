import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { RE2JS } from "re2js";
import { EXACT_MULTIPLE, type Json, type JsonObject } from "../base/index.ts";
import { shareSchemas } from "../generate/index.ts";
import type { Finding, Manifest, TestCase, Tests, Tool } from "../manifest/index.ts";

/**
 * Patterns run in linear time, as in the runtime. ajv tells them apart by `toString`, so without it all of a schema would
 * be the first one; `code` is what it would write into a file.
 */
const re2 = Object.assign(
  (pattern: string) => {
    const compiled = RE2JS.compile(pattern);
    return { test: (text: string): boolean => compiled.matcher(text).find(), toString: () => pattern };
  },
  { code: "re2" },
);

/** What of the cases does not fit the schemas of their tools, at its place in tests.yaml. */
export function caseProblems(tests: Tests, manifest: Manifest): Finding[] {
  const tools = new Map(manifest.tools.map((tool) => [tool.name, new ToolSchemas(tool, manifest)]));
  return tests.cases.flatMap((one, index) => {
    const schemas = tools.get(one.tool);
    return schemas === undefined ? [] : problemsOf(one, schemas, ["cases", index]);
  });
}

function problemsOf(one: TestCase, schemas: ToolSchemas, path: (string | number)[]): Finding[] {
  const findings: Finding[] = [];
  const wrong = schemas.wrongInput(one.input);
  const wantsWrong = one.expect.error === "invalid_input";
  if (wantsWrong && wrong === null) {
    const message = "The input fits the tool's schema, and invalid_input is expected.";
    findings.push({ code: "tests.input", path: [...path, "input"], at: "key", message });
  } else if (!wantsWrong && wrong !== null) {
    const message = `The input does not fit ${one.tool}: ${wrong}.`;
    findings.push({ code: "tests.input", path: [...path, "input"], at: "key", message });
  }
  const { output } = one.expect;
  const unlike = output === undefined ? null : schemas.wrongOutput(output);
  if (unlike !== null) {
    const message = `The output is not what ${one.tool} declares: ${unlike}.`;
    findings.push({ code: "tests.output", path: [...path, "expect", "output"], at: "key", message });
  }
  return findings;
}

/** The schemas of one tool, compiled when they are first asked for. */
class ToolSchemas {
  readonly #tool: Tool;
  readonly #manifest: Manifest;
  #input: ValidateFunction | null = null;
  #output: ValidateFunction | null = null;

  constructor(tool: Tool, manifest: Manifest) {
    this.#tool = tool;
    this.#manifest = manifest;
  }

  /** Why a value is no input of the tool, or null. */
  wrongInput(value: Json): string | null {
    this.#input ??= compile(this.#tool.input, this.#manifest);
    return reason(this.#input, value);
  }

  /** Why a value is no output of the tool, or null; without a schema anything is one. */
  wrongOutput(value: Json): string | null {
    if (this.#tool.output === null) return null;
    this.#output ??= compile(this.#tool.output, this.#manifest);
    return reason(this.#output, value);
  }
}

function compile(schema: JsonObject, { schemas }: Manifest): ValidateFunction {
  const shared = shareSchemas(schemas, [schema]);
  const local = shared.localise(schema);
  const own = local.$defs;
  const whole = { ...local, $defs: { ...(typeof own === "object" ? own : null), ...shared.defs() } };
  // One instance a schema: what one calls `$id` must not be taken for another's.
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    validateSchema: false,
    validateFormats: false,
    logger: false,
    code: { regExp: re2 },
  });
  ajv.removeKeyword(EXACT_MULTIPLE.keyword).addKeyword(EXACT_MULTIPLE);
  return ajv.compile(whole);
}

/** Reasons that are told of one value. */
const MAX_REASONS = 3;

function reason(validate: ValidateFunction, value: Json): string | null {
  if (validate(value)) return null;
  const reasons = [...new Set((validate.errors ?? []).map(inWords))];
  const more = reasons.length > MAX_REASONS ? ` and ${reasons.length - MAX_REASONS} more` : "";
  return `${reasons.slice(0, MAX_REASONS).join("; ")}${more}`;
}

function inWords({ instancePath, keyword, params, message }: ErrorObject): string {
  const at = instancePath.slice(1).replaceAll("/", ".");
  const extra = keyword === "additionalProperties" ? ` (${params.additionalProperty})` : "";
  return `${at === "" ? "it" : at} ${message ?? "is not valid"}${extra}`.slice(0, 150);
}
