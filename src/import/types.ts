import type { JsonObject } from "../base/index.ts";
import type { NotCarried } from "./notes.ts";

/** What an import took over, and what it could not. */
export interface ImportReport {
  /** How many of each kind came over: operations, tools, scopes, schemas. */
  readonly carried: Readonly<Record<string, number>>;
  readonly notCarried: readonly NotCarried[];
}

/** A connector's folder as an import makes it. */
export interface Imported {
  readonly slug: string;
  /** Path within the folder → text. */
  readonly files: Readonly<Record<string, string>>;
  readonly report: ImportReport;
}

/** A connector before it is written: what any format of description comes to. */
export interface Draft {
  readonly slug: string;
  /** The manifest's fields in the order of writing, without schemas and tools. */
  readonly fields: JsonObject;
  readonly schemas: ReadonlyMap<string, JsonObject>;
  readonly tools: readonly DraftTool[];
  readonly readme: Readme;
}

/** A tool, and the group whose file it goes to when one file can't hold all. */
export interface DraftTool {
  readonly tool: JsonObject;
  readonly group: string;
}

/** What a README says besides what the manifest does. */
export interface Readme {
  /** What the connector is, as Markdown. */
  readonly about: string;
  /** What has to be done before the connector can be used, as Markdown, after what the manifest says of it itself. */
  readonly setUp?: string;
  /** Where it was imported from, one line each. */
  readonly sources: readonly string[];
  /** Known limitations beyond what was not carried over, one line each. */
  readonly limitations: readonly string[];
}
