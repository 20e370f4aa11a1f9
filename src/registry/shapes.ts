import { Bug, type Json, type JsonObject } from "../base/index.ts";

/** Reads a value of one shape out of what a driver gave back; `at` says where, for the message. @throws Bug */
export type Shape<T> = (value: Json | undefined, at: string) => T;

function wrong(at: string, wanted: string, value: Json | undefined): never {
  throw new Bug(`the registry answered ${JSON.stringify(value)?.slice(0, 80)} at ${at}, not ${wanted}`);
}

/** A string. */
export const text: Shape<string> = (value, at) =>
  typeof value === "string" ? value : wrong(at, "text", value);

/** A number. */
export const number: Shape<number> = (value, at) =>
  typeof value === "number" ? value : wrong(at, "a number", value);

/** True or false. */
export const boolean: Shape<boolean> = (value, at) =>
  typeof value === "boolean" ? value : wrong(at, "true or false", value);

/** Any value. */
export const json: Shape<Json> = (value, at) => (value === undefined ? wrong(at, "a value", value) : value);

/** An object of any keys. */
export const record: Shape<JsonObject> = (value, at) =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? value
    : wrong(at, "an object", value);

/** The shape, or null. */
export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value, at) => (value === null ? null : shape(value, at));
}

/** A list of the shape. */
export function list<T>(shape: Shape<T>): Shape<T[]> {
  return (value, at) =>
    Array.isArray(value) ? value.map((item, n) => shape(item, `${at}[${n}]`)) : wrong(at, "a list", value);
}

/** One of the words. */
export function oneOf<const T extends string>(...words: readonly T[]): Shape<T> {
  return (value, at) => words.find((word) => word === value) ?? wrong(at, words.join(" or "), value);
}

/** An object with these fields; others are left out. */
export function object<T extends object>(fields: { [K in keyof T]: Shape<T[K]> }): Shape<T> {
  const read = (source: JsonObject, at: string): { [K in keyof T]?: T[K] } => {
    const result: { [K in keyof T]?: T[K] } = {};
    for (const key in fields) result[key] = fields[key](source[key], `${at}.${key}`);
    return result;
  };
  const complete = (partial: { [K in keyof T]?: T[K] }): partial is T => {
    for (const key in fields) if (!(key in partial)) return false;
    return true;
  };
  return (value, at) => {
    const result = read(record(value, at), at);
    return complete(result) ? result : wrong(at, "an object", value);
  };
}
