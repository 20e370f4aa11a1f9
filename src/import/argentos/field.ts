import type { Json, JsonObject } from "../../base/index.ts";
import { TEXT } from "../../manifest/index.ts";
import { get, isMap, listAt, put, textAt } from "../json.ts";
import { identifier } from "../names.ts";
import type { Notes } from "../notes.ts";
import { oneLine, plainText, shortened } from "../text.ts";
import { asKind, type Kind, kindOf, schemaOf } from "./kind.ts";
import type { Ledger } from "./ledger.ts";

/** A worker field as a field of an input. */
export interface Field {
  readonly name: string;
  readonly schema: JsonObject;
  readonly required: boolean;
}

/** What fields are made with. */
export interface FieldContext {
  /** `pickerHints`: where a field's values can be looked up. */
  readonly pickers: JsonObject;
  /** Names of tools by the ids of commands. */
  readonly tools: ReadonlyMap<string, string>;
  readonly ledger: Ledger;
  readonly notes: Notes;
}

/** Makes a field of an input, with its label, description, choices and examples. */
export function fieldOf(id: string, field: JsonObject, context: FieldContext): Field {
  const { ledger, notes } = context;
  const name = identifier(id);
  if (name !== id) notes.add(`the spelling of the field ${id}`, "fields", `an argument is named ${name}`);
  const kind = kindOf(field, ledger);
  const { choices, remarks } = choicesOf(field, kind, ledger);
  const samples = samplesOf(field, kind, choices, ledger);
  const said = [...descriptionOf(field, context), ...remarks, ...samples.remarks];
  const label = ledger.text(field, "label");
  const description = shortened(said.join(" "), `fields/${id}`, notes, TEXT.description);
  const preset = defaultOf(field, kind, choices, ledger);
  const group = kind === "group" ? groupOf(field, context) : {};
  const schema: JsonObject = {
    ...schemaOf(kind, samples.values),
    ...(label === null ? {} : { title: oneLine(plainText(label)) }),
    ...(description === "" ? {} : { description }),
    ...restrict(kind, choices),
    ...(preset === null ? {} : { default: preset }),
    ...(samples.values.length === 0 ? {} : { examples: [...samples.values] }),
    ...group,
  };
  const required = ledger.exactly(field, "required", true);
  // What is not said is no either.
  ledger.exactly(field, "required", false);
  return { name, schema, required };
}

/** The fields of a group are those of a map within the input. */
function groupOf(field: JsonObject, context: FieldContext): JsonObject {
  const properties: JsonObject = {};
  const required: string[] = [];
  for (const child of listAt(field, "children")) {
    const id = textAt(child, "id");
    if (id === null || !isMap(child) || Object.hasOwn(properties, identifier(id))) continue;
    context.ledger.take(child, "id");
    const made = fieldOf(id, child, context);
    put(properties, made.name, made.schema);
    if (made.required) required.push(made.name);
  }
  return { properties, ...(required.length === 0 ? {} : { required }), additionalProperties: false };
}

function descriptionOf(field: JsonObject, { ledger, pickers, tools }: FieldContext): string[] {
  const parts: string[] = [];
  const own = ledger.text(field, "description");
  if (own !== null) parts.push(sentence(plainText(own)));
  const hint = textAt(field, "pickerHint");
  const picker = hint === null ? undefined : get(pickers, hint);
  const source = tools.get(textAt(picker, "source_command") ?? "");
  if (isMap(picker) && source !== undefined) {
    ledger.take(field, "pickerHint");
    ledger.take(picker, "source_command");
    parts.push(`Its values come from ${source}.`);
  }
  const shown = get(field, "showWhen");
  const other = ledger.text(shown, "field");
  if (isMap(shown) && other !== null) {
    const equals = get(shown, "equals");
    if (equals !== undefined) ledger.take(shown, "equals");
    parts.push(
      `Only where ${identifier(other)} is ${equals === undefined ? "given" : JSON.stringify(equals)}.`,
    );
  }
  return parts;
}

function sentence(text: string): string {
  return /[.!?…:]$/.test(text) ? text : `${text}.`;
}

/** The values that a field may have, and what is said of each beyond its own name. */
function choicesOf(
  field: JsonObject,
  kind: Kind,
  ledger: Ledger,
): { choices: readonly Json[]; remarks: readonly string[] } {
  const choices = new Set<Json>();
  const remarks: string[] = [];
  for (const option of listAt(field, "options")) {
    const value = asKind(kind === "list" || kind === "any" ? "string" : kind, get(option, "value") ?? null);
    if (!isMap(option) || value === null || choices.has(value)) continue;
    ledger.take(option, "value");
    choices.add(value);
    const label = ledger.text(option, "label");
    const description = ledger.text(option, "description");
    const says = [label === null || isSame(label, String(value)) ? null : label, description];
    const more = says.filter((text) => text !== null).map((text) => oneLine(plainText(text)));
    if (more.length > 0) remarks.push(`${JSON.stringify(value)}: ${more.join(", ")}`);
  }
  // A field that one chooses from is one of choices.
  if (choices.size > 0) {
    ledger.exactly(field, "type", "select", "multiselect");
    ledger.exactly(field, "renderAs", "select", "multiselect");
  }
  return { choices: [...choices], remarks: remarks.length === 0 ? [] : [`${remarks.join("; ")}.`] };
}

/** Whether a label says no more than the value itself. */
function isSame(label: string, value: string): boolean {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, "");
  return plain(label) === plain(value);
}

function restrict(kind: Kind, choices: readonly Json[]): JsonObject {
  if (choices.length === 0) return {};
  const list = { enum: [...choices] };
  if (kind === "list") return { items: { type: "string", ...list } };
  return kind === "any" ? { type: "string", ...list } : list;
}

/** Examples, from `example` and from a placeholder that is one; another placeholder is a remark or a form's own. */
function samplesOf(
  field: JsonObject,
  kind: Kind,
  choices: readonly Json[],
  ledger: Ledger,
): { values: readonly Json[]; remarks: readonly string[] } {
  const values: Json[] = [];
  const remarks: string[] = [];
  const add = (key: string, written: Json): boolean => {
    const value = asKind(kind, written);
    if (value === null || (choices.length > 0 && !choices.includes(value))) return false;
    ledger.take(field, key);
    if (!values.some((other) => JSON.stringify(other) === JSON.stringify(value))) values.push(value);
    return true;
  };
  const example = get(field, "example");
  if (example !== undefined && example !== null) add("example", example);
  const placeholder = textAt(field, "placeholder")?.trim();
  if (placeholder === undefined || PROMPT.test(placeholder) || choices.length > 0) return { values, remarks };
  const written = placeholder.replace(/^e\.g\.,?\s*/i, "");
  const isSample = EXACT.has(kind) || written !== placeholder || SAMPLE.test(written);
  if (!(isSample && add("placeholder", written))) {
    ledger.take(field, "placeholder");
    const isSaid = textAt(field, "description")?.includes(placeholder) === true;
    if (!isSaid) remarks.push(`Hint: ${sentence(oneLine(plainText(placeholder)))}`);
  }
  return { values, remarks };
}

/** What a form says to make people fill it in. */
const PROMPT = /(?:\.\.\.|…)$|^(?:select|enter|choose|pick|search)\b/i;
/** What is a value rather than a remark: one word in small letters, or with a digit or mark, or names. */
const SAMPLE = /^[a-z][\w.-]*$|[\d@_/{]|^(?:\p{Lu}[\p{L}\d]*)(?: \p{Lu}[\p{L}\d]*)*$/u;

/** Kinds of which not every text is one. */
const EXACT: ReadonlySet<Kind> = new Set(["number", "boolean", "json"]);

function defaultOf(field: JsonObject, kind: Kind, choices: readonly Json[], ledger: Ledger): Json {
  const written = get(field, "default");
  const value = written === undefined ? null : asKind(kind, written);
  if (value === null || (choices.length > 0 && kind !== "list" && !choices.includes(value))) return null;
  ledger.take(field, "default");
  return value;
}
