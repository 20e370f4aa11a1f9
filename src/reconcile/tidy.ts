import { readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { errno, isRunning } from "../base/index.ts";
import type { Workspace } from "./types.ts";

/** The file by which the daemon proves that events come, made and removed at once: hidden, so no connector. */
export const PROBE = ".sentinel-probe";

/** Unfinished files of ours below `.sentinel`, with the process that writes them. */
const UNFINISHED = /^(?:folders|watch)-([0-9]+)\.tmp$/;

/** Removes a file if that can be done. Tidying up is not worth an error: what it leaves behind is met again. */
export function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    if (errno(error) === null) throw error;
  }
}

/** Removes what killed processes left unfinished, but for what lies in connectors' folders: see `readAll`. */
export function sweepWorkspace({ connectors, cacheDir }: Workspace): void {
  // A daemon whose probe is taken away hears of that all the same.
  removeQuietly(join(connectors, PROBE));
  for (const directory of [cacheDir, dirname(cacheDir)]) {
    for (const name of list(directory)) {
      const writer = UNFINISHED.exec(name)?.[1];
      if (writer !== undefined && !isRunning(Number(writer))) removeQuietly(join(directory, name));
    }
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // No folder yet, or one that can't be read: whoever writes there says so if it matters.
    return [];
  }
}
