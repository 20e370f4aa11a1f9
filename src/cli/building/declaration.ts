import { fileURLToPath } from "node:url";
import { type Json, type JsonObject, stripHidden } from "../../base/index.ts";
import { madeBy } from "../../sdk/index.ts";
import { isPlain } from "./data.ts";
import { isZod, schemaOf } from "./schema.ts";

/** A place in a file, 1-based; columns count UTF-16 units, as V8 does. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Something in the declaration that can't be carried over. */
export interface Fault {
  readonly code: "build.no_connector" | "build.not_data" | "build.schema" | "build.handler";
  readonly message: string;
  /** What to write instead, where that is more than the code's own remedy. */
  readonly hint?: string | undefined;
  readonly place: Place | null;
}

export interface DeclaredTool {
  /** The manifest's fields of a tool, without `handler`. */
  readonly fields: JsonObject;
  readonly hasHandler: boolean;
  readonly place: Place | null;
}

/** What a file declares, as data. */
export interface Declaration {
  /** The manifest's fields, without schemas and tools. */
  readonly fields: JsonObject;
  readonly schemas: JsonObject;
  readonly tools: readonly DeclaredTool[];
  readonly place: Place | null;
  readonly faults: readonly Fault[];
}

/** Deeper than a file may nest. */
const MAX_DEPTH = 64;

/** Takes apart what a file exports as its default. */
export function declarationOf(made: unknown): Declaration {
  const mark = madeBy(made);
  if (typeof made !== "object" || made === null || mark?.kind !== "connector") {
    const message = "The default export is no connector.";
    const faults = [{ code: "build.no_connector", message, place: null }] as const;
    return { fields: {}, schemas: {}, tools: [], place: null, faults };
  }
  const taking = new Taking(placeOf(mark.stack));
  const { schemas, tools, ...rest }: Record<string, unknown> = { ...made };
  return {
    fields: taking.map(rest, ""),
    schemas: schemas === undefined ? {} : taking.schemas(schemas),
    tools: tools === undefined ? [] : taking.tools(tools),
    place: taking.place,
    faults: taking.faults,
  };
}

/** Takes data out of what was declared, and collects what is none. */
class Taking {
  readonly faults: Fault[] = [];
  readonly place: Place | null;
  constructor(place: Place | null) {
    this.place = place;
  }

  tools(tools: unknown): DeclaredTool[] {
    if (Array.isArray(tools))
      return tools.flatMap((tool, index) => this.#tool(tool, `tools[${index}]`) ?? []);
    this.#fault("build.no_connector", "tools is no list.");
    return [];
  }

  schemas(schemas: unknown): JsonObject {
    if (!isPlain(schemas)) return this.map(schemas, "schemas");
    return Object.fromEntries(
      Object.entries(schemas).map(([name, schema]) => [
        name,
        this.#schema(schema, `schemas.${name}`, "input"),
      ]),
    );
  }

  map(value: unknown, at: string): JsonObject {
    const taken = this.#data(value, at, 0);
    return typeof taken === "object" && taken !== null && !Array.isArray(taken) ? taken : {};
  }

  #tool(tool: unknown, at: string): DeclaredTool | null {
    const mark = madeBy(tool);
    if (mark?.kind !== "tool") {
      this.#fault("build.no_connector", `${at} is not made with tool({ … }).`);
      return null;
    }
    // What is wrong in a tool is found where it is made.
    const place = placeOf(mark.stack);
    const within = new Taking(place ?? this.place);
    const { handler, input, output, ...rest }: Record<string, unknown> = { ...Object(tool) };
    const label = typeof rest.name === "string" ? rest.name : at;
    const fields = within.map(rest, label);
    if (input !== undefined) fields.input = within.#schema(input, `${label}.input`, "input");
    if (output !== undefined) fields.output = within.#schema(output, `${label}.output`, "output");
    if (handler !== undefined && typeof handler !== "function") {
      within.#fault("build.handler", `${label}.handler is no function.`);
    }
    this.faults.push(...within.faults);
    return { fields, hasHandler: handler !== undefined, place };
  }

  #schema(schema: unknown, at: string, io: "input" | "output"): JsonObject {
    if (!isZod(schema)) return this.map(schema, at);
    const { json, problems } = schemaOf(schema, io);
    for (const { message, hint } of problems) this.#fault("build.schema", `${at}${message}`, hint);
    return json;
  }

  #data(value: unknown, at: string, depth: number): Json {
    if (typeof value === "string") return this.#text(value, at);
    if (value === null || typeof value === "boolean") return value;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    if (depth < MAX_DEPTH && Array.isArray(value)) {
      return Array.from(value, (item, index) => this.#data(item, `${at}[${index}]`, depth + 1));
    }
    if (depth < MAX_DEPTH && isPlain(value)) {
      const entries = Object.entries(value).filter(([, item]) => item !== undefined);
      return Object.fromEntries(
        entries.map(([key, item]) => [
          this.#text(key, at),
          this.#data(item, at === "" ? key : `${at}.${key}`, depth + 1),
        ]),
      );
    }
    this.#fault("build.not_data", `${at} is ${nameOf(value)}, which a manifest can't hold.`);
    return null;
  }

  #text(text: string, at: string): string {
    if (stripHidden(text) !== text)
      this.#fault("build.not_data", `${at} holds characters that can't be seen.`);
    return text;
  }

  #fault(code: Fault["code"], message: string, hint?: string): void {
    this.faults.push({ code, message, hint, place: this.place });
  }
}

function nameOf(value: unknown): string {
  if (typeof value === "number") return String(value);
  if (typeof value !== "object" || value === null) return typeof value;
  if (Array.isArray(value) || isPlain(value)) return "nested too deep, or in itself";
  return `a ${String(value.constructor?.name ?? "strange object").slice(0, 60)}`;
}

/** The first place that a stack names. */
export function placeOf(stack: string): Place | null {
  const [, url, line, column] = /(file:\/\/[^\s)]+?):(\d+)(?::(\d+))?(?=\)?$)/m.exec(stack) ?? [];
  if (url === undefined) return null;
  return { file: fileURLToPath(url.replace(/[?#].*$/, "")), line: Number(line), column: Number(column ?? 1) };
}
