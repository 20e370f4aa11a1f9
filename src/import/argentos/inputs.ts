import { type Json, type JsonObject, UserError } from "../../base/index.ts";
import { get, isMap, listAt, mapAt, put, textAt } from "../json.ts";
import { identifier } from "../names.ts";
import type { Command } from "./commands.ts";
import { type Field, type FieldContext, fieldOf } from "./field.ts";
import { DEFAULTS } from "./service-keys.ts";

/** More fields, counted over all tools, are a machine's doing. */
const MAX_FIELDS = 200_000;
/** More defaults of one command, likewise; the rest is noted. */
const MAX_DEFAULTS = 500;
/** Fields of forms, and switches of ArgentOS, among what commands are given by default. */
const NO_INPUT = /^(?:selection_surface|args|options)$|^requires_/;

/** What the commands of a connector are given: worker fields, hints and defaults. */
export class Inputs {
  readonly #context: FieldContext;
  readonly #scope: Json | undefined;
  readonly #byCommand = new Map<string, Field[]>();

  /** @throws UserError `import.too_large` */
  constructor(scope: Json | undefined, commands: readonly Command[], context: FieldContext) {
    this.#context = context;
    this.#scope = scope;
    // What ArgentOS itself wants of every connector takes no fields of the provider's.
    const general = commands.filter(({ value }) => textAt(value, "resource") !== "connector");
    let count = 0;
    for (const value of listAt(scope, "fields")) {
      const id = textAt(value, "id");
      if (!isMap(value) || id === null) continue;
      const wanted = "applies_to" in value ? this.#appliesTo(value) : general.map((command) => command.id);
      count += wanted.length;
      if (count > MAX_FIELDS) throw tooLarge();
      const free = wanted.filter((command) => !this.#has(command, id));
      if (free.length === 0) continue;
      context.ledger.take(value, "id");
      const field = fieldOf(id, value, context);
      for (const command of free) this.#add(command, field);
    }
  }

  /** A command's `input`, closed; nothing where it takes nothing. */
  of({ id, value }: Command): JsonObject {
    const properties: JsonObject = {};
    const required: string[] = [];
    for (const field of this.#byCommand.get(id) ?? []) {
      put(properties, field.name, field.schema);
      if (field.required) required.push(field.name);
    }
    for (const [name, hint] of Object.entries(mapAt(value, "input_hints"))) {
      if (isMap(hint))
        this.#hint(properties, name, hint, `connector.json: commands/${id}/input_hints/${name}`);
    }
    for (const section of DEFAULTS) this.#defaults(properties, mapAt(mapAt(this.#scope, section), id));
    if (Object.keys(properties).length === 0) return {};
    const needs = required.length === 0 ? {} : { required };
    return { input: { type: "object", properties, ...needs, additionalProperties: false } };
  }

  /** The commands that a field names; one that there is not is not taken. */
  #appliesTo(field: JsonObject): string[] {
    const list = listAt(field, "applies_to");
    return list.flatMap((command, index) => {
      if (typeof command !== "string" || !this.#context.tools.has(command)) return [];
      this.#context.ledger.take(list, index);
      return [command];
    });
  }

  #has(command: string, id: string): boolean {
    const name = identifier(id);
    return this.#byCommand.get(command)?.some((field) => field.name === name) === true;
  }

  #add(command: string, field: Field): void {
    const fields = this.#byCommand.get(command) ?? [];
    fields.push(field);
    this.#byCommand.set(command, fields);
  }

  /** A hint says more of a field, or is one that there was not. */
  #hint(properties: JsonObject, id: string, hint: JsonObject, where: string): void {
    const { ledger, notes } = this.#context;
    const { name, schema } = fieldOf(id, hint, this.#context);
    const shape = ledger.text(hint, "shape");
    const suggested = listAt(hint, "suggested_values");
    suggested.forEach((_, index) => {
      ledger.take(suggested, index);
    });
    const known = mapAt(properties, name);
    for (const key of ["type", "default"]) {
      const [field, other] = [get(known, key), get(schema, key)];
      if (field === undefined || other === undefined || JSON.stringify(field) === JSON.stringify(other))
        continue;
      notes.add(`${key}: ${JSON.stringify(other)}`, where, `the worker field says ${JSON.stringify(field)}`);
    }
    const said = [
      textAt(known, "description"),
      textAt(schema, "description"),
      shape === null ? null : `Shape: ${shape}.`,
    ];
    const description = said.filter((text) => text !== null).join(" ");
    const examples = [...listAt(known, "examples"), ...listAt(schema, "examples"), ...suggested];
    // What is merely suggested is not all there may be.
    const { enum: _, ...open } = known;
    const merged = { ...schema, ...(suggested.length === 0 ? known : open) };
    put(properties, name, {
      ...merged,
      ...(description === "" ? {} : { description }),
      ...(examples.length === 0 ? {} : { examples: unique(examples) }),
    });
  }

  /** What a command is given by default, other than service keys: the default of a field, or of a new one. */
  #defaults(properties: JsonObject, defaults: JsonObject): void {
    const { ledger } = this.#context;
    const options = mapAt(defaults, "options");
    const groups = groupedFields(properties);
    let room = MAX_DEFAULTS;
    for (const holder of [defaults, options]) {
      for (const [key, value] of Object.entries(holder)) {
        if ((holder === defaults && NO_INPUT.test(key)) || ledger.isTaken(holder, key)) continue;
        const name = identifier(key);
        const group = get(properties, name) === undefined ? groups.get(name) : undefined;
        const fields = group === undefined ? properties : mapAt(get(properties, group), "properties");
        const schema = withDefault(get(fields, name), value);
        if (schema === null || room-- <= 0) continue;
        ledger.take(holder, key);
        if (group === undefined) put(properties, name, schema);
        // A copy: other commands have the group too.
        else put(properties, group, withField(get(properties, group) ?? {}, name, schema));
      }
    }
  }
}

/** The fields within groups, each with the name of its group. */
function groupedFields(properties: JsonObject): Map<string, string> {
  const groups = Object.entries(properties).map(([group, schema]) => ({
    group,
    fields: mapAt(schema, "properties"),
  }));
  return new Map(
    groups.flatMap(({ group, fields }) => Object.keys(fields).map((name): [string, string] => [name, group])),
  );
}

/** A group with another schema for one of its fields. */
function withField(group: Json, name: string, schema: JsonObject): JsonObject {
  const properties = { ...mapAt(group, "properties") };
  put(properties, name, schema);
  return { ...(isMap(group) ? group : {}), properties };
}

/** A field with a default, or a new one that has it; null where it has another or can't have it. */
function withDefault(known: Json | undefined, value: Json): JsonObject | null {
  const schema = known === undefined ? typeOf(value) : fits(known, value) ? known : null;
  if (!isMap(schema)) return null;
  const before = get(schema, "default");
  if (before === undefined) return { ...schema, default: value };
  return JSON.stringify(before) === JSON.stringify(value) ? schema : null;
}

/** The schema of a value that is a default; null where it can't be one. */
function typeOf(value: Json): JsonObject | null {
  if (typeof value === "number") return { type: Number.isInteger(value) ? "integer" : "number" };
  if (typeof value === "string" || typeof value === "boolean") return { type: typeof value };
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) return null;
  return { type: "array", items: { type: "string" } };
}

function fits(schema: Json, value: Json): boolean {
  const type = get(schema, "type");
  const choices = get(schema, "enum");
  if (Array.isArray(choices)) return choices.includes(value);
  if (type === "integer") return Number.isInteger(value);
  return type === (Array.isArray(value) ? "array" : typeof value);
}

function unique(values: readonly Json[]): Json[] {
  const seen = new Set<string>();
  return values.filter((value) => seen.size !== seen.add(JSON.stringify(value)).size);
}

function tooLarge(): UserError {
  const message = `The tools would have more than ${MAX_FIELDS} fields.`;
  return new UserError(
    "import.too_large",
    message,
    "Split the connector, or say by applies_to what fields are for.",
  );
}
