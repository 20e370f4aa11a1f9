/** A value that JSON can carry. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** An object of JSON values. */
export interface JsonObject {
  [key: string]: Json;
}
