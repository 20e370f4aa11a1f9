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
    for (const [name, text] of Object.entries(files)) await writeFile(join(made, name), text, { flag: "wx" });
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

function notWritten(path: string, error: unknown): unknown {
  const code = errno(error);
  if (code === null) return error;
  if (code === "EEXIST" || code === "ENOTEMPTY" || code === "ENOTDIR") {
    return new UserError("files.exists", `There is something at ${path} already.`, "Choose another name.");
  }
  const hint = "Mend what the message names (space, permissions), then try again.";
  return new UserError("files.not_written", `${path} can't be written (${code}).`, hint, { cause: error });
}
