import * as z from "zod";
import { LIST, TEXT } from "../limits.ts";
import { httpsTemplate, identifier, json, jsonObject, line, prose, template } from "./parts.ts";

/** A token in capitals: methods are case-sensitive, and none in use has small letters. */
const METHOD = /^[A-Z][A-Z0-9_-]{0,30}$/;

/** An absolute path, or one below the user's folder; `*` stands for part of a name. */
const FILE = /^~?(?:\/(?!\.{1,2}(?:\/|\s*$))[^/\\{}\r\n]+)+\s*$/;

const fieldStyles = z.record(
  z.string(),
  z.enum(["form", "comma", "space", "pipe", "tab", "deep_object", "json"]),
);

const response = z.strictObject({
  root: line(TEXT.name).optional(),
  mapping: z.unknown().optional(),
  static: json.optional(),
});

const rest = z.strictObject({
  method: z.string().regex(METHOD, "an HTTP method in capitals, such as GET"),
  path: template.regex(/^\/[^\r\n]*$/, "a path that starts with /, on one line").optional(),
  url: httpsTemplate.optional(),
  query: jsonObject.optional(),
  query_styles: fieldStyles.optional(),
  headers: z.record(z.string(), template).optional(),
  body: json.optional(),
  encoding: z.enum(["json", "form", "multipart", "text", "binary"]).optional(),
  body_styles: fieldStyles.optional(),
  files: z.array(line(TEXT.name)).max(LIST.short).optional(),
  response: response.optional(),
});

const graphql = z.strictObject({
  url: httpsTemplate.optional(),
  query: prose(TEXT.long),
  variables: jsonObject.optional(),
  response: response.optional(),
});

const sql = z.strictObject({
  database: z.enum(["local_path", "postgres"]).optional(),
  file: line(TEXT.name).regex(FILE, "a path that starts with / or ~/, without .. in it").optional(),
  query: prose(TEXT.long).optional(),
  query_field: identifier.optional(),
  params: jsonObject.optional(),
  response: response.optional(),
});

const applescript = z.strictObject({
  script: prose(TEXT.long),
  args: z.array(template).max(LIST.short).optional(),
  response: response.optional(),
});

const step = z.strictObject({
  as: identifier.optional(),
  rest: rest.optional(),
  graphql: graphql.optional(),
  sql: sql.optional(),
  applescript: applescript.optional(),
});

/** The fields that say how a tool does its work; that exactly one is there is a rule. */
export const executionFields = {
  rest: rest.optional(),
  graphql: graphql.optional(),
  sql: sql.optional(),
  applescript: applescript.optional(),
  handler: z
    .string()
    .max(64)
    .regex(/^[A-Za-z_$][A-Za-z0-9_$]*$/, "the name of a function")
    .optional(),
  steps: z.array(step).min(1).max(LIST.steps).optional(),
};

export type RawExecution = z.infer<z.ZodObject<typeof executionFields>>;
export type RawRest = z.infer<typeof rest>;
export type RawGraphql = z.infer<typeof graphql>;
export type RawSql = z.infer<typeof sql>;
export type RawApplescript = z.infer<typeof applescript>;
export type RawStep = z.infer<typeof step>;
export type RawResponse = z.infer<typeof response>;

/** A tool as it is written. */
export const tool = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,43}$/, "a lower-case letter, then at most 43 of a-z, 0-9 and _"),
  capability: z
    .string()
    .max(TEXT.name)
    .regex(/^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/, "noun.verb, such as order.read")
    .optional(),
  title: line(TEXT.display_name).optional(),
  description: prose(TEXT.description).optional(),
  scopes: z.array(line(TEXT.name)).max(LIST.short).optional(),
  side_effecting: z.boolean().optional(),
  destructive: z.boolean().optional(),
  idempotent: z.boolean().optional(),
  input: jsonObject.optional(),
  output: jsonObject.optional(),
  ...executionFields,
});

export type RawTool = z.infer<typeof tool>;
