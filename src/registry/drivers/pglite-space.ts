import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { errno } from "../../base/index.ts";

const MEBIBYTE = 1024 * 1024;
/** Below this nothing that PostgreSQL writes fits: it extends its files by 8 KiB at least. */
const NONE_MIB = 1 / 16;
/** What opening may write: a segment of the log of 16 MiB, and as much again for what it plays back. */
const OPENING_MIB = 32;

/** MiB that this process may still write where a registry's directory is, or is to be; null where nobody can tell. */
function freeMiB(directory: string): number | null {
  try {
    const { bsize, bfree, bavail } = statfsSync(existsSync(directory) ? directory : dirname(directory));
    // Some blocks are kept for root.
    return ((process.getuid?.() === 0 ? bfree : bavail) * bsize) / MEBIBYTE;
  } catch (error) {
    if (errno(error) === null) throw error;
    return null;
  }
}

/** Whether the disk below a registry is full to the last page. */
export function isFull(directory: string): boolean {
  return (freeMiB(directory) ?? NONE_MIB) < NONE_MIB;
}

/** Why opening may have failed for want of space; null when there is enough. */
export function shortOfSpace(directory: string): string | null {
  const free = freeMiB(directory);
  if (free === null || free >= OPENING_MIB) return null;
  return `only ${Math.floor(free)} MiB are left on its disk (ENOSPC), and it needs ${OPENING_MIB}`;
}
