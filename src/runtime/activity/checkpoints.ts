import { createHmac, timingSafeEqual } from "node:crypto";
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { errno } from "../../base/index.ts";
import type { LogHead } from "../../registry/index.ts";
import { derivedKey, type KeyRing, type MasterKey } from "../vault/keys.ts";
import type { Remembered } from "./chain.ts";

/** A remembered place of the log, signed: a line of the file of checkpoints. */
export interface Checkpoint extends Remembered {
  /** Which master key the signing key was made of. */
  readonly key_id: string;
  /** HMAC-SHA256 over the rest, in hex. */
  readonly signature: string;
}

/** What stands in the file. */
export interface ReadCheckpoints {
  /** In order of the log's rows. */
  readonly good: readonly Checkpoint[];
  /** The number of the first line that no key at hand has signed; null when all are good. */
  readonly badLine: number | null;
}

const PURPOSE = "activity checkpoint";
/** Room for the last lines of the file, whoever wrote them. */
const TAIL_BYTES = 16 * 1024;

/**
 * Remembers outside the database how far the log went. Whoever can write to the database but does not have the master key
 * can't bring forth a line, and a line that is there speaks for every row before it. Several processes may add to one file:
 * each line stands for itself, and is written in one piece.
 */
export class Checkpoints {
  readonly #path: string;
  readonly #ring: () => KeyRing;

  constructor(path: string, ring: () => KeyRing) {
    this.#path = path;
    this.#ring = ring;
  }

  /** Reads and checks all lines. */
  read(): ReadCheckpoints {
    return this.#check(this.#lines(0));
  }

  /**
   * Adds the log's end, if it went on since the last line; of a log without rows there is nothing to remember.
   * @returns false when the log is shorter than it was, or the last lines are not ours: then nothing is written
   */
  add(head: LogHead, at: string): boolean {
    const { good, badLine } = this.#check(this.#lines(TAIL_BYTES));
    if (badLine !== null) return false;
    const last = good.at(-1);
    if (last !== undefined && head.event_id <= last.event_id) {
      return head.event_id === last.event_id && head.hash === last.hash;
    }
    if (head.event_id === 0) return true;
    mkdirSync(dirname(this.#path), { recursive: true });
    appendFileSync(this.#path, signed(this.#ring().current, { ...head, at }), { mode: 0o600, flush: true });
    return true;
  }

  /** Signs every line anew with the ring's current key, after a change of the master key. */
  signAnew(good: readonly Checkpoint[], ring: KeyRing): void {
    if (good.length === 0) return;
    const aside = `${this.#path}.${process.pid}`;
    const lines = good.map(({ event_id, hash, at }) => signed(ring.current, { event_id, hash, at }));
    writeFileSync(aside, lines.join(""), { mode: 0o600, flush: true });
    renameSync(aside, this.#path);
  }

  #check(lines: readonly string[]): ReadCheckpoints {
    const good: Checkpoint[] = [];
    let badLine: number | null = null;
    const keys = lines.length === 0 ? [] : this.#ring().keys;
    for (const [at, line] of lines.entries()) {
      const checkpoint = parse(line);
      const key = keys.find(({ id }) => id === checkpoint?.key_id);
      const fits =
        checkpoint !== null && key !== undefined && equal(checkpoint.signature, sign(key, checkpoint));
      if (fits) good.push(checkpoint);
      else badLine ??= at + 1;
    }
    return { good: good.sort((a, b) => a.event_id - b.event_id), badLine };
  }

  /** The file's whole lines; with `most`, those within its last bytes. A line without its end was torn and says nothing. */
  #lines(most: number): string[] {
    try {
      const text = readFileSync(this.#path, "utf8");
      const lines = text.split("\n").slice(0, -1);
      if (most === 0 || text.length <= most) return lines;
      return text.slice(-most).split("\n").slice(1, -1);
    } catch (error) {
      if (errno(error) === "ENOENT") return [];
      throw error;
    }
  }
}

function signed(key: MasterKey, { event_id, hash, at }: Remembered): string {
  const place = { event_id, hash, at, key_id: key.id };
  return `${JSON.stringify({ ...place, signature: sign(key, place) })}\n`;
}

function sign(key: MasterKey, { event_id, hash, at, key_id }: Omit<Checkpoint, "signature">): string {
  const text = JSON.stringify([event_id, hash, at, key_id]);
  return createHmac("sha256", derivedKey(key, PURPOSE)).update(text).digest("hex");
}

function equal(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function parse(line: string): Checkpoint | null {
  try {
    const { event_id, hash, at, key_id, signature }: Record<string, unknown> = JSON.parse(line);
    if (typeof event_id !== "number" || typeof hash !== "string" || typeof at !== "string") return null;
    if (typeof key_id !== "string" || typeof signature !== "string") return null;
    return { event_id, hash, at, key_id, signature };
  } catch {
    return null;
  }
}
