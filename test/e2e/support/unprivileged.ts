/** Rights are not checked for root: tests about them run the command as nobody. */
import { execFileSync } from "node:child_process";
import { chownSync, mkdirSync, rmSync } from "node:fs";
import { MAIN } from "./process.ts";

/** The account without privileges. */
export const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
const DROP = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];

/** Words before the command that make it run without privileges; null where that can't be done here. */
export const UNPRIVILEGED: readonly string[] | null = probe();

function probe(): readonly string[] | null {
  if (!isRoot) return process.platform === "win32" ? null : [];
  try {
    // The checkout may lie where nobody may look.
    execFileSync("setpriv", [...DROP.slice(1), process.execPath, "--check", MAIN], { stdio: "ignore" });
    return DROP;
  } catch {
    return null;
  }
}

/** Gives a path and everything below it to the user that `UNPRIVILEGED` becomes. */
export function giveAway(path: string): void {
  if (isRoot) execFileSync("chown", ["-R", `${NOBODY}:${NOBODY}`, path]);
  else if (process.getuid !== undefined) chownSync(path, process.getuid(), -1);
}

/** Puts a file system of so many MiB at a path. Returns how to take it away, or null where that is not allowed. */
export function mountSmall(path: string, mebibytes: number): (() => void) | null {
  try {
    mkdirSync(path, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m,mode=0777`, "tmpfs", path], {
      stdio: "ignore",
    });
  } catch {
    rmSync(path, { recursive: true, force: true });
    return null;
  }
  return () => {
    execFileSync("umount", ["-l", path]);
  };
}

/** Whether small file systems can be mounted here. */
export function canMount(probePath: string): boolean {
  const unmount = mountSmall(probePath, 1);
  unmount?.();
  rmSync(probePath, { recursive: true, force: true });
  return unmount !== null;
}
