import { type Json, type JsonObject, UserError } from "../../base/index.ts";
import { get, isMap } from "../json.ts";
import type { Notes } from "../notes.ts";
import { readDocument } from "../openapi/read.ts";

/** A file of a folder: its name and its bytes. */
export interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What is there of a provider of AgentOS, read already. */
export interface AgentosFolder {
  /** The folder's own name. */
  readonly name: string;
  /** readme.md; null: there is none. */
  readonly readme: Uint8Array | null;
  /** `<app>.yaml` files. */
  readonly apps: readonly NamedFile[];
  /** The readme.md of each app in the folder of tools, by the app's name. */
  readonly schemas: ReadonlyMap<string, Uint8Array>;
  /** What else is in the folder, and why it is not carried over. */
  readonly others: readonly { readonly name: string; readonly why: string }[];
}

/** A readme.md: the YAML at its top, and the Markdown below. */
export interface Readme {
  readonly front: JsonObject;
  readonly body: string;
}

/** Values of one file. */
const MAX_VALUES = 100_000;
const FRONT = /^---[^\S\n]*\n([\s\S]*?)(?:^|\n)---[^\S\n]*(?:\n|$)/;

/**
 * Reads a readme.md with YAML at its top.
 * @param file what messages call it
 * @throws UserError `import.not_agentos` where there is none, `import.unreadable`, `import.too_large`
 */
export function readReadme(bytes: Uint8Array, file: string, notes: Notes): Readme {
  const text = new TextDecoder().decode(bytes).replace(/\r\n?/g, "\n");
  const front = FRONT.exec(text);
  if (front === null) throw notAgentos(`${file} does not begin with a block of YAML between lines of ---.`);
  const value = readYaml(front[1] ?? "", file, notes);
  if (!isMap(value)) throw notAgentos(`The block at the top of ${file} is not a map of fields.`);
  return { front: value, body: text.slice(front[0].length) };
}

/**
 * Reads the mappings of an app.
 * @throws UserError `import.not_agentos`, `import.unreadable`, `import.too_large`
 */
export function readApp({ name, bytes }: NamedFile, notes: Notes): JsonObject {
  const value = readYaml(bytes, name, notes);
  if (isMap(value) && (isMap(get(value, "actions")) || isMap(get(value, "extended_actions")))) return value;
  throw notAgentos(`${name} has no map of actions.`);
}

function readYaml(source: string | Uint8Array, file: string, notes: Notes): Json {
  try {
    const value = readDocument(source, notes);
    // Aliases make much of little.
    if (sizeOf(value, MAX_VALUES) > MAX_VALUES) {
      throw new UserError(
        "import.too_large",
        `${file} holds more than ${MAX_VALUES} values.`,
        "Import a folder with fewer actions.",
      );
    }
    return value;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const message = error.message
      .replace(/^The document/, file)
      .replace("is neither JSON nor YAML", "is not YAML");
    throw new UserError(error.code, message, "Correct the file, and import again.", { cause: error });
  }
}

/** How many values there are, each as often as it is there; not counted beyond a limit. */
function sizeOf(value: Json, limit: number): number {
  if (typeof value !== "object" || value === null) return 1;
  let size = 1;
  for (const item of Object.values(value)) {
    size += sizeOf(item, limit - size);
    if (size > limit) break;
  }
  return size;
}

/** The error of a folder that is none of AgentOS. */
export function notAgentos(message: string): UserError {
  const hint =
    "Name a provider's folder: a readme.md with YAML at its top, and <app>.yaml files with actions.";
  return new UserError("import.not_agentos", message, hint);
}
