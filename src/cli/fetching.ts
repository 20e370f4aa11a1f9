import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { resolve } from "node:path";
import { errno, UserError } from "../base/index.ts";

/** Larger descriptions are refused before they are read. */
const MAX_BYTES = 32 * 1024 * 1024;
/** A server that takes longer has no description for us. */
const TIMEOUT_MS = 30_000;

/** What was to be imported, and where it is. */
export interface Fetched {
  readonly bytes: Uint8Array;
  /** Its URL, or null for a file. */
  readonly address: string | null;
  /** What it is called: the URL, or the path as it was given. */
  readonly name: string;
}

/**
 * Reads the file or fetches the https URL that a command was given.
 * @param cwd what a relative path counts from
 * @throws UserError `import.unreadable`, `import.too_large`
 */
export async function fetchSource(given: string, cwd: string): Promise<Fetched> {
  if (/^https?:\/\//i.test(given)) return { bytes: await download(given), address: given, name: given };
  return { bytes: readFile(resolve(cwd, given), given), address: null, name: given };
}

function readFile(path: string, given: string): Uint8Array {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(path, "r");
    const { size } = fstatSync(descriptor);
    if (size > MAX_BYTES) throw tooLarge(given);
    const bytes = Buffer.alloc(size);
    let read = 0;
    while (read < size) {
      const count = readSync(descriptor, bytes, read, size - read, null);
      if (count === 0) break;
      read += count;
    }
    return bytes.subarray(0, read);
  } catch (error) {
    const code = errno(error);
    if (code === null) throw error;
    throw unreadable(
      code === "ENOENT" ? `There is no file ${given}.` : `${given} can't be read (${code}).`,
      error,
    );
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

async function download(url: string): Promise<Uint8Array> {
  if (!/^https:/i.test(url)) throw unreadable(`${url} is not an https URL.`);
  let response: Response;
  try {
    const headers = { accept: "application/json, application/yaml, text/yaml, */*" };
    response = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw unreadable(`${url} can't be reached.`, error);
  }
  if (!response.ok) throw unreadable(`${url} answered with ${response.status}.`);
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of response.body ?? []) {
    total += chunk.byteLength;
    if (total > MAX_BYTES) throw tooLarge(url);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function unreadable(message: string, cause?: unknown): UserError {
  const hint = "Name a file, or an https URL that needs no sign-in.";
  return new UserError("import.unreadable", message, hint, { cause });
}

function tooLarge(name: string): UserError {
  const hint = "Give the description of one API, or cut it down to the part that you need.";
  return new UserError("import.too_large", `${name} is larger than ${MAX_BYTES / 1024 / 1024} MiB.`, hint);
}
