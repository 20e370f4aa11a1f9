import type { Json, JsonObject } from "../../base/index.ts";
import { TEXT } from "../../manifest/index.ts";
import { get, isMap, put } from "../json.ts";
import { isForbiddenKey } from "../names.ts";
import type { Notes } from "../notes.ts";
import {
  type Argument,
  type Pieces,
  parameterOf,
  piecesOf,
  type Template,
  templateText,
} from "./template.ts";

/** What is known of a parameter from the way it is used. */
export interface Use {
  /** JSON Schema's name of its type, or null. */
  readonly type: string | null;
  /** Whether a request can't be made without it. */
  readonly needed: boolean;
}

/** What the translation of one action shares. */
export class Workbench {
  /** How the action is called in notes: `tasks.list`. */
  readonly where: string;
  readonly notes: Notes;
  /** Names of the steps that came before. */
  readonly steps: string[] = [];
  /** Parameters that templates read. */
  readonly uses = new Map<string, Use>();
  readonly #params: JsonObject;

  /** @param params what the action and its app say of its parameters, by name */
  constructor(where: string, params: JsonObject, notes: Notes) {
    this.where = where;
    this.#params = params;
    this.notes = notes;
  }

  lost(what: string, why: string): void {
    this.notes.add(what, this.where, why);
  }

  /** What a parameter is said to be. */
  declared(name: string): Json | undefined {
    return get(this.#params, name);
  }

  /** The type that a parameter is said to have, or null. */
  typeOf(name: string): string | null {
    const type = get(this.declared(name), "type");
    return typeof type === "string" ? type : null;
  }

  /** Texts that are given with every call. */
  get texts(): ReadonlySet<string> {
    const names = Object.keys(this.#params).filter(
      (name) => this.typeOf(name) === "string" && get(this.declared(name), "required") === true,
    );
    return new Set(names);
  }

  /**
   * A template as the manifest has it: the default of its parameter is put in where it says none itself. Null where it
   * reads what is not there.
   */
  template(template: Template, use: Partial<Use> = {}): string | null {
    const whole = this.#withDefault(template);
    if (!this.#isKnown(template)) return null;
    const name = parameterOf(template);
    if (name !== null) {
      const before = this.uses.get(name);
      const isOptional = whole.filters.some((filter) => filter.name === "default");
      this.uses.set(name, {
        type: before?.type ?? use.type ?? null,
        needed: before?.needed === true || (use.needed === true && !isOptional),
      });
    }
    return templateText(whole);
  }

  #isKnown(template: Template): boolean {
    const [head, field] = template.path;
    if (template.path.some((step) => typeof step === "string" && isForbiddenKey(step))) return false;
    if (head === "params" || head === "account") return typeof field === "string";
    return this.steps.some((step) => step === head);
  }

  #withDefault(template: Template): Template {
    const name = parameterOf(template);
    const value = name === null ? undefined : get(this.declared(name), "default");
    const isPlain = ["string", "number", "boolean"].includes(typeof value) && template.path.length === 2;
    if (!isPlain || template.filters.some((filter) => filter.name === "default")) return template;
    const argument: Argument =
      typeof value === "string" || typeof value === "number" ? value : value === true;
    return { path: template.path, filters: [{ name: "default", argument }, ...template.filters] };
  }

  /** A text with its templates as the manifest has them; null where one of them can't be read, which is noted. */
  text(source: string, what: string, use: Partial<Use> = {}): string | null {
    if (!/\{\{|\{%|\}\}/.test(source)) return source;
    const pieces = piecesOf(source);
    const counted = pieces === null ? null : (arithmetic(pieces) ?? pieces);
    const parts = counted?.map((piece) =>
      typeof piece === "string" ? piece : this.template(piece, use),
    ) ?? [null];
    const text = parts.some((part) => part === null) ? null : parts.join("");
    const isRead = text !== null && !/\{%|\}\}\}|\{\{\{/.test(text) && text.length <= TEXT.template;
    if (isRead) return text;
    this.lost(`${what}: ${source}`, "its template can't be read, or names what is not there");
    return null;
  }

  /** JSON with the templates of its texts as the manifest has them; what can't be read goes. */
  value(source: Json, what: string, use: Partial<Use> = {}): Json | undefined {
    if (typeof source === "string") return this.text(source, what, use) ?? undefined;
    if (Array.isArray(source)) {
      return source.map((item) => this.value(item, what)).filter((item) => item !== undefined);
    }
    return isMap(source) ? this.fields(source, what) : source;
  }

  /** A map of such values. */
  fields(source: JsonObject, what: string, useOf: (name: string) => Partial<Use> = () => ({})): JsonObject {
    const fields: JsonObject = {};
    for (const [name, item] of Object.entries(source)) {
      const value = this.value(item, `${what}.${name}`, useOf(name));
      if (value !== undefined) put(fields, name, value);
    }
    return fields;
  }
}

/** `5 - {{params.priority}}` counts, where nothing else is in the text: the same as the transforms do. */
function arithmetic(pieces: Pieces): Pieces | null {
  const [first, second, third] = pieces;
  if (third !== undefined) return null;
  if (typeof first === "string" && typeof second === "object") {
    const number = /^\s*(-?\d+(?:\.\d+)?)\s*([-+])\s*$/.exec(first);
    return number === null
      ? null
      : [filtered(second, number[2] === "-" ? "invert" : "add", Number(number[1]))];
  }
  if (typeof first === "object" && typeof second === "string") {
    const number = /^\s*([-+])\s*(\d+(?:\.\d+)?)\s*$/.exec(second);
    return number === null ? null : [filtered(first, number[1] === "-" ? "sub" : "add", Number(number[2]))];
  }
  return null;
}

function filtered(template: Template, name: "invert" | "add" | "sub", argument: number): Template {
  return { path: template.path, filters: [...template.filters, { name, argument }] };
}
