import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Bug, type Code, type Diagnostic, diagnostic, errno, WHOLE_FILE } from "../base/index.ts";
import { GENERATED_PATHS, isGenerated } from "../generate/index.ts";
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
  /** By name, what those that are as they should be look like from outside: until that changes they stay so. */
  readonly standing: ReadonlyMap<string, Stats>;
}

// A link is not followed and a pipe not waited for. Neither flag exists on Windows.
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Longer than anything we generate: not worth reading to say that it differs. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Compares the generated files of a folder with what they should be; writes nothing. @param wanted text by path */
export function compareGenerated(folder: Folder, wanted: Readonly<Record<string, string>>): Comparison {
  const actions: FileAction[] = [];
  const problems: Diagnostic[] = [];
  const standing = new Map<string, Stats>();
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
      if (action === "unchanged" && found.text !== null) standing.set(name, found.stats);
    } else if (found.text !== null) {
      actions.push({ path, action: "delete" });
    }
  }
  return { actions, problems, standing };
}

/** Empty files and those of NULs hold nothing of anybody's: a power cut leaves them of ours, which are never synced. */
function isOurs(name: string, text: string): boolean {
  return isGenerated(name, text) || text.replaceAll("\0", "") === "";
}

/** What stands at the path of a generated file: a text, nothing, or something that can't be ours, and in what way. */
type Existing = { text: string; stats: Stats } | { text: null } | { foreign: string };

function readExisting(path: string): Existing {
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
    return { text: readFileSync(descriptor, "utf8"), stats: found };
  } catch (error) {
    return { foreign: `It can't be read (${errno(error) ?? "unknown error"})` };
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Brings the generated files to what they should be. All new files are whole before the first takes its place, so a full
 * disk leaves the old ones as they are; none is synced, as each can be made again and the cache notices a torn one.
 * @returns the comparison as it is then; without problems when everything is in place
 */
export function writeGenerated(
  folder: Folder,
  wanted: Readonly<Record<string, string>>,
  { actions, standing: before }: Comparison,
): Comparison {
  const nameOf = (action: FileAction): string => action.path.slice(folder.display.length + 1);
  // mcp.ts reads its data file: the data comes first and goes last.
  const writes = actions.filter(({ action }) => action === "create" || action === "update").reverse();
  const temporary = (at: number): string => join(folder.path, `.sentinel-${process.pid}${at}.tmp`);
  const standing = new Map(before);
  const written: Stats[] = [];
  let current = folder.display;
  try {
    if (!lstatSync(folder.path).isDirectory()) throw Object.assign(new Error(), { code: "ENOTDIR" });
    for (const [at, action] of writes.entries()) {
      current = action.path;
      const text = wanted[nameOf(action)];
      if (text === undefined) throw new Bug(`no text for ${action.path}`);
      written.push(writeNew(temporary(at), text));
    }
    for (const [at, action] of writes.entries()) {
      current = action.path;
      const path = join(folder.path, nameOf(action));
      renameSync(temporary(at), path);
      // Renaming changes the ctime, and nothing else of a file that is still ours.
      const found = lstatSync(path);
      if (isSame(found, written[at])) standing.set(nameOf(action), found);
    }
    for (const action of actions.filter((one) => one.action === "delete")) {
      current = action.path;
      rmSync(join(folder.path, nameOf(action)), { force: true });
    }
    return { actions, problems: [], standing };
  } catch (error) {
    if (error instanceof Bug) throw error;
    for (const at of writes.keys()) removeQuietly(temporary(at));
    return { actions, problems: [writeProblem("generated.not_written", current, errno(error))], standing };
  }
}

function writeNew(path: string, text: string): Stats {
  const descriptor = openSync(path, "wx");
  try {
    writeFileSync(descriptor, text);
    return fstatSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function isSame(found: Stats, written: Stats | undefined): boolean {
  return found.ino === written?.ino && found.size === written.size && found.mtimeMs === written.mtimeMs;
}

function writeProblem(code: Code, path: string, why: string | null): Diagnostic {
  return diagnostic(code, path, WHOLE_FILE, `The file could not be written (${why ?? "unknown error"}).`);
}
