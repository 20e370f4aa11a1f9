import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeSync,
} from "node:fs";
import { join, relative, sep } from "node:path";
import { constants as zlib, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { PACKAGE_ROOT } from "../../base/index.ts";

/**
 * A prepared data directory in one file: creating one from nothing takes seconds, unpacking this a fraction of one.
 * Contents: four bytes with the header's length, the header as JSON, the files' bytes; all of it zstd-compressed.
 */
interface Header {
  /** What it was made from and by; another value makes the image useless. */
  readonly key: string;
  readonly folders: readonly string[];
  /** `length` bytes are stored, zeros follow up to `size`: most of a database's log is zeros. */
  readonly files: readonly { readonly path: string; readonly length: number; readonly size: number }[];
}

/** Where the build puts the image. */
export const IMAGE_URL = new URL("dist/registry-image.zst", PACKAGE_ROOT);

/** Packs a closed data directory. Runs at build time. */
export function packImage(directory: string, key: string): Buffer {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
    .map((entry) => ({ entry, path: relative(directory, join(entry.parentPath, entry.name)) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const portable = (path: string): string => path.split(sep).join("/");
  const folders = entries.filter(({ entry }) => entry.isDirectory()).map(({ path }) => portable(path));
  const bodies: Buffer[] = [];
  const files = entries
    .filter(({ entry }) => entry.isFile())
    .map(({ path }) => {
      const bytes = readFileSync(join(directory, path));
      let length = bytes.length;
      while (length > 0 && bytes[length - 1] === 0) length -= 1;
      bodies.push(bytes.subarray(0, length));
      return { path: portable(path), length, size: bytes.length };
    });
  const header = Buffer.from(JSON.stringify({ key, folders, files } satisfies Header));
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32LE(header.length);
  const params = { [zlib.ZSTD_c_compressionLevel]: 12 };
  return zstdCompressSync(Buffer.concat([prefix, header, ...bodies]), { params });
}

/**
 * Unpacks the image into a new directory.
 * @returns false, and nothing is written, when there is no image or it is of another key
 */
export function unpackImage(directory: string, key: string): boolean {
  if (!statSync(IMAGE_URL, { throwIfNoEntry: false })) return false;
  const image = zstdDecompressSync(readFileSync(IMAGE_URL));
  const start = 4 + image.readUInt32LE(0);
  const header: Header = JSON.parse(image.toString("utf8", 4, start));
  if (header.key !== key) return false;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const folder of header.folders) mkdirSync(join(directory, folder), { recursive: true, mode: 0o700 });
  let at = start;
  for (const { path, length, size } of header.files) {
    const file = openSync(join(directory, path), "wx", 0o600);
    try {
      for (let done = 0; done < length; ) done += writeSync(file, image, at + done, length - done);
      if (size > length) ftruncateSync(file, size);
    } finally {
      closeSync(file);
    }
    at += length;
  }
  return true;
}
