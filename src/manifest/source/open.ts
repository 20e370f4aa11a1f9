import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { type Code, errno } from "../../base/index.ts";

/** A file that a reading depends on, with the stat taken from the very descriptor that it was read from. */
export interface InputFile {
  /** Relative to the connector's folder, with forward slashes. */
  path: string;
  size: number;
  mtimeMs: number;
  ctimeMs: number;
  ino: number;
}

/** The bytes of a file, or why it was not read. `gone`: it vanished between listing and opening. */
export type Opened =
  | { readonly bytes: Buffer; readonly stats: Stats }
  | { readonly refused: Code; readonly message: string }
  | { readonly gone: true };

// Neither flag exists on Windows, where links need a privilege and pipes live elsewhere.
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Reads a whole regular file of one name without following a link, without waiting for a pipe, and never more than
 * `limit` bytes. Synchronous on purpose: for small files it costs a tenth of the asynchronous calls.
 * @param path absolute
 */
export function openRegular(path: string, limit: number): Opened {
  let descriptor: number;
  try {
    descriptor = openSync(path, FLAGS);
  } catch (error) {
    return notOpened(errno(error));
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return { refused: "file.not_regular", message: "This is not a regular file." };
    if (stats.nlink > 1) {
      return { refused: "file.linked", message: `The file has ${stats.nlink} names (hard links).` };
    }
    if (stats.size > limit) return tooLarge(limit);
    const bytes = readAll(descriptor, limit);
    return bytes === null ? tooLarge(limit) : { bytes, stats };
  } catch (error) {
    return notOpened(errno(error));
  } finally {
    closeSync(descriptor);
  }
}

/** Reads to the end, whatever the stat said, as a file may grow meanwhile; null past the limit. */
function readAll(descriptor: number, limit: number): Buffer | null {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(16 * 1024);
    const count = readSync(descriptor, chunk);
    if (count === 0) break;
    chunks.push(chunk.subarray(0, count));
    total += count;
    if (total > limit) return null;
    // A short read of a regular file is its end.
    if (count < chunk.length) break;
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

function tooLarge(limit: number): Opened {
  return { refused: "file.too_large", message: `The file is larger than ${limit / 1024} KiB.` };
}

function notOpened(code: string | null): Opened {
  switch (code) {
    case "ENOENT":
      return { gone: true };
    case "ELOOP":
    case "EMLINK":
      return { refused: "file.not_regular", message: "This is a link; links are not followed." };
    case "ENXIO":
    case "EISDIR":
    case "ENODEV":
      return { refused: "file.not_regular", message: "This is not a regular file." };
    default:
      return { refused: "file.unreadable", message: `The file can't be read (${code ?? "unknown error"}).` };
  }
}
