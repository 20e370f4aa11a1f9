/** Whether something is an object of fields and nothing else. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether JSON holds a value as it is; a field that is undefined is as good as absent. The value has no loops. */
export function isData(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isData);
  if (isPlain(value)) return Object.values(value).every((item) => item === undefined || isData(item));
  return value === null || ["string", "boolean"].includes(typeof value) || Number.isFinite(value);
}
