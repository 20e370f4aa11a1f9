import { rmSync } from "node:fs";
import { errno } from "../base/index.ts";

/** Removes a file if that can be done. Tidying up is not worth an error: what it leaves behind is met again. */
export function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    if (errno(error) === null) throw error;
  }
}
