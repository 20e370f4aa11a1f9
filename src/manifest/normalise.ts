import { byCodeUnit, type Json, type JsonObject } from "../base/index.ts";
import { bindings } from "./rules/sql.ts";
import type { RawAuth, RawExtraKey, RawNamedKey, RawWhoami } from "./shape/auth.ts";
import type {
  RawApplescript,
  RawExecution,
  RawGraphql,
  RawResponse,
  RawRest,
  RawSql,
  RawStep,
  RawTool,
} from "./shape/execution.ts";
import type { RawAccountField, RawManifest, RawScope } from "./shape/manifest.ts";
import type {
  AccountField,
  Applescript,
  Auth,
  AuthMode,
  Execution,
  ExtraKey,
  Graphql,
  Manifest,
  NamedKey,
  Response,
  Rest,
  Scope,
  Sql,
  Step,
  Tool,
  Whoami,
} from "./types.ts";

/** What a tool without an `input` accepts: nothing. */
export const EMPTY_INPUT: JsonObject = { type: "object", properties: {}, additionalProperties: false };

/** The naming rule of a manifest that has none of its own. */
export const NAMING_RULE = "PROVIDER_{PLATFORM}_{KEY}";

/** Brings what was written into the normal form: see `Manifest`. Never fails; what it gets has passed the shape. */
export function normalise(raw: RawManifest, auth: RawAuth, tools: readonly RawTool[]): Manifest {
  return {
    manifest_version: 1,
    provider_slug: raw.provider_slug,
    display_name: raw.display_name,
    summary: raw.summary ?? null,
    version: raw.version ?? null,
    homepage: raw.homepage ?? null,
    docs_url: raw.docs_url ?? null,
    icon: raw.icon ?? null,
    platform: raw.platform ?? "all",
    instructions: raw.instructions ?? null,
    naming_rule: raw.naming_rule ?? NAMING_RULE,
    auth_mode: raw.auth_mode ?? authMode(auth.kind),
    auth: normaliseAuth(auth),
    scopes: sorted((raw.scopes ?? []).map(normaliseScope), (scope) => scope.name),
    kpis: sorted((raw.kpis ?? []).map(normaliseKpi), (kpi) => kpi.raw),
    budgets: sorted(
      (raw.budgets ?? []).map(({ name, description }) => ({ name, description: description ?? null })),
      (budget) => budget.name,
    ),
    utm_capabilities: sorted(raw.utm_capabilities ?? [], (name) => name),
    utm: normaliseUtm(raw.utm),
    oauth_marketplace: normaliseMarketplace(raw.oauth_marketplace),
    base_url: raw.base_url ?? null,
    account_fields: sorted((raw.account_fields ?? []).map(normaliseAccountField), (field) => field.name),
    schemas: byKey(raw.schemas ?? {}, asObject),
    tools: sorted(tools.map(normaliseTool), (tool) => tool.name),
  };
}

function authMode(kind: RawAuth["kind"]): AuthMode | null {
  switch (kind) {
    case "oauth2":
      return "oauth";
    case "api_key":
    case "bearer":
    case "basic":
    case "keys":
      return "byok";
    default:
      return null;
  }
}

function normaliseAuth(auth: RawAuth): Auth {
  const whoami = auth.body.whoami === undefined ? null : normaliseWhoami(auth.body.whoami);
  switch (auth.kind) {
    case "none":
      return { type: "none", whoami };
    case "bearer":
    case "basic":
      return { type: auth.kind, also: extraKeys(auth.body.also), whoami };
    case "api_key":
      return {
        type: "api_key",
        in: auth.body.in ?? "header",
        name: auth.body.name,
        prefix: auth.body.prefix ?? "",
        also: extraKeys(auth.body.also),
        whoami,
      };
    case "oauth2":
      return {
        type: "oauth2",
        authorization_url: auth.body.authorization_url ?? null,
        token_url: auth.body.token_url,
        refresh_url: auth.body.refresh_url ?? null,
        grant: auth.body.grant ?? "authorization_code",
        pkce: auth.body.pkce ?? true,
        scopes: oauthScopes(auth.body.scopes),
        also: extraKeys(auth.body.also),
        whoami,
      };
    case "keys":
      return { type: "keys", keys: namedKeys(auth.body.keys), whoami };
    case "local_path":
      return {
        type: "local_path",
        file_extensions: sorted(auth.body.file_extensions ?? [], (extension) => extension),
        description: auth.body.description ?? null,
        whoami,
      };
  }
}

function extraKeys(keys: RawExtraKey[] = []): ExtraKey[] {
  const whole = keys.map(({ in: place, name, prefix }) => ({
    in: place ?? "header",
    name,
    prefix: prefix ?? "",
  }));
  return sorted(whole, (key) => key.name);
}

function namedKeys(keys: RawNamedKey[]): NamedKey[] {
  const whole = keys.map(({ name, description, optional }) => ({
    name,
    description: description ?? null,
    optional: optional ?? false,
  }));
  return sorted(whole, (key) => key.name);
}

function oauthScopes(scopes: string[] | Record<string, string[]> | undefined): Record<string, string[]> {
  if (scopes === undefined) return {};
  const byType = Array.isArray(scopes) ? { default: scopes } : scopes;
  return byKey(byType, (names) => sorted(names, (name) => name));
}

function normaliseWhoami(raw: RawWhoami): Whoami {
  return { description: raw.description ?? null, ...normaliseExecution(raw) };
}

function normaliseScope(raw: RawScope): Scope {
  return {
    name: raw.name,
    type: raw.type ?? null,
    category: raw.category ?? null,
    description: raw.description ?? null,
    requires_firearm: raw.requires_firearm ?? false,
    firearm_type: raw.firearm_type ?? null,
    source: raw.source ?? null,
    since: raw.since ?? null,
  };
}

function normaliseAccountField(raw: RawAccountField): AccountField {
  const { name, description, default: value, values } = raw;
  return {
    name,
    description: description ?? null,
    default: value ?? null,
    values: sorted(values ?? [], (text) => text),
  };
}

function normaliseKpi(raw: NonNullable<RawManifest["kpis"]>[number]): Manifest["kpis"][number] {
  return {
    raw: raw.raw,
    standard: raw.standard,
    aggregation: raw.aggregation ?? "sum",
    unit: raw.unit ?? null,
    description: raw.description ?? null,
  };
}

function normaliseUtm(raw: RawManifest["utm"]): Manifest["utm"] {
  if (raw === undefined) return null;
  return {
    static_params: byKey(raw.static_params ?? {}, (value) => value),
    allowed_variables: sorted(raw.allowed_variables ?? [], (name) => name),
    pattern: raw.pattern ?? null,
  };
}

function normaliseMarketplace(raw: RawManifest["oauth_marketplace"]): Manifest["oauth_marketplace"] {
  if (raw === undefined) return null;
  return {
    free_testing_limit: raw.free_testing_limit?.toString() ?? null,
    authorization_links: sorted(raw.authorization_links ?? [], (link) => link),
    functional_summary: raw.functional_summary ?? null,
  };
}

function normaliseTool(raw: RawTool): Tool {
  return {
    name: raw.name,
    capability: raw.capability ?? null,
    title: raw.title ?? null,
    description: raw.description ?? null,
    scopes: sorted(raw.scopes ?? [], (name) => name),
    side_effecting: raw.side_effecting ?? false,
    destructive: raw.destructive ?? false,
    idempotent: raw.idempotent ?? false,
    input: raw.input === undefined ? EMPTY_INPUT : asObject(raw.input),
    output: raw.output === undefined ? null : asObject(raw.output),
    ...normaliseExecution(raw),
  };
}

function normaliseExecution(raw: RawExecution): Execution {
  return {
    rest: raw.rest === undefined ? null : normaliseRest(raw.rest),
    graphql: raw.graphql === undefined ? null : normaliseGraphql(raw.graphql),
    sql: raw.sql === undefined ? null : normaliseSql(raw.sql),
    applescript: raw.applescript === undefined ? null : normaliseApplescript(raw.applescript),
    handler: raw.handler ?? null,
    steps: raw.steps?.map(normaliseStep) ?? null,
  };
}

function normaliseStep(raw: RawStep): Step {
  return {
    as: raw.as ?? null,
    rest: raw.rest === undefined ? null : normaliseRest(raw.rest),
    graphql: raw.graphql === undefined ? null : normaliseGraphql(raw.graphql),
    sql: raw.sql === undefined ? null : normaliseSql(raw.sql),
    applescript: raw.applescript === undefined ? null : normaliseApplescript(raw.applescript),
  };
}

function normaliseRest(raw: RawRest): Rest {
  return {
    method: raw.method,
    path: raw.path ?? null,
    url: raw.url ?? null,
    query: asObject(raw.query ?? {}),
    query_styles: byKey(raw.query_styles ?? {}, (style) => style),
    headers: byKey(raw.headers ?? {}, (value) => value),
    body: asJson(raw.body),
    encoding: raw.encoding ?? "json",
    body_styles: byKey(raw.body_styles ?? {}, (style) => style),
    files: sorted(raw.files ?? [], (name) => name),
    response: normaliseResponse(raw.response),
  };
}

function normaliseGraphql(raw: RawGraphql): Graphql {
  return {
    url: raw.url ?? null,
    query: raw.query,
    variables: asObject(raw.variables ?? {}),
    response: normaliseResponse(raw.response),
  };
}

function normaliseSql(raw: RawSql): Sql {
  return {
    database: raw.database ?? "local_path",
    file: raw.file ?? null,
    query: raw.query ?? null,
    query_field: raw.query_field ?? null,
    params: boundParams(raw),
    response: normaliseResponse(raw.response),
  };
}

function normaliseApplescript(raw: RawApplescript): Applescript {
  return { script: raw.script, args: raw.args ?? [], response: normaliseResponse(raw.response) };
}

/** A parameter that is not bound is a field of the input of that name; the rules have seen that there is one. */
function boundParams(raw: RawSql): JsonObject {
  const fields = bindings(raw).map((name) => [name, `{{ params.${name} }}`]);
  return asObject({ ...Object.fromEntries(fields), ...raw.params });
}

function normaliseResponse(raw: RawResponse | undefined): Response | null {
  if (raw === undefined) return null;
  return { root: raw.root ?? null, mapping: asJson(raw.mapping), static: asJson(raw.static) };
}

/** A copy sorted by code unit of a text of each item: the same order on every machine. */
function sorted<T>(items: readonly T[], text: (item: T) => string): T[] {
  return [...items].sort((a, b) => byCodeUnit(text(a), text(b)));
}

function byKey<T, U>(map: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  const keys = Object.keys(map).sort(byCodeUnit);
  return Object.fromEntries(keys.map((key) => [key, change(map[key] as T)]));
}

/** Free JSON with its keys in one order, so that the order of writing shows nowhere, not even in generated files. */
export function asJson(value: unknown): Json {
  if (Array.isArray(value)) return value.map(asJson);
  if (typeof value === "object" && value !== null) return asObject(value);
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return null;
}

/** The same of a map. */
export function asObject(value: object): JsonObject {
  const pairs = Object.entries(value).sort(([a], [b]) => byCodeUnit(a, b));
  return Object.fromEntries(pairs.map(([key, item]) => [key, asJson(item)]));
}
