import type { Json, JsonObject } from "../base/index.ts";

/**
 * The normal form of a connector's declaration: every field present, defaults filled in, absent ones `null`,
 * `tools/*.yaml` merged in, and what is a set by nature (scopes, kpis, budgets, tools, …) sorted by name, so that the
 * order of writing never matters. Field names are the manifest's own.
 */
export interface Manifest {
  manifest_version: 1;
  provider_slug: string;
  display_name: string;
  summary: string | null;
  version: string | null;
  homepage: string | null;
  docs_url: string | null;
  icon: string | null;
  platform: Platform;
  instructions: string | null;
  naming_rule: string;
  /** Derived from `auth` when the manifest does not say; null where no credential is needed. */
  auth_mode: AuthMode | null;
  auth: Auth;
  scopes: Scope[];
  kpis: Kpi[];
  budgets: Budget[];
  utm_capabilities: string[];
  utm: Utm | null;
  oauth_marketplace: OauthMarketplace | null;
  base_url: string | null;
  /** What a connection is asked for besides its credential; read as `{{account.NAME}}`. */
  account_fields: AccountField[];
  /** JSON Schemas by name, shared by tools as `$ref: "#/schemas/Name"`. */
  schemas: { [name: string]: JsonObject };
  tools: Tool[];
}

export type Platform = "all" | "macos" | "windows" | "linux";
export type AuthMode = "oauth" | "byok" | "both";

/** How a connection gets its credentials. Only names and places, never values. */
export type Auth =
  | { type: "none"; whoami: Whoami | null }
  | { type: "api_key"; in: KeyPlace; name: string; prefix: string; also: ExtraKey[]; whoami: Whoami | null }
  | { type: "bearer"; also: ExtraKey[]; whoami: Whoami | null }
  | { type: "basic"; also: ExtraKey[]; whoami: Whoami | null }
  | {
      type: "oauth2";
      authorization_url: string | null;
      token_url: string;
      refresh_url: string | null;
      grant: "authorization_code" | "client_credentials";
      pkce: boolean;
      /** OAuth scopes to ask for, by app type (`default` when there is one). */
      scopes: { [appType: string]: string[] };
      also: ExtraKey[];
      whoami: Whoami | null;
    }
  | { type: "keys"; keys: NamedKey[]; whoami: Whoami | null }
  | { type: "local_path"; file_extensions: string[]; description: string | null; whoami: Whoami | null };

export type KeyPlace = "header" | "query" | "cookie";

/**
 * A second key that goes with every request, such as the application's beside the user's. Its name in capitals, with
 * underscores for what is neither letter nor digit, is its KEY in the vault.
 */
export interface ExtraKey {
  in: KeyPlace;
  name: string;
  prefix: string;
}

/** A secret that a handler reads by its name; no executor sends it by itself. */
export interface NamedKey {
  /** Its KEY in the vault, such as `REFRESH_TOKEN`. */
  name: string;
  description: string | null;
  /** Whether the connector works without it. */
  optional: boolean;
}

/** One thing that a connection has to know, such as its region or its shop's name; never a credential. */
export interface AccountField {
  name: string;
  description: string | null;
  default: string | null;
  /** What it may be; empty: anything. */
  values: string[];
}

/** A read that says whose credential it is: `{id, name, email}`. */
export interface Whoami extends Execution {
  description: string | null;
}

export interface Scope {
  name: string;
  type: string | null;
  category: string | null;
  description: string | null;
  /** A proposal; the human's decision in the registry is what counts. */
  requires_firearm: boolean;
  /** A proposal, likewise. */
  firearm_type: string | null;
  source: string | null;
  since: string | null;
}

export interface Kpi {
  raw: string;
  standard: string;
  aggregation: "sum" | "avg" | "max";
  unit: string | null;
  description: string | null;
}

export interface Budget {
  name: string;
  description: string | null;
}

export interface Utm {
  static_params: { [name: string]: string };
  allowed_variables: string[];
  pattern: string | null;
}

export interface OauthMarketplace {
  free_testing_limit: string | null;
  authorization_links: string[];
  functional_summary: string | null;
}

/** How a tool does its work: exactly one of these is not null (none at all only in a draft that can't be approved). */
export interface Execution {
  rest: Rest | null;
  graphql: Graphql | null;
  sql: Sql | null;
  applescript: Applescript | null;
  /** The name of a function that `service.ts` exports. */
  handler: string | null;
  steps: Step[] | null;
}

export interface Tool extends Execution {
  name: string;
  /** `noun.verb` */
  capability: string | null;
  title: string | null;
  description: string | null;
  scopes: string[];
  side_effecting: boolean;
  destructive: boolean;
  idempotent: boolean;
  /** JSON Schema 2020-12 of an object. */
  input: JsonObject;
  output: JsonObject | null;
}

/** Any string in `Json` here may hold Liquid templates. */
export interface Rest {
  /** In capitals. */
  method: string;
  /** Relative to `base_url`; exactly one of path and url is set. */
  path: string | null;
  url: string | null;
  query: JsonObject;
  /** How a list or map in a query field is written; `form` for the fields that are not named. */
  query_styles: { [field: string]: FieldStyle };
  headers: { [name: string]: string };
  body: Json;
  /** `text` and `binary` send the body as it is; `binary` is written as base64. */
  encoding: "json" | "form" | "multipart" | "text" | "binary";
  /** The same as query_styles for the fields of a form, where a map that is not named is `deep_object`. */
  body_styles: { [field: string]: FieldStyle };
  /** Fields of a multipart body that are files, each written as base64. */
  files: string[];
  response: Response | null;
}

/**
 * How a list or map becomes fields. `form`: a list as one field per item, a map as one field per key; `comma`, `space`,
 * `pipe`, `tab`: all in one field with that between; `deep_object`: `field[key]=value`; `json`: JSON text.
 */
export type FieldStyle = "form" | "comma" | "space" | "pipe" | "tab" | "deep_object" | "json";

export interface Graphql {
  /** null: the manifest's `base_url`. */
  url: string | null;
  query: string;
  variables: JsonObject;
  response: Response | null;
}

export interface Sql {
  /** `local_path` or `postgres`: the kind of account that names the database. */
  database: "local_path" | "postgres";
  /**
   * An SQLite file that is the same for everyone, instead of the account's: absolute, or below the user's folder (`~/`).
   * `*` stands for any part of one name; of several files that match, the one that was changed last is meant.
   */
  file: string | null;
  /** Bound parameters are written `:name`. Exactly one of query and query_field is set. */
  query: string | null;
  /** The field of the input that is the query: an agent's own SQL, which only reads unless the tool is side_effecting. */
  query_field: string | null;
  params: JsonObject;
  response: Response | null;
}

/** A script of macOS that is the same in every call: what differs reaches its `on run` handler as arguments. */
export interface Applescript {
  script: string;
  /** Templates; each becomes one text, and one that is absent the empty text. */
  args: string[];
  response: Response | null;
}

export interface Step {
  as: string | null;
  rest: Rest | null;
  graphql: Graphql | null;
  sql: Sql | null;
  applescript: Applescript | null;
}

export interface Response {
  root: string | null;
  /** A JSONata expression, or fields of them, nested as the result shall be; `$params` is the input. */
  mapping: Json;
  static: Json;
}
