import type { CodeMeaning } from "./codes.ts";

/** The codes of what can be wrong with a tool, its schemas and its templates. */
export const TOOL_CODES = {
  "tool.duplicate": {
    severity: "error",
    meaning: "Two tools have the same name.",
    remedy: "Rename one of the two.",
  },
  "tool.too_many": {
    severity: "error",
    meaning: "The connector has more than 2000 tools.",
    remedy: "Split it into several connectors.",
  },
  "tool.unknown_scope": {
    severity: "error",
    meaning: "A tool names a scope that the manifest does not declare.",
    remedy: "Declare it under scopes, or correct the name.",
  },
  "tool.no_executor": {
    severity: "warning",
    meaning: "A tool says nothing of how it does its work; it can be registered, but not approved.",
    remedy: "Add rest, graphql, sql, applescript, handler or steps.",
  },
  "tool.several_executors": {
    severity: "error",
    meaning: "A tool says more than once how it does its work.",
    remedy: "Keep exactly one of rest, graphql, sql, applescript, handler and steps.",
  },
  "tool.open_input": {
    severity: "error",
    meaning: "A tool with side effects accepts input that it does not declare.",
    remedy: "Add additionalProperties: false to its input; in zod, write z.object and not z.looseObject.",
  },
  "tool.destructive": {
    severity: "error",
    meaning: "A tool is destructive but not side_effecting.",
    remedy: "Add side_effecting: true, or remove destructive.",
  },
  "tool.method": {
    severity: "warning",
    meaning: "A tool that is not side_effecting sends a request that usually changes something.",
    remedy: "Add side_effecting: true if it does change something; a search by POST is fine as it is.",
  },
  "tool.handler_missing": {
    severity: "error",
    meaning: "service.ts does not export the function that a tool names.",
    remedy: "Export it from service.ts, or correct the name.",
  },
  "tool.handler_syntax": {
    severity: "error",
    meaning:
      "service.ts holds TypeScript that is not gone with its types, such as an enum, and can't be run.",
    remedy: "Write a const object for an enum or a namespace, fields within a class, and `value as Type`.",
  },
  "tool.path_and_url": {
    severity: "error",
    meaning: "A request needs exactly one of path and url.",
    remedy: "Keep path for what lies below base_url, url for everything else.",
  },
  "tool.no_base_url": {
    severity: "error",
    meaning: "A tool has a path, but the manifest has no base_url.",
    remedy: "Add base_url, or give the tool a full url.",
  },
  "tool.field_style": {
    severity: "error",
    meaning: "A style or a file is named for a field that the request does not have.",
    remedy: "Name fields of query under query_styles; body_styles and files need encoding form or multipart.",
  },
  "tool.response": {
    severity: "error",
    meaning: "A response has both a static answer and a mapping, or nothing at all.",
    remedy: "Keep static, or root and mapping.",
  },
  "tool.step_name": {
    severity: "error",
    meaning: "A step has no name where a later step needs one, or a name that is taken.",
    remedy:
      "Give each step but the last an `as:` of its own, and not one of params, account, vault, nil, null, true, false, empty, blank.",
  },
  "tool.sql_template": {
    severity: "error",
    meaning: "An SQL query holds a template; a query is never built from text.",
    remedy: "Write :name in the query and bind it under params.",
  },
  "tool.sql_parameter": {
    severity: "error",
    meaning: "An SQL parameter is used but not bound, or bound but not used.",
    remedy: "Bind each :name of the query under params, and nothing else.",
  },
  "tool.sql_query": {
    severity: "error",
    meaning:
      "What is to be asked of which database is said twice or not at all, or is not marked for what it can do.",
    remedy:
      "Write query, or query_field for SQL that an agent writes, in a tool that only reads or is destructive.",
  },
  "tool.applescript": {
    severity: "error",
    meaning: "A script holds a template, starts a shell, or runs text as code.",
    remedy:
      "Write values under args, which reach the script's `on run` handler, and the work without a shell.",
  },
  "tool.graphql_variable": {
    severity: "warning",
    meaning: "A GraphQL variable is given but not declared by the query, or must be given and is not.",
    remedy: "Declare each $variable in the query and fill it under variables.",
  },
  "schema.invalid": {
    severity: "error",
    meaning: "A JSON Schema is not a valid schema of draft 2020-12.",
    remedy: "Correct the keyword named.",
  },
  "schema.not_an_object": {
    severity: "error",
    meaning: "The input or output of a tool is not described as an object.",
    remedy: "Write type: object and list the fields under properties.",
  },
  "schema.required": {
    severity: "warning",
    meaning: "The input of a tool requires a field that it does not describe.",
    remedy: "Describe the field under properties, or correct the name.",
  },
  "schema.unknown_ref": {
    severity: "error",
    meaning: "A $ref points to nothing.",
    remedy: 'Point it to "#/schemas/Name" with a name under schemas, or to a place within the same schema.',
  },
  "schema.pattern": {
    severity: "error",
    meaning: "A pattern is not a regular expression that runs in linear time.",
    remedy: "Write it as RE2 has it: no look-around, no back-references, and no count above 1,000.",
  },
  "tool.mapping": {
    severity: "error",
    meaning: "A response's mapping is not a JSONata expression.",
    remedy: "Write a path such as data.name, or another expression of docs.jsonata.org.",
  },
  "template.single_braces": {
    severity: "error",
    meaning: "A path or URL holds a name in single braces, which would be sent as it stands.",
    remedy: "Write {{ params.name }}, or %7B and %7D for braces that are meant.",
  },
  "template.syntax": {
    severity: "error",
    meaning: "A template is not well-formed.",
    remedy: "Write {{ params.name }}, with filters as {{ params.name | default: 1 }}.",
  },
  "template.unknown_filter": {
    severity: "error",
    meaning: "A template uses a filter that does not exist.",
    remedy: "Use invert, add, sub or default.",
  },
  "template.unknown_variable": {
    severity: "error",
    meaning: "A template names something that is not there.",
    remedy: "Use params.<field of input>, account.<name>, or the name of an earlier step.",
  },
} as const satisfies Record<string, CodeMeaning>;
