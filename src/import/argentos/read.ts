import { CODES, type Json, type JsonObject, UserError } from "../../base/index.ts";
import { jsonFault } from "../../manifest/index.ts";
import { get, isMap } from "../json.ts";
import type { Notes } from "../notes.ts";
import { readDocument } from "../openapi/read.ts";

/** Larger than any list of commands that a person wrote. */
const MAX_BYTES = 2 * 1024 * 1024;

/** What a folder of ArgentOS holds: the bytes of its two files, and the names of what else is there. */
export interface ArgentosFolder {
  /** The folder's own name, such as `aos-github`. */
  readonly name: string;
  readonly connector: Uint8Array;
  /** null: there is none. */
  readonly permissions: Uint8Array | null;
  readonly others: readonly string[];
}

/** Its files as JSON. */
export interface ArgentosFiles {
  readonly connector: JsonObject;
  readonly permissions: JsonObject;
}

/**
 * Reads connector.json and permissions.json.
 * @throws UserError `import.not_json`, `import.not_argentos`, `import.too_large`
 */
export function readFiles(folder: ArgentosFolder, notes: Notes): ArgentosFiles {
  const connector = readMap(folder.connector, "connector.json", notes);
  if (!Array.isArray(get(connector, "commands"))) {
    throw notArgentos("connector.json has no list of commands.");
  }
  if (folder.permissions !== null) {
    return { connector, permissions: readMap(folder.permissions, "permissions.json", notes) };
  }
  notes.add("permissions.json", "folder", "it is not there; what a command does is told from connector.json");
  return { connector, permissions: {} };
}

function readMap(bytes: Uint8Array, file: string, notes: Notes): JsonObject {
  if (bytes.byteLength > MAX_BYTES) throw tooLarge(`${file} is larger than ${MAX_BYTES / 1024 / 1024} MiB.`);
  const text = new TextDecoder().decode(bytes);
  const fault = jsonFault(text);
  if (fault !== null) {
    const before = text.slice(0, fault).split("\n");
    const place = `line ${before.length}, column ${[...(before.at(-1) ?? "")].length + 1}`;
    throw new UserError(
      "import.not_json",
      `${file} stops being JSON at ${place}.`,
      CODES["import.not_json"].remedy,
    );
  }
  let value: Json;
  try {
    value = readDocument(text, notes);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== "import.too_large") throw error;
    throw tooLarge(error.message.replace(/^The document/, file));
  }
  if (!isMap(value)) throw notArgentos(`${file} does not hold a map.`);
  return value;
}

function tooLarge(message: string): UserError {
  return new UserError("import.too_large", message, "Give the files of one connector.");
}

function notArgentos(message: string): UserError {
  const hint = "Name the folder that holds connector.json and permissions.json.";
  return new UserError("import.not_argentos", message, hint);
}
