import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Bug, type Code, type Diagnostic, diagnostic, errno, WHOLE_FILE } from "../base/index.ts";
import { GENERATED_PATHS, isGenerated } from "../generate/index.ts";
import { TEMPORARY } from "./signature.ts";
import { removeQuietly } from "./tidy.ts";
import type { FileAction } from "./types.ts";

/** A connector's folder: where it is, and what reports call it. */
export interface Folder {
  readonly path: string;
  readonly display: string;
}

/** How the generated files of a folder stand to what they should be; `problems` keep them from being written. */
export interface Comparison {
  readonly actions: readonly FileAction[];
  readonly problems: readonly Diagnostic[];
}

// A link is not followed and a pipe not waited for. Neither flag exists on Windows.
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Longer than anything we generate: not worth reading to say that it differs. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Compares the generated files of a folder with what they should be; writes nothing. @param wanted text by path */
export function compareGenerated(folder: Folder, wanted: Readonly<Record<string, string>>): Comparison {
  const actions: FileAction[] = [];
  const problems: Diagnostic[] = [];
  for (const name of GENERATED_PATHS) {
    const path = `${folder.display}/${name}`;
    const text = wanted[name];
    const found = readExisting(join(folder.path, name));
    if ("foreign" in found || (found.text !== null && found.text !== text && !isOurs(name, found.text))) {
      // A stranger where nothing of ours belongs is nobody's business.
      if (text === undefined) continue;
      const what = "foreign" in found ? found.foreign : "It has no header of a generated file";
      problems.push(diagnostic("generated.foreign_file", path, WHOLE_FILE, `${what}, so it is left alone.`));
    } else if (text !== undefined) {
      const action = found.text === null ? "create" : found.text === text ? "unchanged" : "update";
      actions.push({ path, action });
    } else if (found.text !== null) {
      actions.push({ path, action: "delete" });
    }
  }
  return { actions, problems };
}

/** Empty files and those of NULs hold nothing of anybody's: a power cut leaves them of ours, which are never synced. */
function isOurs(name: string, text: string): boolean {
  return isGenerated(name, text) || text.replaceAll("\0", "") === "";
}

/** The text of a regular file, null where there is none, or in what way it can't be ours. */
function readExisting(path: string): { text: string | null } | { foreign: string } {
  let descriptor: number;
  try {
    // Mostly there is none, and an error costs ten times a look.
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return { text: null };
    descriptor = openSync(path, READ);
  } catch (error) {
    const code = errno(error);
    if (code === "ENOENT" || code === "ENOTDIR") return { text: null };
    if (code === "ELOOP" || code === "EMLINK") return { foreign: "It is a link" };
    return { foreign: `It can't be read (${code ?? "unknown error"})` };
  }
  try {
    const found = fstatSync(descriptor);
    if (!found.isFile()) return { foreign: "It is not a regular file" };
    if (found.size > MAX_BYTES) return { foreign: "It is too large to have been generated" };
    return { text: readFileSync(descriptor, "utf8") };
  } catch (error) {
    return { foreign: `It can't be read (${errno(error) ?? "unknown error"})` };
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Brings the generated files to what they should be. All new files are whole before the first takes its place, so a full
 * disk leaves the old ones as they are; none is synced, as each can be made again and the cache notices a torn one.
 * @returns problems; empty when everything is in place
 */
export function writeGenerated(
  folder: Folder,
  wanted: Readonly<Record<string, string>>,
  actions: readonly FileAction[],
): readonly Diagnostic[] {
  const nameOf = (action: FileAction): string => action.path.slice(folder.display.length + 1);
  // mcp.ts reads its data file: the data comes first and goes last.
  const writes = actions.filter(({ action }) => action === "create" || action === "update").reverse();
  const temporary = (at: number): string => join(folder.path, `.sentinel-${process.pid}${at}.tmp`);
  let current = folder.display;
  try {
    if (!lstatSync(folder.path).isDirectory()) throw Object.assign(new Error(), { code: "ENOTDIR" });
    for (const [at, action] of writes.entries()) {
      current = action.path;
      const text = wanted[nameOf(action)];
      if (text === undefined) throw new Bug(`no text for ${action.path}`);
      writeFileSync(temporary(at), text, { flag: "wx" });
    }
    for (const [at, action] of writes.entries()) {
      current = action.path;
      renameSync(temporary(at), join(folder.path, nameOf(action)));
    }
    for (const action of actions.filter((one) => one.action === "delete")) {
      current = action.path;
      rmSync(join(folder.path, nameOf(action)), { force: true });
    }
    return [];
  } catch (error) {
    if (error instanceof Bug) throw error;
    for (const at of writes.keys()) removeQuietly(temporary(at));
    return [writeProblem("generated.not_written", current, errno(error))];
  }
}

function writeProblem(code: Code, path: string, why: string | null): Diagnostic {
  return diagnostic(code, path, WHOLE_FILE, `The file could not be written (${why ?? "unknown error"}).`);
}

/** Removes what killed processes left of their unfinished files in a folder. */
export function sweepFolder(folder: string): void {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return; // reading it says what is wrong
  }
  for (const name of names) if (TEMPORARY.test(name)) removeQuietly(join(folder, name));
}
