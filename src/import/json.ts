import type { Json, JsonObject } from "../base/index.ts";

/** Whether a value is a map. */
export function isMap(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field of a map, if the value is a map that has it itself: a field may be named like a method of every object. */
export function get(value: Json | undefined, key: string): Json | undefined {
  return isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** A field that is a map; an empty one where it is not. */
export function mapAt(value: Json | undefined, key: string): JsonObject {
  const found = get(value, key);
  return isMap(found) ? found : {};
}

/** A field that is a list; an empty one where it is not. */
export function listAt(value: Json | undefined, key: string): readonly Json[] {
  const found = get(value, key);
  return Array.isArray(found) ? found : [];
}

/** A field as text; numbers and truth values were meant as text where text is wanted. Null where it is empty. */
export function textAt(value: Json | undefined, key: string): string | null {
  return textOf(get(value, key));
}

/** A value as text, likewise. */
export function textOf(value: Json | undefined): string | null {
  if (typeof value === "string") return value.trim() === "" ? null : value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

/** A field that is true, in whatever spelling. */
export function flagAt(value: Json | undefined, key: string): boolean {
  const found = get(value, key);
  return found === true || found === "true";
}

/** Sets a field, whatever its name: a plain assignment to `__proto__` would set the prototype. */
export function put<T>(map: Record<string, T>, key: string, value: T): void {
  if (key !== "__proto__") map[key] = value;
  else Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
}
