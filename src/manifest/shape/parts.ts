import * as z from "zod";
import { TEXT } from "../limits.ts";

/**
 * How shapes are held against values: else zod compiles a program for each shape at its first use, and a run that reads a
 * hundred folders ends before that pays. Said at each use, as zod's own setting would be everybody's, and the SDK that serves
 * agents holds its shapes against thousands of messages.
 */
export const UNCOMPILED = { jitless: true } as const;

/**
 * Text of one line with something on it. White space around it, such as the line end of a folded block, is not part of
 * it: it is cut off last, so that the JSON Schema speaks of the text as it is written.
 */
export function line(max: number): z.ZodString {
  return z
    .string()
    .max(max)
    .regex(/^[^\S\r\n]*[^\s][^\r\n]*\n*$/, "one line of text")
    .trim();
}

/** Text of any number of lines. */
export function prose(max: number): z.ZodString {
  return z.string().min(1).max(max);
}

/** A name that stands alone, such as a provider's own name of a scope. */
export const name = line(TEXT.name);

/** An identifier of ours, such as the name of a schema or of a step. */
export const identifier = z
  .string()
  .max(64)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "letters, digits and underscores, not starting with a digit");

/** An https URL; what may stand in its host is a rule, not a shape. */
export const httpsUrl = z
  .string()
  .max(TEXT.url)
  .regex(/^https:\/\/[^\s/?#\\]+(?:[/?#]\S*)?$/, "a URL that starts with https:// and holds no space");

/** An https URL with templates in it; likewise. */
export const httpsTemplate = z
  .string()
  .max(TEXT.template)
  .regex(/^https:\/\/[^\s/?#\\][^\r\n]*$/, "a URL that starts with https://, on one line");

/** A string with Liquid templates. */
export const template = z.string().max(TEXT.template);

/** Any JSON value. What YAML gives is JSON already, so there is nothing to check. */
export const json = z.unknown();

/** Any JSON object. */
export const jsonObject = z.record(z.string(), z.unknown());
