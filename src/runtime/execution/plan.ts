import type { Json, JsonObject } from "../../base/index.ts";
import type { Manifest, Step } from "../../manifest/index.ts";
import type { Connection, PlannedStep, Runnable } from "../seams.ts";
import { accountFields, hostRules } from "./account.ts";
import { scriptArguments } from "./applescript.ts";
import { credentialNames } from "./credentials.ts";
import { failure } from "./failure.ts";
import { checkTarget, type HostRules, type OwnHosts } from "./http/hosts.ts";
import { type Filled, fillGraphql, fillRest } from "./request.ts";
import { boundParams, queryOf } from "./sql/run.ts";
import { Renderer, reads } from "./templates.ts";

/**
 * What a call would do, as far as that can be told before anything is sent: a step that needs the answer of an earlier
 * one is only named.
 * @throws ToolFailure where the call would fail before anything is sent
 */
export async function plan(
  manifest: Manifest,
  tool: Runnable,
  input: JsonObject,
  connection: Connection,
  own: OwnHosts,
): Promise<readonly PlannedStep[]> {
  const renderer = new Renderer({ params: input, account: accountFields(manifest, connection) });
  const rules = hostRules(manifest, renderer, own);
  if (tool.handler !== null) return [{ kind: "handler", as: null, handler: tool.handler, input }];
  const steps: readonly Step[] = tool.steps ?? [{ ...tool, as: null }];
  const names: string[] = [];
  const planned: PlannedStep[] = [];
  for (const step of steps) {
    const needs = reads(templatesOf(step), names);
    planned.push(
      needs === null
        ? planStep(step, { manifest, tool, input, renderer, rules })
        : { kind: "later", as: step.as, needs },
    );
    if (step.as !== null) names.push(step.as);
  }
  return planned;
}

/** What a request needs of earlier answers; what its own answer becomes is no part of it. */
function templatesOf({ rest, graphql, sql, applescript }: Step): Json {
  return [
    rest && [rest.path, rest.url, rest.query, rest.headers, rest.body],
    graphql && [graphql.url, graphql.variables],
    sql && [sql.params],
    applescript && [applescript.args],
  ];
}

interface Planning {
  readonly manifest: Manifest;
  readonly tool: Runnable;
  readonly input: JsonObject;
  readonly renderer: Renderer;
  readonly rules: HostRules;
}

function planStep(step: Step, planning: Planning): PlannedStep {
  const { manifest, tool, renderer } = planning;
  const { as, rest, graphql, sql, applescript } = step;
  if (rest) return planRequest(as, fillRest(rest, manifest, renderer), planning);
  if (graphql) return planRequest(as, fillGraphql(graphql, manifest, renderer), planning);
  if (sql) return { kind: "sql", as, query: queryOf(sql, planning), params: boundParams(sql, { renderer }) };
  if (applescript) {
    return {
      kind: "applescript",
      as,
      script: applescript.script,
      args: scriptArguments(applescript, renderer),
    };
  }
  throw failure("runtime.no_executor", `${tool.name} says nothing of how it does its work.`);
}

function planRequest(as: string | null, filled: Filled, { manifest, rules }: Planning): PlannedStep {
  const url = rules.own.asSpoken(filled.url);
  checkTarget(url, rules);
  return {
    kind: "http",
    as,
    method: filled.method,
    url: url.href,
    headers: filled.headers,
    body: filled.body ?? null,
    credentials: credentialNames(manifest).map(({ name }) => name),
  };
}
