import type { Json, JsonObject } from "../../base/index.ts";
import { TEXT } from "../../manifest/index.ts";
import { get, isMap, listAt, mapAt, textAt } from "../json.ts";
import { uniqueNames, wordsOf } from "../names.ts";
import type { Notes } from "../notes.ts";
import { plainText, shortened } from "../text.ts";
import type { DraftTool } from "../types.ts";
import type { Inputs } from "./inputs.ts";
import type { Ledger } from "./ledger.ts";

/** Longer names break clients. */
const MAX_NAME = 44;

/** A command of connector.json. */
export interface Command {
  readonly id: string;
  readonly value: JsonObject;
}

/** The commands of a connector, each id once. A second one of the same id is not taken. */
export function commandsOf(connector: JsonObject, ledger: Ledger): Command[] {
  const seen = new Set<string>();
  return listAt(connector, "commands").flatMap((value) => {
    const id = textAt(value, "id");
    if (!isMap(value) || typeof value.id !== "string" || id === null || seen.has(id)) return [];
    seen.add(id);
    ledger.take(value, "id");
    return [{ id, value }];
  });
}

/** The names of tools by the ids of commands: `issue.create` is `issue_create`. */
export function toolNames(commands: readonly Command[]): Map<string, string> {
  const wishes = commands.map(({ id }) => {
    const name = wordsOf(id).join("_");
    return { identity: id, wish: /^[a-z]/.test(name) ? name : `run_${name}`.replace(/_$/, "") };
  });
  return uniqueNames(wishes, MAX_NAME);
}

/** How much a command may do: ArgentOS' modes, from the least to the most. */
const MODES: Readonly<Record<string, number>> = { readonly: 0, read: 0, write: 1, full: 2, admin: 2 };
/** Classes of actions, likewise. */
const CLASSES: Readonly<Record<string, number>> = {
  read: 0,
  write: 1,
  admin: 2,
  delete: 2,
  destroy: 2,
  destructive: 2,
  irreversible: 2,
  purge: 2,
};

/**
 * What a command does, by the most that its mode, its class and its permission say: from `write` on it changes something,
 * `full` and what destroys is destructive. Where none says it, it changes something.
 */
function effectsOf(command: JsonObject, permission: Json | undefined, ledger: Ledger): JsonObject {
  const ranks = [
    rankOf(MODES, get(command, "required_mode")),
    rankOf(CLASSES, get(command, "action_class")),
    rankOf(MODES, permission),
  ];
  if (ranks[0] !== undefined) ledger.take(command, "required_mode");
  if (ranks[1] !== undefined) ledger.take(command, "action_class");
  const known = ranks.filter((rank) => rank !== undefined);
  const rank = known.length === 0 ? 1 : Math.max(...known);
  return {
    ...(rank >= 1 ? { side_effecting: true } : {}),
    ...(rank >= 2 ? { destructive: true } : {}),
  };
}

function rankOf(ranks: Readonly<Record<string, number>>, word: Json | undefined): number | undefined {
  return typeof word === "string" && Object.hasOwn(ranks, word) ? ranks[word] : undefined;
}

/** A command as a declared tool: all of a tool but how it does its work, which ArgentOS has in Python. */
export function toolOf(
  { id, value }: Command,
  name: string,
  permission: Json | undefined,
  inputs: Inputs,
  ledger: Ledger,
  notes: Notes,
): DraftTool {
  const capability = capabilityOf(id, value, ledger);
  const said = [ledger.text(value, "summary"), ...answerOf(mapAt(value, "response_hints"), ledger)];
  const text = said.map((part) => plainText(part ?? "")).filter((part) => part !== "");
  const description = shortened(text.join("\n\n"), id, notes, TEXT.description);
  ledger.exactly(value, "supports_json", true);
  const tool: JsonObject = {
    name,
    ...(capability === null ? {} : { capability }),
    ...(description === "" ? {} : { description }),
    ...effectsOf(value, permission, ledger),
    ...inputs.of({ id, value }),
  };
  return { tool, group: textAt(value, "resource") ?? "other" };
}

/** `issue.create` is a capability already; a command of one word is one of its resource. */
function capabilityOf(id: string, command: JsonObject, ledger: Ledger): string | null {
  const parts = id.split(".").map((part) => wordsOf(part).join("_"));
  const resource = wordsOf(textAt(command, "resource") ?? "").join("_");
  const verb = parts.at(-1) ?? "";
  const noun = parts.length > 1 ? parts.slice(0, -1).join("_") : resource;
  const capability = `${noun}.${verb}`;
  if (!/^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/.test(capability) || capability.length > TEXT.name) return null;
  if (resource === noun) ledger.text(command, "resource");
  return capability;
}

/** What is said of a command's answer, for its description. */
function answerOf(hints: JsonObject, ledger: Ledger): string[] {
  const fields = ledger.texts(hints, "normalized_fields");
  const description = ledger.text(hints, "description");
  const kind = fields.length === 0 ? null : ledger.text(hints, "type");
  return [
    ...(fields.length === 0
      ? []
      : [`Answers${kind === null ? "" : ` as ${kind}`} with ${fields.join(", ")}.`]),
    ...(description === null ? [] : [description]),
  ];
}
