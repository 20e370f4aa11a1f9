import type { Json, JsonObject } from "../../base/index.ts";
import type { FieldStyle, Rest } from "../../manifest/index.ts";

/** One operation of a description, told in the same way for every version. */
export interface Operation {
  /** In capitals. */
  readonly method: string;
  /** As the document has it. */
  readonly path: string;
  /** `METHOD path`: what tells it from all others, and where notes about it point. */
  readonly identity: string;
  readonly id: string | null;
  readonly summary: string | null;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly deprecated: boolean;
  readonly parameters: readonly Parameter[];
  readonly body: Body | null;
  /** Alternatives, each a map from the name of a scheme to scopes; null: those of the whole document. */
  readonly security: readonly Requirement[] | null;
  /** Its own servers; null: those of the document. */
  readonly servers: readonly Json[] | null;
}

/** Schemes that are wanted together, each with the scopes that it must have been granted. */
export type Requirement = ReadonlyMap<string, readonly string[]>;

export type Place = "path" | "query" | "querystring" | "header" | "cookie";

export interface Parameter {
  readonly name: string;
  readonly in: Place;
  readonly required: boolean;
  readonly description: string | null;
  readonly schema: Json;
  /** How a list or map is written; null: as fields of that place are by default. */
  readonly style: FieldStyle | "label" | "matrix" | null;
}

export interface Body {
  readonly required: boolean;
  readonly description: string | null;
  readonly mediaType: string;
  readonly encoding: Rest["encoding"];
  readonly schema: Json;
  /** Of a form: how lists and maps in its fields are written. */
  readonly styles: Readonly<Record<string, FieldStyle>>;
  /** Of a multipart form: the fields that are files. */
  readonly files: readonly string[];
}

/** What all versions of a description have in common, as it is read. */
export interface Dialect {
  /** The parameters and the body of an operation; `shared` are the parameters of its path. */
  readInput(
    operation: JsonObject,
    shared: readonly Json[],
    where: string,
  ): { parameters: Parameter[]; body: Body | null };
  /** Security schemes by name. */
  readonly schemes: JsonObject;
  /** Shared schemas: the pointer of each, and its name. */
  readonly schemaNames: readonly { readonly pointer: string; readonly name: string }[];
}
