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
  /** HMAC-SHA256 over this line and the signature of the line before, in hex. */
  readonly signature: string;
}

/** What stands in the file. */
export interface ReadCheckpoints {
  readonly good: readonly Checkpoint[];
  /** The number of the first line that no key at hand has signed; null when all are good. */
  readonly badLine: number | null;
}

const PURPOSE = "activity checkpoint";

/**
 * Remembers outside the database how far the log went. Whoever can write to the database but does not have the master key
 * can't bring forth a line, and a line that is there speaks for every row before it.
 */
export class Checkpoints {
  readonly #path: string;
  readonly #ring: () => KeyRing;
  #last: Checkpoint | null | undefined;

  constructor(path: string, ring: () => KeyRing) {
    this.#path = path;
    this.#ring = ring;
  }

  /** Reads and checks all lines, in order. */
  read(): ReadCheckpoints {
    const good: Checkpoint[] = [];
    for (const [at, line] of this.#lines().entries()) {
      const checkpoint = parse(line);
      const before = good.at(-1);
      const key = this.#ring().keys.find(({ id }) => id === checkpoint?.key_id);
      const fits = checkpoint !== null && key !== undefined && checkpoint.event_id > (before?.event_id ?? 0);
      if (!fits || !equal(checkpoint.signature, sign(key, checkpoint, before?.signature ?? ""))) {
        return { good, badLine: at + 1 };
      }
      good.push(checkpoint);
    }
    this.#last = good.at(-1) ?? null;
    return { good, badLine: null };
  }

  /**
   * Adds the log's end, if it went on since the last line.
   * @returns false when the log is shorter than it was, or the file is not ours: then nothing is written
   */
  add(head: LogHead, at: string): boolean {
    if (this.#last === undefined && this.read().badLine !== null) return false;
    const before = this.#last ?? null;
    if (before !== null && head.event_id <= before.event_id) {
      return head.event_id === before.event_id && head.hash === before.hash;
    }
    const { current } = this.#ring();
    const place = { event_id: head.event_id, hash: head.hash, at, key_id: current.id };
    const checkpoint = { ...place, signature: sign(current, place, before?.signature ?? "") };
    mkdirSync(dirname(this.#path), { recursive: true });
    appendFileSync(this.#path, `${JSON.stringify(checkpoint)}\n`, { mode: 0o600, flush: true });
    this.#last = checkpoint;
    return true;
  }

  /** Signs every line anew with the ring's current key, after a change of the master key. */
  signAnew(good: readonly Checkpoint[], ring: KeyRing): void {
    if (good.length === 0) return;
    let before = "";
    const lines = good.map(({ event_id, hash, at }) => {
      const place = { event_id, hash, at, key_id: ring.current.id };
      before = sign(ring.current, place, before);
      return `${JSON.stringify({ ...place, signature: before })}\n`;
    });
    const aside = `${this.#path}.${process.pid}`;
    writeFileSync(aside, lines.join(""), { mode: 0o600, flush: true });
    renameSync(aside, this.#path);
    this.#last = undefined;
  }

  #lines(): string[] {
    try {
      // A last line without its end was torn by a crash, and says nothing.
      return readFileSync(this.#path, "utf8").split("\n").slice(0, -1);
    } catch (error) {
      if (errno(error) === "ENOENT") return [];
      throw error;
    }
  }
}

function sign(
  key: MasterKey,
  { event_id, hash, at, key_id }: Omit<Checkpoint, "signature">,
  before: string,
): string {
  const text = JSON.stringify([event_id, hash, at, key_id, before]);
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
