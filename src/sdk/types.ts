import type * as z from "zod";
import type { HandlerContext, JsonValue } from "./context.ts";

// A manifest in TypeScript: the same fields under the same names (docs/manifest.md says what each means), but that inputs
// may be zod and handlers are functions. Written out by hand, as this is what people's editors show; a test compares the
// fields with the manifest's.

/** A JSON Schema of draft 2020-12. */
export type JsonSchema = { readonly [keyword: string]: JsonValue };

/** An object's schema: of zod, or JSON Schema as it is. */
export type ObjectSchema = z.ZodObject | z.ZodRecord | z.ZodIntersection | JsonSchema;

/** What a handler gets of an input: zod's type with its defaults filled in. */
export type InputOf<Schema> = Schema extends z.ZodType ? z.output<Schema> : Readonly<Record<string, unknown>>;

/** What a handler may give, by the tool's `output`. */
export type ResultOf<Schema> = Schema extends z.ZodType ? z.input<Schema> : unknown;

export interface Scope {
  readonly name: string;
  readonly type?: string;
  readonly category?: string;
  readonly description?: string;
  readonly requires_firearm?: boolean;
  readonly firearm_type?: string;
  readonly source?: string;
  readonly since?: string;
}

export interface Kpi {
  readonly raw: string;
  readonly standard: string;
  readonly aggregation?: "sum" | "avg" | "max";
  readonly unit?: string;
  readonly description?: string;
}

export interface Response {
  readonly root?: string;
  readonly mapping?: JsonValue;
  readonly static?: JsonValue;
}

export type FieldStyle = "form" | "comma" | "space" | "pipe" | "tab" | "deep_object" | "json";

export interface Rest {
  readonly method: string;
  readonly path?: string;
  readonly url?: string;
  readonly query?: JsonSchema;
  readonly query_styles?: Readonly<Record<string, FieldStyle>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: JsonValue;
  readonly encoding?: "json" | "form" | "multipart" | "text" | "binary";
  readonly body_styles?: Readonly<Record<string, FieldStyle>>;
  readonly files?: readonly string[];
  readonly response?: Response;
}

export interface Graphql {
  readonly url?: string;
  readonly query: string;
  readonly variables?: JsonSchema;
  readonly response?: Response;
}

export interface Sql {
  readonly database?: "local_path" | "postgres";
  readonly file?: string;
  readonly query?: string;
  readonly query_field?: string;
  readonly params?: JsonSchema;
  readonly response?: Response;
}

export interface Applescript {
  readonly script: string;
  readonly args?: readonly string[];
  readonly response?: Response;
}

/** One request of several; exactly one of the last four. */
export interface Step {
  readonly as?: string;
  readonly rest?: Rest;
  readonly graphql?: Graphql;
  readonly sql?: Sql;
  readonly applescript?: Applescript;
}

/** How a tool does its work: one of these. */
export type Declared =
  | { readonly rest: Rest }
  | { readonly graphql: Graphql }
  | { readonly sql: Sql }
  | { readonly applescript: Applescript }
  | { readonly steps: readonly Step[] };

/** The work of a tool as a function. It runs in a process of its own and reaches the network through `ctx.http` only. */
export type Handler<Input, Output> = (
  input: InputOf<Input>,
  ctx: HandlerContext,
) => ResultOf<Output> | Promise<ResultOf<Output>>;

/** What every tool says, however it does its work. */
export interface ToolFields<Input extends ObjectSchema, Output extends ObjectSchema> {
  /** a-z, 0-9 and _, at most 44 characters. */
  readonly name: string;
  /** `noun.verb`: what the tool does, whoever the vendor is. */
  readonly capability?: string;
  readonly title?: string;
  readonly description?: string;
  /** Names of the connector's scopes. */
  readonly scopes?: readonly string[];
  /** Whether it changes the outside world: then it runs once for each key, and leaves a receipt. */
  readonly side_effecting?: boolean;
  readonly destructive?: boolean;
  readonly idempotent?: boolean;
  readonly input?: Input;
  readonly output?: Output;
}

/** A tool: what it says, and one way to do its work. */
export type ToolDefinition<
  Input extends ObjectSchema = ObjectSchema,
  Output extends ObjectSchema = ObjectSchema,
> = ToolFields<Input, Output> & (Declared | { readonly handler: Handler<Input, Output> });

/** What `tool` makes. */
export interface Tool {
  readonly name: string;
}

export interface KeyOptions {
  /** Further keys that go with every request. */
  readonly also?: readonly { readonly in?: KeyPlace; readonly name: string; readonly prefix?: string }[];
  /** A read that says whose credential it is. */
  readonly whoami?: Declared & { readonly description?: string };
}

export type KeyPlace = "header" | "query" | "cookie";

export interface ApiKey extends KeyOptions {
  /** Default header. */
  readonly in?: KeyPlace;
  /** Of the header, query field or cookie. */
  readonly name: string;
  readonly prefix?: string;
}

export interface Oauth2 extends KeyOptions {
  readonly authorization_url?: string;
  readonly token_url: string;
  readonly refresh_url?: string;
  readonly grant?: "authorization_code" | "client_credentials";
  readonly pkce?: boolean;
  readonly scopes?: readonly string[] | Readonly<Record<string, readonly string[]>>;
}

export interface Keys extends Pick<KeyOptions, "whoami"> {
  readonly keys: readonly {
    readonly name: string;
    readonly description?: string;
    readonly optional?: boolean;
  }[];
}

export interface LocalPath extends Pick<KeyOptions, "whoami"> {
  readonly file_extensions?: readonly string[];
  readonly description?: string;
}

/** What `auth.*` make. */
export type AuthDefinition = { readonly [kind: string]: object };

/** A connector: a manifest, with its tools made by `tool` and its auth by `auth`. */
export interface ConnectorDefinition {
  readonly manifest_version?: 1;
  /** The connector's folder, and its name wherever it is called. */
  readonly provider_slug: string;
  readonly display_name: string;
  readonly summary?: string;
  readonly version?: string;
  readonly homepage?: string;
  readonly docs_url?: string;
  readonly icon?: string;
  readonly platform?: "all" | "macos" | "windows" | "linux";
  readonly instructions?: string;
  readonly naming_rule?: string;
  readonly auth_mode?: "oauth" | "byok" | "both";
  readonly auth?: AuthDefinition;
  readonly scopes?: readonly Scope[];
  readonly kpis?: readonly Kpi[];
  readonly budgets?: readonly { readonly name: string; readonly description?: string }[];
  readonly utm_capabilities?: readonly string[];
  readonly utm?: {
    readonly static_params?: Readonly<Record<string, string>>;
    readonly allowed_variables?: readonly string[];
    readonly pattern?: string;
  };
  readonly oauth_marketplace?: {
    readonly free_testing_limit?: string | number;
    readonly authorization_links?: readonly string[];
    readonly functional_summary?: string;
  };
  readonly base_url?: string;
  readonly account_fields?: readonly {
    readonly name: string;
    readonly description?: string;
    readonly default?: string;
    readonly values?: readonly string[];
  }[];
  readonly schemas?: Readonly<Record<string, z.ZodType | JsonSchema>>;
  readonly tools?: readonly Tool[];
}

/** What `defineConnector` makes. */
export interface Connector {
  readonly provider_slug: string;
}
