import { existsSync, lstatSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { CODES, errno, UserError } from "../base/index.ts";
import type { AgentosFolder, NamedFile } from "../import/index.ts";
import { openRegular } from "../manifest/index.ts";

/** Larger files than this are no mappings. */
const MAX_BYTES = 1024 * 1024;
/** Entries of a provider's folder. */
const MAX_ENTRIES = 500;

/**
 * Reads a provider's folder of AgentOS, and of the folder of tools what its apps say. Links are not followed, and nothing
 * outside of the two folders is read.
 * @param given the provider's folder, and `tools` the folder of tools; null: `../../tools`, where it is there
 * @throws UserError `import.unreadable`
 */
export function readAgentosFolder(given: string, tools: string | null, cwd: string): AgentosFolder {
  const folder = resolve(cwd, given);
  const entries = namesIn(folder, given);
  if (entries.length > MAX_ENTRIES) throw unreadable(`${given} holds more than ${MAX_ENTRIES} files.`);
  const place = tools === null ? join(folder, "..", "..", "tools") : resolve(cwd, tools);
  if (tools !== null) namesIn(place, tools);
  const apps: NamedFile[] = [];
  const others: { name: string; why: string }[] = [];
  let readme: Uint8Array | null = null;
  for (const name of entries.sort()) {
    const isReadme = /^readme\.md$/i.test(name) && readme === null;
    if (!isReadme && !/^[A-Za-z0-9][A-Za-z0-9_-]*\.ya?ml$/.test(name)) {
      others.push({ name, why: "it is neither readme.md nor the mappings of an app" });
      continue;
    }
    const opened = openRegular(join(folder, name), MAX_BYTES);
    if (!("bytes" in opened)) others.push({ name, why: whyNot(opened) });
    else if (isReadme) readme = opened.bytes;
    else apps.push({ name, bytes: opened.bytes });
  }
  return { name: basename(folder), readme, apps, schemas: schemasOf(apps, place), others };
}

function whyNot(
  opened: { readonly refused: string; readonly message: string } | { readonly gone: true },
): string {
  return "message" in opened ? opened.message : "it is gone";
}

/** The readme.md of each app, as far as it is there and no link leads to it. */
function schemasOf(apps: readonly NamedFile[], place: string): Map<string, Uint8Array> {
  const schemas = new Map<string, Uint8Array>();
  for (const { name } of apps) {
    const app = name.replace(/\.ya?ml$/, "");
    const folder = join(place, app);
    if (!existsSync(folder) || !lstatSync(folder).isDirectory()) continue;
    const opened = openRegular(join(folder, "readme.md"), MAX_BYTES);
    if ("bytes" in opened) schemas.set(app, opened.bytes);
  }
  return schemas;
}

function namesIn(folder: string, given: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const code = errno(error);
    if (code === null) throw error;
    const what =
      code === "ENOTDIR" ? "is not a folder" : code === "ENOENT" ? "is not there" : `can't be read (${code})`;
    throw unreadable(`${given} ${what}.`, error);
  }
}

function unreadable(message: string, cause?: unknown): UserError {
  return new UserError("import.unreadable", message, CODES["import.unreadable"].remedy, { cause });
}
