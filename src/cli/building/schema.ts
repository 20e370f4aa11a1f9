import * as z from "zod";
import { byCodeUnit, copied, type JsonObject } from "../../base/index.ts";
import { isData } from "./data.ts";
import { isFickle, lostDefaults } from "./defaults.ts";
import { contradictions } from "./intersections.ts";

/** Kinds of zod's that JSON Schema has no form for, and what they do. */
const NO_FORM: Readonly<Record<string, string>> = {
  bigint: "holds a bigint",
  catch: "replaces what is wrong",
  custom: "is checked by code",
  date: "holds a Date; z.iso.datetime() is its text",
  file: "holds a file",
  function: "holds a function",
  map: "holds a Map",
  nan: "holds NaN",
  promise: "holds a promise",
  set: "holds a Set",
  success: "gives no more than whether a value fits",
  symbol: "holds a symbol",
  transform: "changes the value by code",
  undefined: "is always undefined",
  void: "is always undefined",
};

const FICKLE = "Leave the default out, and work the value out within the handler.";
const APART = "that can't be made one object, and its parts refuse each other's fields";
const ONE_OBJECT = "Write one object: a.extend(b.shape), or z.object({ ...a.shape, ...b.shape }).";
const LOST = {
  input:
    "Put .default() behind the whole field, as in z.int().nullable().default(1), or fill it in within the handler.",
  output: "Leave the default out, and give the value in the handler; what may be absent is .optional().",
};

/** Whether something is a schema of zod 4, of whatever copy of it. */
export function isZod(value: unknown): value is z.core.$ZodType {
  return typeof value === "object" && value !== null && "_zod" in value;
}

/** What got lost of a schema: the path within and what is wrong, and what to write instead. */
export interface SchemaProblem {
  readonly message: string;
  readonly hint?: string | undefined;
}

/**
 * JSON Schema of a zod schema, by zod's own conversion, and what got lost.
 * An object takes no fields that it does not name: zod would drop them, and the runtime, which has JSON Schema alone,
 * could only hand them on. That of an output takes any: what a provider adds one day is no failure.
 */
export function schemaOf(
  schema: z.core.$ZodType,
  io: "input" | "output",
): { json: JsonObject; problems: readonly SchemaProblem[] } {
  const problems = new Map<string, SchemaProblem>();
  const add = (message: string, hint?: string): void => void problems.set(message, { message, hint });
  try {
    const { $schema: _, ...converted } = z.toJSONSchema(schema, {
      io,
      unrepresentable: "any",
      override: ({ zodSchema, jsonSchema, path }) => {
        const at = path.map((step) => `.${step}`).join("");
        const { def } = zodSchema._zod;
        for (const loss of losses(zodSchema, io)) add(`${at} ${loss}, which JSON Schema can't say.`);
        if (hasFickleDefault(def)) add(`${at} has a default that is not always the same.`, FICKLE);
        if (def.type === "object" && def.catchall === undefined) {
          if (io === "input") jsonSchema.additionalProperties = false;
          else delete jsonSchema.additionalProperties;
        }
      },
    });
    const json = copied(converted);
    for (const at of contradictions(json)) add(`${at} is an intersection ${APART}.`, ONE_OBJECT);
    for (const { at, why } of lostDefaults(json, io)) add(`${at} has a default ${why}.`, LOST[io]);
    return { json, problems: sorted(problems) };
  } catch (error) {
    add(` can't be made JSON Schema: ${error instanceof Error ? error.message : error}.`);
    return { json: {}, problems: sorted(problems) };
  }
}

function sorted(problems: ReadonlyMap<string, SchemaProblem>): readonly SchemaProblem[] {
  return [...problems].sort(([a], [b]) => byCodeUnit(a, b)).map(([, problem]) => problem);
}

/** What of one schema, without those within it, has no form in JSON Schema. */
function losses(schema: z.core.$ZodTypes, io: "input" | "output"): string[] {
  const { def } = schema._zod;
  const found: string[] = [];
  const kind = NO_FORM[def.type];
  if (kind !== undefined) found.push(kind);
  // Of what a value goes through, only the first is converted.
  if (def.type === "pipe" && io === "input") found.push("hands the value on to code or another schema");
  if ("coerce" in def && def.coerce === true && io === "input") found.push("takes other types than it says");
  if (def.type === "literal" && !def.values.every(isData))
    found.push("takes a value that JSON does not have");
  if ((def.type === "default" || def.type === "prefault") && !isData(def.defaultValue)) {
    found.push("has a default that JSON does not have");
  }
  const checks: readonly z.core.$ZodCheck[] = def.checks ?? [];
  for (const check of [schema, ...checks]) found.push(...lossesOfCheck(check._zod.def));
  return found;
}

function lossesOfCheck(def: object): string[] {
  if ("pattern" in def && def.pattern instanceof RegExp && /[ims]/.test(def.pattern.flags)) {
    return [`has a pattern with the flags ${def.pattern.flags}`];
  }
  if (!("check" in def)) return [];
  if (def.check === "custom") return ["is checked by code"];
  return def.check === "overwrite" ? ["changes the value by code"] : [];
}

/** A function of a default is asked anew whenever zod's definition is read. */
function hasFickleDefault(def: z.core.$ZodTypes["_zod"]["def"]): boolean {
  if (def.type !== "default" && def.type !== "prefault") return false;
  return isData(def.defaultValue) && isFickle(() => def.defaultValue);
}
