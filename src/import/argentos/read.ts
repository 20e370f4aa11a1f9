import { type Json, type JsonObject, UserError } from "../../base/index.ts";
import { get, isMap } from "../json.ts";
import type { Notes } from "../notes.ts";
import { readDocument } from "../openapi/read.ts";

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
  let value: Json;
  try {
    value = readDocument(bytes, notes);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const message = error.message.replace(/^The document/, file);
    const code = error.code === "import.unreadable" ? "import.not_json" : error.code;
    throw new UserError(code, message, "Write strict JSON: double quotes, no comments.", { cause: error });
  }
  if (!isMap(value)) throw notArgentos(`${file} does not hold a map.`);
  return value;
}

function notArgentos(message: string): UserError {
  const hint = "Name the folder that holds connector.json and permissions.json.";
  return new UserError("import.not_argentos", message, hint);
}
