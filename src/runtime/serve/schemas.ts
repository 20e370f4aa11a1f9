import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { RE2JS } from "re2js";
import { CODES, copied, EXACT_MULTIPLE, type Json, type JsonObject } from "../../base/index.ts";
import { ToolFailure } from "../seams.ts";
import type { ObjectSchema } from "../types.ts";

/**
 * Patterns run in linear time. ajv tells them apart by `toString`, so without it all of a schema would be the first one;
 * `code` is what it would write into a file.
 */
const re2 = Object.assign(
  (pattern: string) => {
    const compiled = RE2JS.compile(pattern);
    return { test: (text: string): boolean => compiled.matcher(text).find(), toString: () => pattern };
  },
  { code: "re2" },
);

/** Reasons that are told of one value. */
const MAX_REASONS = 5;

const inputs = new WeakMap<ObjectSchema, ValidateFunction>();
const outputs = new WeakMap<ObjectSchema, ValidateFunction>();

/**
 * Checks arguments against a schema and fills in its defaults.
 * @param schema self-contained; compiled at the first call
 * @throws ToolFailure `call.invalid_input`
 */
export function validInput(schema: ObjectSchema, tool: string, input: JsonObject): JsonObject {
  const filled = copied(input);
  const wrong = unsound(filled, "") ?? problemOf(compiled(inputs, schema, true), filled);
  if (wrong === null) return filled;
  const { remedy } = CODES["call.invalid_input"];
  throw new ToolFailure("call.invalid_input", `The arguments do not fit ${tool}: ${wrong}.`, remedy);
}

/** What no provider would get as it was meant: a whole number whose last digits are gone already, half a character. */
function unsound(value: Json, at: string): string | null {
  const place = at === "" ? "it" : at.slice(0, 100);
  if (typeof value === "string") return value.isWellFormed() ? null : `${place} holds half a character`;
  if (typeof value === "number") {
    // From 1e21 on a number is written with an exponent, and says what it is.
    const isRounded = Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21;
    return isRounded
      ? `${place} is a whole number beyond 2^53, of which digits are lost: give it as text`
      : null;
  }
  if (typeof value !== "object" || value === null) return null;
  for (const [key, item] of Object.entries(value)) {
    const wrong = unsound(key, at) ?? unsound(item, at === "" ? key : `${at}.${key}`);
    if (wrong !== null) return wrong;
  }
  return null;
}

/** What keeps a value from fitting an output schema, or null. */
export function outputProblem(schema: ObjectSchema, value: Json): string | null {
  return problemOf(compiled(outputs, schema, false), value);
}

function compiled(
  known: WeakMap<ObjectSchema, ValidateFunction>,
  schema: ObjectSchema,
  useDefaults: boolean,
): ValidateFunction {
  const before = known.get(schema);
  if (before !== undefined) return before;
  // One instance a schema: what one calls `$id` must not be taken for another's.
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    useDefaults,
    validateSchema: false,
    validateFormats: false,
    logger: false,
    code: { regExp: re2 },
  });
  ajv.removeKeyword(EXACT_MULTIPLE.keyword).addKeyword(EXACT_MULTIPLE);
  const validate = ajv.compile(schema);
  known.set(schema, validate);
  return validate;
}

function problemOf(validate: ValidateFunction, value: Json): string | null {
  if (validate(value)) return null;
  const reasons = [...new Set((validate.errors ?? []).map(inWords))];
  const more = reasons.length > MAX_REASONS ? ` and ${reasons.length - MAX_REASONS} more` : "";
  return `${reasons.slice(0, MAX_REASONS).join("; ")}${more}`;
}

/** Never the value itself: it may be a secret that stands in the wrong place. */
function inWords({ instancePath, keyword, params, message }: ErrorObject): string {
  const at = instancePath.slice(1).replaceAll("/", ".");
  const extra =
    keyword === "additionalProperties" || keyword === "unevaluatedProperties"
      ? ` (${params.additionalProperty ?? params.unevaluatedProperty})`
      : keyword === "enum"
        ? ` (${JSON.stringify(params.allowedValues).slice(0, 100)})`
        : "";
  return `${at === "" ? "it" : at} ${message ?? "is not valid"}${extra}`.slice(0, 200);
}
