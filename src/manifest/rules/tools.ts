import type { Json, JsonObject } from "../../base/index.ts";
import { asList, asMap, asText, type Declared } from "../declared.ts";
import { didYouMean, show } from "../shape/check.ts";
import { checkWork, EXECUTORS } from "./execution.ts";
import { exportsOf } from "./exports.ts";
import { isMutation } from "./graphql.ts";
import { reportDuplicates } from "./identity.ts";
import type { Report, Rule } from "./rule.ts";
import { checkSchema, resolveRef } from "./schemas.ts";
import { changesData } from "./sql.ts";

/** Runs a check over every tool that is a map. */
function forEachTool(declared: Declared, check: (tool: JsonObject, path: (string | number)[]) => void): void {
  declared.tools.forEach((item, index) => {
    const tool = asMap(item);
    if (tool !== null) check(tool, ["tools", index]);
  });
}

/** Each scope that a tool names is declared. */
export const toolScopesAreDeclared: Rule = (declared, report) => {
  const names = asList(declared.root.scopes).map((scope) => asText(asMap(scope)?.name)?.trim() ?? null);
  const known = new Set(names);
  forEachTool(declared, (tool, path) => {
    const scopes = asList(tool.scopes).map((scope) => asText(scope)?.trim() ?? null);
    reportDuplicates(scopes, (index) => [...path, "scopes", index], "list.duplicate", report);
    scopes.forEach((scope, index) => {
      if (scope === null || known.has(scope)) return;
      const near = didYouMean(
        scope,
        names.filter((name) => name !== null),
      );
      const hint = near === null ? undefined : `Did you mean ${near}?`;
      report(
        "tool.unknown_scope",
        [...path, "scopes", index],
        `The scope ${show(scope)} is not declared.`,
        hint,
      );
    });
  });
};

/** Each tool has exactly one executor. */
export const toolsHaveOneExecutor: Rule = (declared, report) => {
  forEachTool(declared, (tool, path) => {
    const present = EXECUTORS.filter((key) => Object.hasOwn(tool, key));
    if (present.length === 0) {
      const name = asText(tool.name);
      const at = name === null ? path : [...path, "name"];
      const message = `The tool ${name === null ? "" : `${show(name)} `}does not say how it does its work.`;
      report("tool.no_executor", at, message);
    }
    for (const extra of present.slice(1)) {
      const message = `The tool has ${present[0]} already.`;
      report("tool.several_executors", [...path, extra], message, undefined, "key");
    }
  });
};

/** What changes something is marked as such, and takes only what it declares. */
export const effectsAreHonest: Rule = (declared, report) => {
  const shared = declared.schemas;
  forEachTool(declared, (tool, path) => {
    if (tool.destructive === true && tool.side_effecting !== true) {
      report("tool.destructive", [...path, "destructive"], "A destructive tool has side effects.");
    }
    if (tool.side_effecting === true && tool.destructive !== true) refuseFreeQueries(tool, path, report);
    if (tool.side_effecting !== true) warnOfChanges(tool, path, report);
    else if (asMap(tool.input) !== null && !isClosed(asMap(tool.input), shared)) {
      report(
        "tool.open_input",
        [...path, "input"],
        "The input of a tool with side effects is open.",
        undefined,
        "key",
      );
    }
  });
};

/** Whoever writes the query decides what it does. */
function refuseFreeQueries(tool: JsonObject, path: (string | number)[], report: Report): void {
  const steps = asList(tool.steps).map((step, index) => ({ body: step, at: [...path, "steps", index] }));
  for (const { body, at } of [{ body: tool, at: path }, ...steps]) {
    if (asText(asMap(asMap(body)?.sql)?.query_field) === null) continue;
    const hint = "Set destructive: true, or side_effecting: false for queries that only read.";
    const message = "A query that an agent writes may delete, and the tool is not destructive.";
    report("tool.sql_query", [...at, "sql", "query_field"], message, hint);
  }
}

/** Words in a name or path by which a POST is recognised as a read. */
const READS = /search|query|list|read|find|lookup|count|get|fetch|report|export|batch_?get|graphql/i;

function warnOfChanges(tool: JsonObject, path: (string | number)[], report: Report): void {
  const about = `${asText(tool.name)} ${asText(tool.capability)}`;
  warnOfChange(tool, about, path, report);
  asList(tool.steps).forEach((step, index) => {
    warnOfChange(asMap(step) ?? {}, about, [...path, "steps", index], report);
  });
}

function warnOfChange(work: JsonObject, about: string, path: (string | number)[], report: Report): void {
  const rest = asMap(work.rest);
  const method = asText(rest?.method);
  const reads = READS.test(`${about} ${asText(rest?.path) ?? asText(rest?.url)}`);
  if (method !== null && (/^(?:PUT|PATCH|DELETE)$/.test(method) || (method === "POST" && !reads))) {
    const message = `A ${method} usually changes something, and the tool is not side_effecting.`;
    report("tool.method", [...path, "rest", "method"], message);
  }
  const graphql = asText(asMap(work.graphql)?.query);
  if (graphql !== null && isMutation(graphql)) {
    report(
      "tool.method",
      [...path, "graphql", "query"],
      "A mutation changes something, and the tool is not side_effecting.",
    );
  }
  const sql = asMap(work.sql);
  if (sql !== null && changesData(sql)) {
    report(
      "tool.method",
      [...path, "sql", "query"],
      "The query changes data, and the tool is not side_effecting.",
    );
  }
}

function isClosed(schema: JsonObject | null, shared: JsonObject): boolean {
  if (schema === null) return false;
  if (schema.additionalProperties === false || schema.unevaluatedProperties === false) return true;
  const ref = asText(schema.$ref);
  const target = ref === null ? null : asMap(resolveRef(ref, schema, shared));
  return target?.additionalProperties === false || target?.unevaluatedProperties === false;
}

/** Inputs and outputs are JSON Schemas of objects, shared schemas are JSON Schemas. */
export const schemasAreValid: Rule = (declared, report) => {
  const shared = declared.schemas;
  for (const [name, schema] of Object.entries(shared)) {
    const map = asMap(schema);
    if (map !== null) checkSchema(map, ["schemas", name], shared, report);
  }
  forEachTool(declared, (tool, path) => {
    for (const key of ["input", "output"] as const) {
      const schema = asMap(tool[key]);
      if (schema === null) continue;
      checkSchema(schema, [...path, key], shared, report);
      if (key === "input") warnOfUnknownRequired(schema, [...path, key], report);
      if (!isOfObject(schema, shared)) {
        report("schema.not_an_object", [...path, key], `${key} does not say type: object.`, undefined, "key");
      }
    }
  });
};

/** A field that must be given but is not described: the slip of a pen, as an agent can't know what to give. */
function warnOfUnknownRequired(input: JsonObject, path: (string | number)[], report: Report): void {
  const fields = fieldsOf(input);
  asList(input.required).forEach((item, index) => {
    const name = asText(item);
    if (name === null || fields === null || fields.includes(name)) return;
    const near = didYouMean(name, fields);
    const hint = near === null ? `Describe ${name} under properties.` : `Did you mean ${near}?`;
    const message = `The field ${show(name)} is required, but not described.`;
    report("schema.required", [...path, "required", index], message, hint);
  });
}

function isOfObject(schema: JsonObject, shared: JsonObject): boolean {
  if (schema.type !== undefined) return schema.type === "object";
  const ref = asText(schema.$ref);
  return ref !== null && asMap(resolveRef(ref, schema, shared))?.type === "object";
}

/** Requests, queries and steps are well-formed, and their templates read what is there. */
export const workIsWellFormed: Rule = (declared, report) => {
  forEachTool(declared, (tool, path) => {
    checkWork({ path, body: tool, params: fieldsOf(tool.input) }, declared, report);
  });
  forEachWhoami(declared, (body, path) => {
    checkWork({ path, body, params: [] }, declared, report);
    const [first, ...more] = EXECUTORS.filter((key) => Object.hasOwn(body, key));
    if (first === undefined) {
      const hint = `Add ${EXECUTORS.join(", ")}.`.replace(/, (?=\w+\.$)/, " or ");
      report("manifest.missing_key", path, "whoami does not say how it does its work.", hint, "key");
    }
    for (const extra of more) {
      report("tool.several_executors", [...path, extra], `whoami has ${first} already.`, undefined, "key");
    }
  });
};

/** The names of the fields that an input declares; null when it does not name them all itself. */
function fieldsOf(input: Json | undefined): readonly string[] | null {
  if (input === undefined) return [];
  const schema = asMap(input);
  if (schema === null) return null;
  const composed = ["$ref", "allOf", "anyOf", "oneOf", "patternProperties", "if"].some(
    (key) => key in schema,
  );
  return composed ? null : Object.keys(asMap(schema.properties) ?? {});
}

/**
 * Each handler is exported by service.ts.
 * @param service the text of service.ts, or null when there is none; read only when a handler is named
 */
export function handlersAreExported(service: string | null): Rule {
  return (declared, report) => {
    let exported: ((name: string) => boolean) | null = null;
    const check = (body: JsonObject, path: (string | number)[]): void => {
      const handler = asText(body.handler);
      if (handler === null) return;
      const at = [...path, "handler"];
      if (service === null) report("tool.handler_missing", at, "There is no service.ts in the folder.");
      else {
        exported ??= exportsOf(service);
        if (!exported(handler))
          report("tool.handler_missing", at, `service.ts does not export ${show(handler)}.`);
      }
    };
    forEachTool(declared, check);
    forEachWhoami(declared, check);
  };
}

/** Whether anything is run from service.ts. */
export function namesHandler(declared: Declared): boolean {
  let found = false;
  const look = (body: JsonObject): void => {
    if (asText(body.handler) !== null) found = true;
  };
  forEachTool(declared, look);
  forEachWhoami(declared, look);
  return found;
}

/** Runs a check over `auth.whoami`, inside its kind or beside it. */
function forEachWhoami(
  declared: Declared,
  check: (body: JsonObject, path: (string | number)[]) => void,
): void {
  for (const [key, value] of Object.entries(asMap(declared.root.auth) ?? {})) {
    const body = key === "whoami" ? asMap(value) : asMap(asMap(value)?.whoami);
    if (body !== null) check(body, key === "whoami" ? ["auth", "whoami"] : ["auth", key, "whoami"]);
  }
}
