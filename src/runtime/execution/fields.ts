import type { Json, JsonObject } from "../../base/index.ts";
import type { FieldStyle } from "../../manifest/index.ts";
import { failure, shown } from "./failure.ts";
import { plainText } from "./templates.ts";

/** Name and value of one field of a query or a form. */
export type Field = [name: string, value: string];

const SEPARATORS = { comma: ",", space: " ", pipe: "|", tab: "\t" } as const;

/**
 * Fields of a query; one without a style is written as `form` has it, and what is nested deeper in brackets.
 * @param taken names that no key of a value may have: of credentials, and of what stands in the address
 * @throws ToolFailure `firewall.query`
 */
export function queryFields(
  fields: JsonObject,
  styles: Readonly<Record<string, FieldStyle>>,
  taken: readonly string[] = [],
): Field[] {
  const names = [...Object.keys(fields), ...taken];
  return Object.entries(fields).flatMap(([name, value]) =>
    styled(name, value, styles[name] ?? "form", names),
  );
}

/**
 * Fields of a form; a map without a style is written in brackets: `metadata[key]=value`.
 * @param taken names that no key of a value may have
 * @throws ToolFailure `firewall.query`
 */
export function formFields(
  fields: JsonObject,
  styles: Readonly<Record<string, FieldStyle>>,
  taken: readonly string[] = [],
): Field[] {
  const names = [...Object.keys(fields), ...taken];
  return Object.entries(fields).flatMap(([name, value]) => {
    const style = styles[name];
    return style === undefined && isMap(value)
      ? bracketed(name, value)
      : styled(name, value, style ?? "form", names);
  });
}

/** One value as fields, null as none. */
function styled(name: string, value: Json, style: FieldStyle, names: readonly string[]): Field[] {
  if (value === null) return [];
  if (style === "json") return [[name, typeof value === "string" ? value : JSON.stringify(value)]];
  if (typeof value !== "object") return [[name, plainText(value)]];
  switch (style) {
    case "deep_object":
      return bracketed(name, value);
    case "form":
      if (!Array.isArray(value)) {
        const others = new Set(names.filter((other) => other !== name).map(asRead));
        return Object.entries(value).flatMap(([key, item]) => {
          if (!others.has(asRead(key))) return bracketed(key, item);
          throw failure(
            "firewall.query",
            `${name} can't have the key ${shown(key)}: it is a field of its own.`,
          );
        });
      }
      // An item that is a list or map itself needs its number, or the parts of two items would be mixed.
      return value.flatMap((item, index) =>
        typeof item === "object" && item !== null
          ? bracketed(`${name}[${index}]`, item)
          : bracketed(name, item),
      );
    default: {
      // A map is written as its keys and values in turn (RFC 6570 without explode, as OpenAPI has it).
      const items = Array.isArray(value) ? value : Object.entries(value).flat();
      const texts = items.filter((item) => item !== null).map(plainText);
      return texts.length === 0 ? [] : [[name, texts.join(SEPARATORS[style])]];
    }
  }
}

/** The name of a field as the servers take it that are most generous: PHP and Rails read `a[b]` as part of `a`, and so on. */
function asRead(name: string): string {
  const [base = ""] = name.trimStart().split("[", 1);
  return base.toLowerCase().replace(/[ .]/g, "_");
}

function bracketed(name: string, value: Json): Field[] {
  if (value === null) return [];
  if (typeof value !== "object") return [[name, plainText(value)]];
  const entries = Array.isArray(value) ? value.map((item, at) => [at, item] as const) : Object.entries(value);
  return entries.flatMap(([key, item]) => bracketed(`${name}[${key}]`, item));
}

function isMap(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
