import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { mkdtemp, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { errno, isRunning, UserError } from "../base/index.ts";

/** A folder that is being made, with the process that makes it. */
const BEGUN = /^\.sentinel-new-(\d+)-/;

/**
 * Makes a folder with its files, all at once: it is complete from the moment that it has its name.
 * @throws UserError `files.exists`, `files.not_written`
 */
export async function writeFolder(path: string, files: Readonly<Record<string, string>>): Promise<void> {
  let made: string | null = null;
  try {
    mkdirSync(dirname(path), { recursive: true });
    sweep(dirname(path), BEGUN);
    made = await mkdtemp(join(dirname(path), `.sentinel-new-${process.pid}-`));
    // A temporary folder is its maker's alone; this one is for whoever reads the folder that it is in.
    chmodSync(made, statSync(dirname(path)).mode & 0o777);
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

/** What an interrupted change left behind, within the place that it was given. */
const STAGE = /^\.stage-(\d+)$/;
const COMMIT = ".commit";
/** The paths that go, beside the staged files. */
const GONE = ".gone.json";

/**
 * Changes files of a folder so that whatever ends the process leaves all of them as they were, or a change that
 * `finishChange` brings to its end: every text is whole in one place before that place gets the name that makes it count.
 * @param place a folder within `folder`, for what is not finished
 * @throws UserError `files.not_written`
 */
export async function commitFiles(
  folder: string,
  place: string,
  changes: Readonly<Record<string, string | null>>,
): Promise<void> {
  const stage = join(folder, place, `.stage-${process.pid}`);
  try {
    rmSync(stage, { recursive: true, force: true });
    mkdirSync(stage, { recursive: true });
    for (const [name, text] of Object.entries(changes)) {
      refuseLinks(folder, name);
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      // What could not be moved there later would leave the change halfway.
      accessSync(dirname(join(folder, name)), constants.W_OK);
      if (text === null) continue;
      mkdirSync(dirname(join(stage, name)), { recursive: true });
      await writeFile(join(stage, name), text);
    }
    const gone = Object.keys(changes).filter((name) => changes[name] === null);
    await writeFile(join(stage, GONE), JSON.stringify(gone));
    await rename(stage, join(folder, place, COMMIT));
  } catch (error) {
    rmSync(stage, { recursive: true, force: true });
    throw notWritten(folder, error);
  }
  await finishChange(folder, place);
}

/**
 * Brings a change that was interrupted to its end, and takes away what another one had only begun with.
 * @throws UserError `files.not_written`
 */
export async function finishChange(folder: string, place: string): Promise<void> {
  const commit = join(folder, place, COMMIT);
  try {
    sweep(join(folder, place), STAGE);
    if (!existsSync(commit)) return;
    const gone: readonly string[] = JSON.parse(readFileSync(join(commit, GONE), "utf8"));
    const staged = readdirSync(commit, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== GONE)
      .map((entry) => relative(commit, join(entry.parentPath, entry.name)));
    for (const name of staged.sort()) {
      refuseLinks(folder, name);
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      await rename(join(commit, name), join(folder, name));
    }
    for (const name of gone) rmSync(join(folder, name), { force: true });
    rmSync(commit, { recursive: true, force: true });
  } catch (error) {
    throw notWritten(folder, error);
  }
}

/** @throws an error like the system's where the way to a file leads out of the folder by a link */
function refuseLinks(folder: string, name: string): void {
  for (let below = dirname(name); below !== "."; below = dirname(below)) {
    const found = lstatSync(join(folder, below), { throwIfNoEntry: false });
    if (found !== undefined && !found.isDirectory())
      throw Object.assign(new Error(below), { code: "ENOTDIR" });
  }
}

/** Takes away what processes that are gone had begun; `named` finds the process in a name. */
function sweep(folder: string, named: RegExp): void {
  for (const name of readdirSync(folder)) {
    const pid = named.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) {
      rmSync(join(folder, name), { recursive: true, force: true });
    }
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
