import type { Json, JsonObject } from "../../base/index.ts";
import { asList, asMap, asText, type Declared } from "../declared.ts";
import type { Path } from "../finding.ts";
import { didYouMean, show } from "../shape/check.ts";
import { checkScript } from "./applescript.ts";
import { checkVariables } from "./graphql.ts";
import { checkMapping } from "./mapping.ts";
import type { Report } from "./rule.ts";
import { bindings, checkQuerySource } from "./sql.ts";
import { readTemplates, withoutTemplates } from "./template.ts";
import { checkUrl } from "./url.ts";

/** One thing that does work: a tool, or `auth.whoami`. */
export interface Work {
  readonly path: Path;
  readonly body: JsonObject;
  /** Names that `params.` may be followed by; null when the input does not say. */
  readonly params: readonly string[] | null;
}

const STEP_EXECUTORS = ["rest", "graphql", "sql", "applescript"] as const;
export const EXECUTORS = [...STEP_EXECUTORS, "handler", "steps"] as const;

/** Names that templates have already, and Liquid's words for values. */
const TAKEN = new Set(["params", "account", "vault", "nil", "null", "true", "false", "empty", "blank"]);

/** Header fields that carry credentials, which are injected and never written. */
const CREDENTIAL_HEADER =
  /^(?:authorization|proxy-authorization|cookie|(?:x-)?api-key|x-auth-token|x-access-token)$/i;

/** Checks how a tool or `auth.whoami` does its work. */
export function checkWork(work: Work, declared: Declared, report: Report): void {
  const steps = asList(work.body.steps);
  checkRequests(work.body, work, [], declared, report);
  const names: string[] = [];
  steps.forEach((item, index) => {
    const step = asMap(item);
    if (step === null) return;
    const path = [...work.path, "steps", index];
    checkStep(step, path, index === steps.length - 1, names, report);
    checkRequests(step, { ...work, path }, names, declared, report);
    const name = asText(step.as);
    if (name !== null) names.push(name);
  });
}

function checkStep(
  step: JsonObject,
  path: Path,
  last: boolean,
  earlier: readonly string[],
  report: Report,
): void {
  const present = STEP_EXECUTORS.filter((key) => Object.hasOwn(step, key));
  if (present.length === 0) {
    const hint = "Add rest, graphql, sql or applescript.";
    report("manifest.missing_key", path, "A step says nothing of how it does its work.", hint);
  }
  for (const extra of present.slice(1)) {
    report(
      "tool.several_executors",
      [...path, extra],
      `The step has ${present[0]} already.`,
      undefined,
      "key",
    );
  }
  const name = asText(step.as);
  if (name === null) {
    if (!last && !Object.hasOwn(step, "as"))
      report("tool.step_name", path, "A step before the last has no name.");
  } else if (TAKEN.has(name) || earlier.includes(name)) {
    report("tool.step_name", [...path, "as"], `The name ${show(name)} is taken.`);
  }
}

function checkRequests(
  body: JsonObject,
  work: Work,
  steps: readonly string[],
  declared: Declared,
  report: Report,
): void {
  const at = (key: string): Work => ({ ...work, path: [...work.path, key] });
  const rest = asMap(body.rest);
  if (rest !== null) checkRest(rest, at("rest"), steps, declared, report);
  const graphql = asMap(body.graphql);
  if (graphql !== null) checkGraphql(graphql, at("graphql"), steps, declared, report);
  const sql = asMap(body.sql);
  if (sql !== null) checkSql(sql, at("sql"), steps, report);
  const applescript = asMap(body.applescript);
  if (applescript !== null) checkApplescript(applescript, at("applescript"), steps, report);
}

function checkRest(
  rest: JsonObject,
  work: Work,
  steps: readonly string[],
  declared: Declared,
  report: Report,
): void {
  const url = asText(rest.url);
  const hasPath = Object.hasOwn(rest, "path");
  if (hasPath && Object.hasOwn(rest, "url")) {
    report(
      "tool.path_and_url",
      [...work.path, "path"],
      "The request has both path and url.",
      undefined,
      "key",
    );
  } else if (!hasPath && !Object.hasOwn(rest, "url")) {
    report("tool.path_and_url", work.path, "The request has neither path nor url.", undefined, "key");
  } else if (hasPath && !Object.hasOwn(declared.root, "base_url")) {
    report("tool.no_base_url", [...work.path, "path"], "The path counts from base_url, and there is none.");
  }
  if (url !== null) checkUrl(url, [...work.path, "url"], "any", report);
  for (const [key, value] of Object.entries(asMap(rest.headers) ?? {})) {
    checkHeader(key, asText(value), [...work.path, "headers", key], report);
  }
  checkFields(rest, work.path, report);
  for (const key of ["path", "url"]) checkBraces(asText(rest[key]), [...work.path, key], report);
  for (const key of ["path", "url", "query", "headers", "body"]) {
    checkTemplates(rest[key], [...work.path, key], work.params, steps, report);
  }
  checkResponse(rest.response, work, steps, report);
}

/** Placeholders are written as templates: `{id}`, as OpenAPI has it, would be sent as it stands. */
function checkBraces(text: string | null, path: Path, report: Report): void {
  const name = /\{([A-Za-z_][\w.-]*)\}/.exec(withoutTemplates(text ?? "").plain)?.[1];
  if (name === undefined) return;
  const hint = `Write {{ params.${name.replace(/[^A-Za-z0-9_]/g, "_")} }}.`;
  report("template.single_braces", path, `{${name}} would be sent as it stands.`, hint);
}

/** Styles and files are given for fields that there are, in an encoding that has fields. */
function checkFields(rest: JsonObject, path: Path, report: Report): void {
  const fields = asMap(rest.query) ?? {};
  for (const name of Object.keys(asMap(rest.query_styles) ?? {})) {
    if (Object.hasOwn(fields, name)) continue;
    const message = `query has no field ${show(name)}.`;
    report("tool.field_style", [...path, "query_styles", name], message, undefined, "key");
  }
  const encoding = asText(rest.encoding) ?? "json";
  if (Object.hasOwn(rest, "body_styles") && encoding !== "form" && encoding !== "multipart") {
    const message = `A body of encoding ${encoding} has no fields.`;
    report("tool.field_style", [...path, "body_styles"], message, undefined, "key");
  }
  if (Object.hasOwn(rest, "files") && encoding !== "multipart") {
    const message = `A body of encoding ${encoding} carries no files.`;
    report("tool.field_style", [...path, "files"], message, "Write encoding: multipart.", "key");
  }
}

function checkHeader(name: string, value: string | null, path: Path, report: Report): void {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/.test(name)) {
    const hint = "Write letters, digits and hyphens.";
    report("manifest.bad_format", path, `${show(name)} can't be the name of a header.`, hint, "key");
  } else if (CREDENTIAL_HEADER.test(name)) {
    const message = `The header ${name} carries a credential, which is injected at call time.`;
    report("manifest.secret_field", path, message, "Remove it, and say under auth how it is sent.", "key");
  } else if (value !== null && /[\r\n]/.test(value)) {
    report("manifest.bad_format", path, `The header ${name} holds a line break.`, "Write it on one line.");
  }
}

function checkGraphql(
  graphql: JsonObject,
  work: Work,
  steps: readonly string[],
  declared: Declared,
  report: Report,
): void {
  const url = asText(graphql.url);
  if (url !== null) checkUrl(url, [...work.path, "url"], "any", report);
  else if (!Object.hasOwn(graphql, "url") && !Object.hasOwn(declared.root, "base_url")) {
    const hint = "Add url here, or base_url to the manifest.";
    report(
      "tool.no_base_url",
      work.path,
      "The request has no url, and the manifest no base_url.",
      hint,
      "key",
    );
  }
  if (/\{\{\s*(?:params|account)\b/.test(asText(graphql.query) ?? "")) {
    const hint = "Declare a $variable and fill it under variables.";
    report("template.syntax", [...work.path, "query"], "A GraphQL query holds no templates.", hint);
  }
  checkVariables(graphql, work.path, report);
  for (const key of ["url", "variables"]) {
    checkTemplates(graphql[key], [...work.path, key], work.params, steps, report);
  }
  checkResponse(graphql.response, work, steps, report);
}

function checkSql(sql: JsonObject, work: Work, steps: readonly string[], report: Report): void {
  checkQuerySource(sql, work, report);
  const query = asText(sql.query);
  const params = asMap(sql.params) ?? {};
  if (query !== null && /\{\{|\{%/.test(query)) {
    report("tool.sql_template", [...work.path, "query"], "The query holds a template.");
  } else if (query !== null) {
    const used = bindings(sql);
    for (const name of used) {
      // A field of the input binds by its name: see `normalise`.
      if (Object.hasOwn(params, name) || work.params === null || work.params.includes(name)) continue;
      report("tool.sql_parameter", [...work.path, "query"], `:${name} is not bound.`);
    }
    for (const name of Object.keys(params).filter((key) => !used.includes(key))) {
      const path = [...work.path, "params", name];
      report("tool.sql_parameter", path, `The query has no :${name}.`, undefined, "key");
    }
  }
  checkTemplates(sql.params, [...work.path, "params"], work.params, steps, report);
  checkResponse(sql.response, work, steps, report);
}

/** What differs between calls reaches the script as arguments only. */
function checkApplescript(
  applescript: JsonObject,
  work: Work,
  steps: readonly string[],
  report: Report,
): void {
  checkScript(applescript, work.path, steps, report);
  checkTemplates(applescript.args, [...work.path, "args"], work.params, steps, report);
  checkResponse(applescript.response, work, steps, report);
}

function checkResponse(value: Json | undefined, work: Work, steps: readonly string[], report: Report): void {
  const response = asMap(value);
  if (response === null) return;
  const path = [...work.path, "response"];
  const has = (key: string): boolean => Object.hasOwn(response, key);
  if (Object.keys(response).length === 0)
    report("tool.response", path, "The response says nothing.", undefined, "key");
  if (has("static") && (has("mapping") || has("root"))) {
    report("tool.response", [...path, "static"], "A static answer leaves nothing to map.", undefined, "key");
  }
  if (has("mapping")) checkMapping(response.mapping, [...path, "mapping"], report);
  checkTemplates(response.static, [...path, "static"], work.params, steps, report);
}

/** Checks the templates of every text within a value. */
function checkTemplates(
  value: Json | undefined,
  path: Path,
  params: readonly string[] | null,
  steps: readonly string[],
  report: Report,
): void {
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      checkTemplates(item, [...path, index], params, steps, report);
    });
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value))
      checkTemplates(item, [...path, key], params, steps, report);
  } else if (typeof value === "string" && value.includes("{")) {
    const { problems, references } = readTemplates(value);
    for (const { code, message } of problems) report(code, path, message);
    for (const reference of references) checkReference(reference.path, path, params, steps, report);
  }
}

function checkReference(
  reference: readonly string[],
  path: Path,
  params: readonly string[] | null,
  steps: readonly string[],
  report: Report,
): void {
  const [head = "", field] = reference;
  if (head === "account" && field !== undefined) return;
  if (steps.includes(head)) return;
  if (head === "params" && field !== undefined) {
    if (params === null || params.includes(field)) return;
    const near = didYouMean(field, params);
    const hint = near === null ? `Add ${field} to the properties of input.` : `Did you mean params.${near}?`;
    report("template.unknown_variable", path, `The input has no field ${show(field)}.`, hint);
    return;
  }
  report(
    "template.unknown_variable",
    path,
    `${show(reference.join("."))} names nothing that a template can read.`,
  );
}
