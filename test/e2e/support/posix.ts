/** File calls of node:fs, and the one that it lacks. */
import { execFileSync } from "node:child_process";

export { linkSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";

/** Makes a named pipe. */
export function mkfifoSync(path: string): void {
  execFileSync("mkfifo", [path]);
}
