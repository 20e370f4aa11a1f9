import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errno, UserError } from "../base/index.ts";

/**
 * Makes a folder with its files, all at once: it is complete from the moment that it has its name.
 * @throws UserError `files.exists`, `files.not_written`
 */
export async function writeFolder(path: string, files: Readonly<Record<string, string>>): Promise<void> {
  let made: string | null = null;
  try {
    mkdirSync(dirname(path), { recursive: true });
    made = await mkdtemp(join(dirname(path), ".sentinel-new-"));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(made, name)), { recursive: true });
      await writeFile(join(made, name), text, { flag: "wx" });
    }
    await rename(made, path);
  } catch (error) {
    if (made !== null) rmSync(made, { recursive: true, force: true });
    throw notWritten(path, error);
  }
}

/** Writes a file by way of a temporary one. @throws UserError `files.not_written` */
export async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.sentinel-${basename(path)}.${process.pid}.tmp`);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw notWritten(path, error);
  }
}

/**
 * Changes files of a folder, which is made if it is not there: all new texts are written under other names first, so that
 * what keeps one of them from being written leaves everything as it is. Null: the file goes.
 * @throws UserError `files.not_written`
 */
export async function changeFiles(
  folder: string,
  changes: Readonly<Record<string, string | null>>,
): Promise<void> {
  const staged: [temporary: string, path: string][] = [];
  try {
    for (const [name, text] of Object.entries(changes)) {
      if (text === null) continue;
      const path = join(folder, name);
      const temporary = join(dirname(path), `.sentinel-${basename(path)}.${process.pid}.tmp`);
      mkdirSync(dirname(path), { recursive: true });
      staged.push([temporary, path]);
      await writeFile(temporary, text);
    }
    for (const [temporary, path] of staged) await rename(temporary, path);
    for (const [name, text] of Object.entries(changes)) {
      if (text === null) rmSync(join(folder, name), { force: true });
    }
  } catch (error) {
    for (const [temporary] of staged) rmSync(temporary, { force: true });
    throw notWritten(folder, error);
  }
}

function notWritten(path: string, error: unknown): unknown {
  const code = errno(error);
  if (code === null) return error;
  if (code === "EEXIST" || code === "ENOTEMPTY" || code === "ENOTDIR") {
    return new UserError("files.exists", `There is something at ${path} already.`, "Choose another name.");
  }
  const hint = "Mend what the message names (space, permissions), then try again.";
  return new UserError("files.not_written", `${path} can't be written (${code}).`, hint, { cause: error });
}
