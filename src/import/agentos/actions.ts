import type { Json, JsonObject } from "../../base/index.ts";
import { LIST, TEXT } from "../../manifest/index.ts";
import type { Ledger } from "../argentos/ledger.ts";
import { get, isMap, mapAt } from "../json.ts";
import { wordsOf } from "../names.ts";
import type { Notes } from "../notes.ts";
import { cut, oneLine, plainText, shortened } from "../text.ts";
import type { App, AppAction } from "./apps.ts";
import { paramsOf } from "./apps.ts";
import { effectsOf } from "./effects.ts";
import { executionOf, type Given } from "./execution.ts";
import { inputOf, ROUTING } from "./inputs.ts";
import { Workbench } from "./values.ts";

/** An action of a provider, and what its app says of it. */
export interface Action {
  /** `tasks.list` */
  readonly identity: string;
  readonly name: string;
  readonly app: App;
  readonly source: Json;
  readonly scopes: readonly string[];
}

/** What an input says of a parameter. */
const SAID = [
  "type",
  "description",
  "required",
  "default",
  "values",
  "enum",
  "min",
  "max",
  "items",
  "properties",
];
const NO_ACTION: AppAction = { description: null, label: null, readonly: null, params: {}, returns: null };

/** Makes the tool of an action. */
export function toolOf(action: Action, name: string, given: Given, ledger: Ledger, notes: Notes): JsonObject {
  const { identity, app, source } = action;
  const schema = app.actions.get(action.name) ?? NO_ACTION;
  const own = paramsOf(get(source, "params"));
  const params = merged(schema.params, own);
  const known = { ...app.known, ...params };
  const bench = new Workbench(identity, known, notes);
  const execution = executionOf(source, bench, given, ledger);
  const readonly = get(source, "readonly");
  if (isMap(source) && typeof readonly === "boolean") ledger.take(source, "readonly");
  const effects = effectsOf(
    action.name,
    typeof readonly === "boolean" ? readonly : schema.readonly,
    execution,
  );
  if (effects.contradicted)
    notes.add("readonly", identity, "its request changes something, so the tool is side_effecting");
  takeParams(source, ledger);
  const input = inputOf(known, bench.uses, Object.keys(own), identity, notes);
  noteUnused(action, schema, bench, own, notes);
  const title = oneLine(plainText((ledger.text(source, "label") ?? schema.label ?? "").slice(0, 1000)));
  const description =
    ledger.text(source, "description") ?? schema.description ?? (title === "" ? identity : title);
  const { side_effecting, destructive, idempotent } = effects;
  return {
    name,
    capability: capabilityOf(action, schema),
    ...(title === "" ? {} : { title: cut(title, TEXT.display_name) }),
    description: shortened(plainText(description.slice(0, 20_000)), identity, notes, TEXT.description),
    ...(action.scopes.length === 0 ? {} : { scopes: action.scopes.slice(0, LIST.short) }),
    ...(side_effecting ? { side_effecting } : {}),
    ...(destructive ? { destructive } : {}),
    ...(idempotent ? { idempotent } : {}),
    input,
    ...execution,
  };
}

/** What is carried over of the parameters that the provider declares itself. */
function takeParams(source: Json, ledger: Ledger): void {
  const params = mapAt(source, "params");
  for (const [name, param] of Object.entries(paramsOf(params))) {
    if (!isMap(param)) ledger.take(params, name);
    else for (const key of SAID) if (Object.hasOwn(param, key)) ledger.take(param, key);
  }
}

/** What an app says of its parameters, and over it what the provider says. */
function merged(schema: JsonObject, own: JsonObject): JsonObject {
  const params: JsonObject = { ...schema };
  for (const [name, value] of Object.entries(own)) {
    const before = get(schema, name);
    params[name] = isMap(before) && isMap(value) ? { ...before, ...value } : value;
  }
  return params;
}

/** What the app has an agent give, and this provider does nothing with. */
function noteUnused(
  { identity }: Action,
  schema: AppAction,
  bench: Workbench,
  own: JsonObject,
  notes: Notes,
): void {
  for (const name of Object.keys(schema.params)) {
    if (bench.uses.has(name) || Object.hasOwn(own, name) || ROUTING.has(name)) continue;
    notes.add(`the parameter ${name}`, identity, "the provider does nothing with it");
  }
}

/** What the tool is about, from what it returns or its app, and what it does, from its name. */
function capabilityOf({ name, app }: Action, schema: AppAction): string {
  const words = wordsOf(name);
  const main = [schema.returns, app.things[0]].find((thing) => thing != null && !/result$/.test(thing));
  const noun = singular(wordsOf(main ?? app.name).join("_"));
  const [verb = "call", ...rest] = words;
  if (verb === "get" && rest.length > 0) {
    const thing = rest.join("_");
    return pair(singular(thing), thing === singular(thing) ? "read" : "list");
  }
  // `projects` lists projects.
  if (rest.length === 0 && singular(verb) !== verb) return pair(singular(verb), "list");
  return pair(noun, verb === "get" ? "read" : words.join("_"));
}

function pair(noun: string, verb: string): string {
  return [noun, verb]
    .map((word) => (/^[a-z]/.test(word) ? word : `x_${word}`).slice(0, 60).replace(/_+$/, ""))
    .join(".");
}

function singular(word: string): string {
  if (word.length < 4 || /(?:ss|us|is|series|news)$/.test(word)) return word;
  return /ies$/.test(word) ? `${word.slice(0, -3)}y` : word.replace(/s$/, "");
}

/** Whether an action is one that the import can look at at all. */
export function isAction(source: Json): boolean {
  return isMap(source) || (Array.isArray(source) && source.length > 0 && source.every((step) => isMap(step)));
}

/** Whether a tool has something to do its work with. */
export function hasExecutor(tool: JsonObject): boolean {
  return ["rest", "graphql", "sql", "applescript", "steps"].some((key) => Object.hasOwn(tool, key));
}
