import { CODES, UserError } from "../base/index.ts";
import { openRegular } from "../manifest/index.ts";

/**
 * Reads a file that a command was given: a regular one, no link, and not larger than `limit` bytes.
 * @param path absolute
 * @param display what messages call it
 * @throws UserError `import.unreadable`, `file.not_regular`, `file.linked`, `file.too_large`, `file.unreadable`
 */
export function readInput(path: string, display: string, limit: number): Buffer {
  const opened = openRegular(path, limit);
  if ("bytes" in opened) return opened.bytes;
  if ("gone" in opened) {
    const hint = "Name a file that is there.";
    throw new UserError("import.unreadable", `There is no file ${display}.`, hint);
  }
  throw new UserError(opened.refused, `${display}: ${opened.message}`, CODES[opened.refused].remedy);
}
