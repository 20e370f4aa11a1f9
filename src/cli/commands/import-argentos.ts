import { readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { errno, UserError } from "../../base/index.ts";
import { type ArgentosFolder, importArgentos } from "../../import/index.ts";
import { shownPath } from "../config.ts";
import type { CommandModule } from "../definitions.ts";
import { land, landingOf } from "../importing.ts";
import { readInput } from "../inputs.ts";
import { argument, textOption } from "../options.ts";

/** Larger than any list of commands that a person wrote. */
const MAX_BYTES = 2 * 1024 * 1024;
const CONNECTOR = "connector.json";
const PERMISSIONS = "permissions.json";

/** `sentinel import argentos`. */
export const run: CommandModule["run"] = async (context, given) => {
  const { cwd } = context.settings.workspace;
  const path = resolve(cwd, argument(given, 0));
  const slug = textOption(given, "slug");
  const folder = readFolder(path, shownPath(cwd, path));
  const imported = await importArgentos(folder, slug === null ? {} : { slug });
  return land(context, imported, landingOf(given));
};

/** @throws UserError where the folder is not one of ArgentOS */
function readFolder(path: string, display: string): ArgentosFolder {
  const names = list(path, display);
  if (!names.includes(CONNECTOR)) throw notArgentos(`${display} holds no ${CONNECTOR}.`);
  const read = (name: string): Buffer => readInput(join(path, name), `${display}/${name}`, MAX_BYTES);
  return {
    name: basename(path),
    connector: read(CONNECTOR),
    permissions: names.includes(PERMISSIONS) ? read(PERMISSIONS) : null,
    others: names.filter((name) => name !== CONNECTOR && name !== PERMISSIONS).sort(),
  };
}

function list(path: string, display: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    const code = errno(error);
    if (code === "ENOENT" || code === "ENOTDIR") throw notArgentos(`${display} is no folder.`);
    const hint = "Name a folder that you may read.";
    throw new UserError("import.unreadable", `${display} can't be read (${code}).`, hint, { cause: error });
  }
}

function notArgentos(message: string): UserError {
  const hint = "Name the folder that holds connector.json and permissions.json.";
  return new UserError("import.not_argentos", message, hint);
}
