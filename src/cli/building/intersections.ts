import type { Json, JsonObject } from "../../base/index.ts";
import { targetOf } from "./defaults.ts";

/**
 * Where a JSON Schema of zod's still has an `allOf` whose parts refuse each other's fields. Of intersections of objects
 * zod makes one object, as far as it can.
 */
export function contradictions(root: JsonObject): readonly string[] {
  return within(root, "", root);
}

/** What holds data, not schemas. */
const DATA = new Set(["const", "default", "enum", "examples"]);

function within(schema: Json, at: string, root: JsonObject): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  if ("allOf" in schema && isClosed(schema.allOf, root, new Set())) return [at];
  return Object.entries(schema).flatMap(([key, part]) =>
    DATA.has(key) ? [] : within(part, `${at}.${key}`, root),
  );
}

/** Whether something refuses fields that it does not name. */
function isClosed(schema: Json | undefined, root: JsonObject, seen: Set<string>): boolean {
  if (typeof schema !== "object" || schema === null) return false;
  if (Array.isArray(schema)) return schema.some((part) => isClosed(part, root, seen));
  const { additionalProperties, allOf, anyOf, oneOf, $ref } = schema;
  if (additionalProperties === false) return true;
  if ([allOf, anyOf, oneOf].some((parts) => isClosed(parts, root, seen))) return true;
  if (typeof $ref !== "string" || seen.has($ref)) return false;
  seen.add($ref);
  return isClosed(targetOf($ref, root), root, seen);
}
