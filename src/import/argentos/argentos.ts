import { type JsonObject, UserError } from "../../base/index.ts";
import { LIST, MAX_TOOLS, nameProblem, TEXT } from "../../manifest/index.ts";
import { writeFolder } from "../folder.ts";
import { get, mapAt, textAt } from "../json.ts";
import { wordsOf } from "../names.ts";
import { Notes } from "../notes.ts";
import { cut, describe, oneLine, plainText } from "../text.ts";
import type { Draft, DraftTool, Imported, Readme } from "../types.ts";
import { commandsOf, toolNames, toolOf } from "./commands.ts";
import { Inputs } from "./inputs.ts";
import { Ledger } from "./ledger.ts";
import { type ArgentosFiles, type ArgentosFolder, readFiles } from "./read.ts";
import { GATE, reasonFor } from "./reasons.ts";
import { ServiceKeys, takeDefaults } from "./service-keys.ts";

export interface ArgentosOptions {
  /** The connector's provider_slug; made from the connector's own name if absent. */
  readonly slug?: string;
}

/** How ArgentOS signs in, as the ways that tenants have. */
const MODES: Readonly<Record<string, string>> = {
  "service-key": "byok",
  oauth2: "oauth",
  "oauth-service-key": "oauth",
};

/**
 * Makes a connector's folder of an ArgentOS connector: its commands as declared tools, which nothing can call until they
 * say how they do their work; its worker fields as their inputs; its service keys as names in the vault and fields of the
 * account. Whatever is not carried over is noted, known or not. Pure: the same files give the same bytes.
 * @throws UserError `import.not_json`, `import.not_argentos`, `import.too_large`, `import.slug`
 */
export async function importArgentos(
  folder: ArgentosFolder,
  options: ArgentosOptions = {},
): Promise<Imported> {
  const notes = new Notes();
  const files = readFiles(folder, notes);
  const { draft, carried } = draftOf(files, folder, options, notes);
  for (const name of folder.others) {
    notes.add(`the file ${name}`, "folder", "only connector.json and permissions.json describe a connector");
  }
  return writeFolder(draft, carried, notes);
}

function draftOf(
  { connector, permissions }: ArgentosFiles,
  folder: ArgentosFolder,
  options: ArgentosOptions,
  notes: Notes,
): { draft: Draft; carried: Record<string, number> } {
  const ledger = new Ledger();
  const slug = slugOf(connector, permissions, folder, options, ledger);
  const scope = get(connector, "scope");
  const commands = commandsOf(connector, ledger);
  if (commands.length > MAX_TOOLS) throw tooMany(commands.length);
  const names = toolNames(commands);
  const keys = new ServiceKeys(connector, slug, ledger);
  takeDefaults(scope, names, keys, ledger);
  const pickers = mapAt(scope, "pickerHints");
  const inputs = new Inputs(scope, commands, { pickers, tools: names, ledger, notes });
  const allowed = mapAt(permissions, "permissions");
  const tools = commands.map((command): DraftTool => {
    const permission = get(allowed, command.id);
    return toolOf(command, names.get(command.id) ?? "", permission, inputs, ledger, notes);
  });
  notePermissions(allowed, names, ledger, notes);
  const fields = fieldsOf(connector, slug, keys, ledger, notes);
  const readme = readmeOf(connector, folder, tools.length, ledger);
  ledger.note(connector, "connector.json", reasonFor, notes);
  ledger.note(permissions, "permissions.json", reasonFor, notes);
  const draft: Draft = { slug, fields, schemas: new Map(), tools, readme };
  return { draft, carried: { tools: tools.length } };
}

/** A permission is a gate beside firearms, so none comes over; of what a tool does it says no more than its mode. */
function notePermissions(
  permissions: JsonObject,
  tools: ReadonlyMap<string, string>,
  ledger: Ledger,
  notes: Notes,
): void {
  for (const [id, permission] of Object.entries(permissions)) {
    if (typeof permission !== "string") continue;
    ledger.take(permissions, id);
    const why = tools.has(id) ? GATE : `connector.json has no such command; ${GATE}`;
    notes.add(`the permission ${JSON.stringify(permission)}`, `permissions.json: ${id}`, why);
  }
}

/** @throws UserError `import.slug` */
function slugOf(
  connector: JsonObject,
  permissions: JsonObject,
  folder: ArgentosFolder,
  options: ArgentosOptions,
  ledger: Ledger,
): string {
  const own = textAt(connector, "tool") ?? textAt(permissions, "tool") ?? folder.name;
  const slug = options.slug ?? own.replace(/^aos-/, "");
  if (nameProblem(slug) !== null) {
    const message = `${JSON.stringify(cut(slug, 100))} is not a name for a connector's folder.`;
    const hint = "Give one with --slug: lower-case letters, digits and single - or _ between them.";
    throw new UserError("import.slug", message, hint);
  }
  if (slug === own.replace(/^aos-/, "")) {
    ledger.exactly(connector, "tool", own);
    ledger.exactly(permissions, "tool", own);
  }
  return slug;
}

/** The manifest's fields in the order of writing. */
function fieldsOf(
  connector: JsonObject,
  slug: string,
  keys: ServiceKeys,
  ledger: Ledger,
  notes: Notes,
): JsonObject {
  const about = mapAt(connector, "connector");
  const label = cut(oneLine(plainText(ledger.text(about, "label") ?? "")), TEXT.display_name);
  const summary = summaryOf(about, ledger);
  const instructions = describe(
    ledger.text(get(connector, "scope"), "summary"),
    "scope/summary",
    notes,
    TEXT.long,
  );
  const secrets = keys.secrets.slice(0, LIST.short);
  const facts = keys.facts.slice(0, LIST.short);
  const lost = keys.secrets.length + keys.facts.length - secrets.length - facts.length;
  if (lost > 0) notes.add(`${lost} service keys`, "auth", `a manifest lists at most ${LIST.short} of a kind`);
  return {
    manifest_version: 1,
    provider_slug: slug,
    display_name: label === "" ? nameOf(slug) : label,
    ...(summary === null ? {} : { summary }),
    ...(instructions === "" ? {} : { instructions }),
    auth: secrets.length === 0 ? { type: "none" } : { type: "keys", keys: secrets },
    ...modeOf(connector, secrets.length > 0, ledger),
    ...(facts.length === 0 ? {} : { account_fields: facts }),
  };
}

/** `auth_mode`, where it does not follow from `auth`. */
function modeOf(connector: JsonObject, hasKeys: boolean, ledger: Ledger): JsonObject {
  const auth = get(connector, "auth");
  if (hasKeys) ledger.exactly(auth, "required", true);
  const kind = textAt(auth, "kind") ?? "";
  const mode = Object.hasOwn(MODES, kind) ? MODES[kind] : undefined;
  if (mode === undefined) return kind.startsWith("oauth") ? { auth_mode: "oauth" } : {};
  if (kind !== "oauth-service-key") ledger.exactly(auth, "kind", kind);
  return mode === "byok" && hasKeys ? {} : { auth_mode: mode };
}

/** One sentence of what the connector works with, of words alone: a text of somebody's may be more than a sentence. */
function summaryOf(about: JsonObject, ledger: Ledger): string | null {
  const things: string[] = [];
  const list = get(about, "resources");
  for (const [index, item] of Array.isArray(list) ? list.entries() : []) {
    const words = typeof item === "string" ? wordsOf(item).join(" ") : "";
    const longer = `Works with ${[...things, words].join(", ")} and others.`;
    if (words === "" || longer.length > TEXT.summary) continue;
    things.push(words);
    if (Array.isArray(list)) ledger.take(list, index);
  }
  if (things.length === 0) return null;
  const last = things.length > 1 ? ` and ${things.pop()}` : "";
  return `Works with ${things.join(", ")}${last}.`;
}

function nameOf(slug: string): string {
  return slug
    .split(/[-_]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
}

function readmeOf(connector: JsonObject, folder: ArgentosFolder, count: number, ledger: Ledger): Readme {
  const steps = ledger
    .texts(get(connector, "auth"), "interactive_setup")
    .map((step) => oneLine(plainText(step)));
  const setUp =
    steps.length === 0
      ? {}
      : { setUp: ["As ArgentOS says:", "", ...steps.map((step) => `- ${step}`)].join("\n") };
  const name = cut(oneLine(plainText(folder.name)), 100);
  return {
    about: `Imported from the ArgentOS connector \`${name.replaceAll("`", "'")}\`: ${count} declared tools.`,
    ...setUp,
    sources: [`ArgentOS connector: \`${name.replaceAll("`", "'")}\``],
    limitations: [
      "No tool says how it does its work: ArgentOS has that in Python. Each is declared only, and can't be approved or served until it has `rest`, `graphql`, `sql`, `steps` or a `handler`.",
      "What a tool does was told from its mode and its class of action; look at `side_effecting` and `destructive` before you approve.",
    ],
  };
}

function tooMany(count: number): UserError {
  const message = `The connector has ${count} commands, and a connector of ours holds ${MAX_TOOLS} tools.`;
  return new UserError("import.too_large", message, "Split it into several connectors.");
}
