import type { Json, JsonObject } from "../../base/index.ts";
import { get, isMap } from "../json.ts";
import type { Ledger } from "./ledger.ts";

/** What a worker field holds. `any` where nothing says it. */
export type Kind = "string" | "number" | "boolean" | "json" | "datetime" | "list" | "group" | "any";

const KINDS: Readonly<Record<string, Kind>> = {
  string: "string",
  text: "string",
  richtext: "string",
  expression: "string",
  select: "string",
  number: "number",
  integer: "number",
  boolean: "boolean",
  json: "json",
  object: "json",
  datetime: "datetime",
  date: "datetime",
  multiselect: "list",
  array: "list",
  options_group: "group",
};

const SAYS = ["type", "valueType", "renderAs"] as const;

/**
 * Tells what a field holds: a group is one; else by its `valueType`, its `type`, or how it is shown. Those of the three
 * that say the same are taken.
 */
export function kindOf(field: JsonObject, ledger: Ledger): Kind {
  const said = new Map<string, Kind>();
  for (const key of SAYS) {
    const word = get(field, key);
    const kind = typeof word === "string" && Object.hasOwn(KINDS, word) ? KINDS[word] : undefined;
    if (kind !== undefined) said.set(key, kind);
  }
  const decided =
    said.get("type") === "group"
      ? "group"
      : (said.get("valueType") ?? said.get("type") ?? said.get("renderAs") ?? "any");
  for (const [key, kind] of said) if (kind === decided) ledger.take(field, key);
  return decided;
}

/** The schema of a kind, as far as an example tells more. */
export function schemaOf(kind: Kind, samples: readonly Json[]): JsonObject {
  switch (kind) {
    case "number":
    case "boolean":
    case "string":
      return { type: kind };
    case "list":
      return { type: "array", items: { type: "string" } };
    case "group":
      return { type: "object" };
    case "datetime":
      return { type: "string", ...formatOf(samples) };
    case "json": {
      const [first] = samples;
      if (isMap(first)) return { type: "object" };
      return Array.isArray(first) ? { type: "array" } : {};
    }
    case "any":
      return {};
  }
}

/** A format only where every example has it: a schema must not refuse what the provider takes. */
function formatOf(samples: readonly Json[]): JsonObject {
  const all = (form: RegExp): boolean =>
    samples.length > 0 && samples.every((sample) => typeof sample === "string" && form.test(sample));
  if (all(/^\d{4}-\d{2}-\d{2}$/)) return { format: "date" };
  return all(/^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})$/) ? { format: "date-time" } : {};
}

/** A value as one of a kind, or null where it can't be one. */
export function asKind(kind: Kind, value: Json): Json {
  switch (kind) {
    case "string":
    case "datetime":
      return typeof value === "string" || typeof value === "number" ? String(value) : null;
    case "number": {
      const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
      return typeof number === "number" && Number.isFinite(number) ? number : null;
    }
    case "boolean":
      return typeof value === "boolean" ? value : null;
    case "list":
      if (typeof value === "string") return [value];
      return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : null;
    case "json":
      return typeof value === "string" ? parsed(value) : value;
    case "group":
      return isMap(value) ? value : null;
    case "any":
      return value;
  }
}

function parsed(text: string): Json {
  try {
    const value: Json = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
