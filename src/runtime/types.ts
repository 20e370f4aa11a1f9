// The types that a generated file is checked against. They import nothing and say `unknown` wherever a schema goes
// deeper: the compiler then has nothing to compare in thousands of tools.

/** A JSON Schema 2020-12 of an object. */
export interface ObjectSchema {
  readonly type: "object";
  readonly [keyword: string]: unknown;
}

/** A tool as the Model Context Protocol lists it; references to shared schemas point to the connector's `$defs`. */
export interface ToolData {
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  readonly inputSchema: ObjectSchema;
  readonly outputSchema?: ObjectSchema;
  readonly annotations: {
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly idempotentHint: boolean;
    readonly openWorldHint: boolean;
  };
  readonly _meta: {
    readonly "connector-sentinel/tool": { readonly capability?: string; readonly scopes: readonly string[] };
  };
}

/** What a generated file says of its connector. */
export interface ConnectorData {
  /** The provider's slug. */
  readonly name: string;
  readonly title: string;
  readonly version: string | null;
  /** The digest of the manifest that the file was generated from. */
  readonly digest: string;
  /** Guidance for an AI that uses the tools. */
  readonly instructions?: string;
  /** Schemas that tools share, by name. */
  readonly $defs?: { readonly [name: string]: unknown };
  readonly tools: readonly ToolData[];
}

/** A connector that was looked over and frozen; only `defineConnector` makes one. */
export interface Connector extends ConnectorData {
  readonly [checked]: true;
}

/** Marks what `defineConnector` has looked over. */
export const checked: unique symbol = Symbol("checked");
