import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PACKAGE_ROOT, UserError } from "../../base/index.ts";
import { ChildFailed, inChild } from "../../runtime/index.ts";
import type { BuildAnswer, BuildJob } from "./child.ts";
import { type Place, placeOf } from "./declaration.ts";

/** Running a declaration takes a moment; what takes longer waits for something that it will not get. */
const MAX_MS = 20_000;
/** Characters of what it declares: more than fit a connector's folder. */
const MAX_ANSWER = 32 * 1024 * 1024;

/** The file threw, or could not be read as a module. */
export interface Thrown {
  readonly message: string;
  readonly place: Place | null;
}

/** The path of a file with all links resolved, as the modules of a process are called. @throws UserError */
export function sourcePath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    throw new UserError(
      "build.failed",
      `There is no file ${path}.`,
      "Name the TypeScript file of the connector.",
    );
  }
}

/**
 * Runs the file in a process of its own and gives what it declares.
 * @param cwd what may be read besides its project, where the file is below it
 * @param ms how long it may take
 */
export async function runSource(
  file: string,
  cwd: string,
  ms: number = MAX_MS,
): Promise<BuildAnswer | Thrown> {
  const job: BuildJob = { file, max: MAX_ANSWER };
  const late = new Error(`It took longer than ${ms / 1000} s.`);
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(late), ms);
  const limits = { signal: ending.signal, deadline: Date.now() + ms };
  try {
    const answer: unknown = await inChild(
      "cli/building/child",
      job,
      limits,
      { max: job.max },
      reading(file, cwd),
    );
    // Our own child's words.
    return answer as BuildAnswer;
  } catch (error) {
    if (error === late) return { message: late.message, place: null };
    if (!(error instanceof ChildFailed)) throw error;
    const [message = "", ...stack] = error.message.split("\n");
    return { message: message || "It ended without a word.", place: placeIn(file, stack.join("\n")) };
  } finally {
    clearTimeout(timer);
  }
}

/** The place in the person's file that a stack, or the head of a syntax error, names. */
function placeIn(file: string, stack: string): Place | null {
  const places = stack.split("\n").map((line) => placeOf(line.trim()));
  return places.find((place) => place?.file === file) ?? null;
}

/** What the file may read: its project, and the packages that modules are looked for in. */
function reading(file: string, cwd: string): string[] {
  const roots = [projectOf(file), ...(file.startsWith(join(cwd, "/")) ? [cwd] : [])];
  const packages = [...above(file), ...above(fileURLToPath(new URL("package.json", PACKAGE_ROOT)))].flatMap(
    (folder) => [join(folder, "package.json"), join(folder, "node_modules", "*")],
  );
  return [...new Set([...roots.map((root) => join(root, "*")), ...packages])].map(
    (path) => `--allow-fs-read=${path}`,
  );
}

/** The folder with the package.json that the file belongs to; without one, its own. */
function projectOf(file: string): string {
  return above(file).find((folder) => existsSync(join(folder, "package.json"))) ?? dirname(file);
}

function above(file: string): string[] {
  const folder = dirname(file);
  return folder === file ? [] : [folder, ...above(folder)];
}
