import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Reader, Reading } from "../manifest/index.ts";
import { GENERATED, PATIENCE_MS } from "./settle.ts";
import { COLUMNS, type Signature, sign, stillSince } from "./signature.ts";
import { removeQuietly } from "./tidy.ts";

/** A folder's reading, with the signature that its files had meanwhile; null when they may have changed under it. */
export interface Read {
  readonly reading: Reading;
  readonly signature: Signature | null;
}

/** Enough that the reader finds threads worth it, and to keep them busy behind one that a hostile folder holds up. */
const IN_FLIGHT = 1000;
const ATTEMPTS = 3;

/** Readings that have begun before they are asked for, by slug. */
export type Begun = ReadonlyMap<string, Promise<Read>>;

/**
 * Reads folders, many at once, and gives them in the order asked for.
 * @param root absolute path
 * @param sweep whether to remove what killed processes left of their unfinished files
 */
export async function* readAll(
  reader: Reader,
  root: string,
  slugs: readonly string[],
  sweep: boolean,
  begun: Begun = new Map(),
): AsyncGenerator<Read> {
  const flying: Promise<Read>[] = [];
  let next = 0;
  const launch = (): void => {
    const slug = slugs[next++];
    if (slug === undefined) return;
    const read = begun.get(slug) ?? readStill(reader, root, slug, sweep);
    // Whoever awaits it gets the error; until then it must not end the process.
    read.catch(() => {});
    flying.push(read);
  };
  while (next < slugs.length && flying.length < IN_FLIGHT) launch();
  for (let read = flying.shift(); read !== undefined; read = flying.shift()) {
    const done = await read;
    launch();
    yield done;
  }
}

/**
 * Reads a folder and again when its files changed while they were read, so that what is registered has stood there as a
 * whole. Time is the machine's own here: it is compared with the file system's.
 */
export async function readStill(reader: Reader, root: string, slug: string, sweep: boolean): Promise<Read> {
  for (let attempt = 1; ; attempt += 1) {
    const start = Date.now();
    const reading = await reader.read(slug);
    const signature = sign(join(root, slug));
    if (signature === null) return { reading, signature };
    // Seen now because the folder is listed now: a listing of its own for each folder would cost more than its reading.
    if (sweep) for (const name of signature.leftovers) removeQuietly(join(root, slug, name));
    const still = stillSince(signature, GENERATED);
    if (still <= start && wasRead(reading, signature)) return { reading, signature };
    const wait = Math.max(0, Math.ceil(still - Date.now()));
    if (wait > PATIENCE_MS || attempt === ATTEMPTS) return { reading, signature: null };
    await sleep(wait);
  }
}

/** Whether the files that were read are those that stand there: on some mounts the clock of ctime is another machine's. */
function wasRead({ inputs }: Reading, { layout, stats, from }: Signature): boolean {
  return inputs.every(({ path, size, mtimeMs, ctimeMs, ino }) => {
    const entry = layout.indexOf(`/${path}`);
    const at = from + entry * COLUMNS;
    return (
      entry >= 0 &&
      stats[at] === size &&
      stats[at + 1] === mtimeMs &&
      stats[at + 2] === ctimeMs &&
      stats[at + 3] === ino
    );
  });
}
