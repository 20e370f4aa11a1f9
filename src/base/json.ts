/** A value that JSON can carry. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** An object of JSON values. */
export interface JsonObject {
  [key: string]: Json;
}

/** A copy of an object that JSON can carry, or came out of it; whatever else is in it is gone. */
export function copied(value: object): JsonObject {
  const copy: JsonObject = JSON.parse(JSON.stringify(value));
  return copy;
}
