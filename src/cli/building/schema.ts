import * as z from "zod";
import type { JsonObject } from "../../base/index.ts";

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
  symbol: "holds a symbol",
  transform: "changes the value by code",
  undefined: "is always undefined",
  void: "is always undefined",
};

/** Whether something is a schema of zod 4, of whatever copy of it. */
export function isZod(value: unknown): value is z.core.$ZodType {
  return typeof value === "object" && value !== null && "_zod" in value;
}

/**
 * JSON Schema of a zod schema, by zod's own conversion, and what got lost, each as the path within and what is wrong.
 * An object takes no fields that it does not name: zod would drop them, and the runtime, which has JSON Schema alone,
 * could only hand them on. That of an output takes any: what a provider adds one day is no failure.
 */
export function schemaOf(
  schema: z.core.$ZodType,
  io: "input" | "output",
): { json: JsonObject; problems: readonly string[] } {
  const problems: string[] = [];
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema, path }) => {
      const at = path.map((step) => `.${step}`).join("");
      problems.push(...losses(zodSchema, io).map((loss) => `${at} ${loss}, which JSON Schema can't say.`));
      const { def } = zodSchema._zod;
      if (def.type === "object" && def.catchall === undefined) {
        if (io === "input") jsonSchema.additionalProperties = false;
        else delete jsonSchema.additionalProperties;
      }
      // Each part of an intersection would refuse the other's fields.
      if (def.type === "intersection")
        for (const part of jsonSchema.allOf ?? []) delete part.additionalProperties;
    },
  });
  // What it gives holds functions beside the schema; as text it does not.
  return { json: JSON.parse(JSON.stringify(json)), problems: [...new Set(problems)].sort() };
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
