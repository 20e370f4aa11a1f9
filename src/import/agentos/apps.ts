import { type Json, type JsonObject, UserError } from "../../base/index.ts";
import type { Ledger } from "../argentos/ledger.ts";
import { get, isMap, mapAt, put, textAt } from "../json.ts";
import { isForbiddenKey } from "../names.ts";
import type { Notes } from "../notes.ts";
import { ROUTING } from "./inputs.ts";
import { type AgentosFolder, readReadme } from "./source.ts";

/** What an app of AgentOS says for all its providers: its actions, its things, guidance. */
export interface App {
  readonly name: string;
  /** What actions of it say, by name. */
  readonly actions: ReadonlyMap<string, AppAction>;
  /** Names of its things, the main one first. */
  readonly things: readonly string[];
  readonly instructions: string | null;
  /** What it says anywhere of a field of a name: for parameters that an action reads without being told of them. */
  readonly known: JsonObject;
}

/** What an app says of an action. */
export interface AppAction {
  readonly description: string | null;
  readonly label: string | null;
  readonly readonly: boolean | null;
  readonly params: JsonObject;
  /** The name of the thing that it gives: `task` for `task[]`. */
  readonly returns: string | null;
}

/** Reads the schema of an app; one that is not there, or can't be read, says nothing, which is noted. */
export function readAppSchema(name: string, folder: AgentosFolder, ledger: Ledger, notes: Notes): App {
  const nothing: App = { name, actions: new Map(), things: [], instructions: null, known: {} };
  const bytes = folder.schemas.get(name);
  const file = `${name}/readme.md`;
  if (bytes === undefined) {
    const why = "it is not there, so inputs are told from templates and from what the provider says itself";
    notes.add(`the schema of the app ${name}`, file, why);
    return nothing;
  }
  try {
    const { front } = readReadme(bytes, file, notes);
    return appOf(name, front, file, ledger, notes);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    notes.add(`the schema of the app ${name}`, file, error.message);
    return nothing;
  }
}

function appOf(name: string, front: JsonObject, file: string, ledger: Ledger, notes: Notes): App {
  const things = Object.keys(mapAt(front, "schema"));
  if (things.length > 0) {
    notes.add(
      `the schema of ${things.join(", ")}`,
      file,
      "an answer is what the mapping makes of it; its fields are not described",
    );
  }
  const actions = new Map<string, AppAction>();
  for (const [key, source] of Object.entries(mapAt(front, "actions"))) {
    if (isMap(source)) actions.set(key, actionOf(source, things));
  }
  if ([...actions.values()].some(({ params }) => [...ROUTING].some((one) => Object.hasOwn(params, one)))) {
    notes.add(
      "the parameters connector and account",
      file,
      "a tool is that of one connector, and the runtime chooses the account",
    );
  }
  const known: JsonObject = {};
  const said = [
    ...Object.values(mapAt(front, "schema")),
    ...[...actions.values()].map(({ params }) => params),
  ];
  for (const [field, source] of said.flatMap((fields) => Object.entries(paramsOf(fields)))) {
    const { type, items, description } = isMap(source) ? source : {};
    if (type !== undefined)
      put(known, field, { type, ...(items ? { items } : {}), ...(description ? { description } : {}) });
  }
  return { name, actions, things, instructions: ledger.text(front, "instructions"), known };
}

function actionOf(source: JsonObject, things: readonly string[]): AppAction {
  const returns = get(source, "returns");
  const thing = typeof returns === "string" ? returns.replace(/\[\]$/, "") : null;
  const readonly = get(source, "readonly");
  return {
    description: textAt(source, "description"),
    label: textAt(source, "label"),
    readonly: typeof readonly === "boolean" ? readonly : null,
    params: paramsOf(get(source, "params")),
    returns: thing !== null && things.includes(thing) ? thing : null,
  };
}

/** Parameters by name, without those that no input of ours may have. */
export function paramsOf(source: Json | undefined): JsonObject {
  if (!isMap(source)) return {};
  return Object.fromEntries(
    Object.entries(source).filter(([name]) => /^[A-Za-z_]\w{0,63}$/.test(name) && !isForbiddenKey(name)),
  );
}
