import { CODES } from "../../base/index.ts";
import type { CallRecord, RuntimeFace } from "../../registry/index.ts";
import { ToolFailure } from "../seams.ts";

/** How the recorder works; absent: its own defaults. */
export interface RecorderOptions {
  readonly runtime: Pick<RuntimeFace, "record">;
  /** How long a record of a read may wait for others, in milliseconds. */
  readonly delayMs?: number;
  /** How many records go in one call. */
  readonly batch?: number;
  /** How many records may wait before reads have to wait for them. */
  readonly limit?: number;
  /** Told when records can't be written; they are kept and tried again. */
  readonly onTrouble?: (error: unknown) => void;
}

const RETRY_MS = 1000;

/**
 * Writes the records of reads and refusals behind the calls, many at once: a read must not cost a round trip. A crash loses
 * those of the last moment, never a side effect's: the gate writes these itself, and the log takes them in behind it. While the
 * registry is away reads go on until the queue is full, and then no more: nothing is done that can't be recorded.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #queue: CallRecord[] = [];
  /** Side effects that the log has yet to take in. */
  #effects = 0;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  #broken = false;
  #closed = false;
  #dropped = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /**
   * Whether a read may begin: there is room for its record.
   * @throws ToolFailure `call.registry_away` when records could not be written for so long that the queue is full
   */
  async admit(): Promise<void> {
    if (this.#queue.length < (this.#options.limit ?? 2000)) return;
    await this.flush();
    if (this.#queue.length < (this.#options.limit ?? 2000)) return;
    throw new ToolFailure(
      "call.registry_away",
      "The activity log can't be written, so no call is made.",
      CODES["call.registry_away"].remedy,
    );
  }

  /** Takes a record; it is written soon. Of a flood of refusals that nobody can write down, the number is kept. */
  add(record: CallRecord): void {
    if (record.action === "refused" && this.#queue.length >= 2 * (this.#options.limit ?? 2000)) {
      this.#dropped += 1;
      return;
    }
    if (this.#dropped > 0 && this.#queue.length < (this.#options.limit ?? 2000)) {
      this.#queue.push({ ...record, details: { ...record.details, refusals_not_recorded: this.#dropped } });
      this.#dropped = 0;
    } else this.#queue.push(record);
    if (this.#queue.length >= (this.#options.batch ?? 200) && !this.#broken) void this.flush();
    else this.#later(this.#options.delayMs ?? 100);
  }

  /** Has the log take in, soon, what a side effect has written: the registry does so at every call that writes. */
  followUp(): void {
    this.#effects += 1;
    this.#later(this.#options.delayMs ?? 100);
  }

  /** Writes what waits. Resolves when it is written, or could not be. */
  flush(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
      if (this.#waits) this.#later(this.#broken ? RETRY_MS : 0);
    });
    return this.#writing;
  }

  /** Writes everything that waits, and stops. @throws when it can't be written */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#waits) {
      await this.flush();
      if (this.#broken) break;
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  get #waits(): boolean {
    return this.#queue.length > 0 || this.#effects > 0;
  }

  async #write(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const records = this.#queue.slice(0, this.#options.batch ?? 200);
    if (!this.#waits) return;
    const effects = this.#effects;
    try {
      await this.#options.runtime.record(records);
      this.#queue.splice(0, records.length);
      this.#effects -= effects;
      this.#broken = false;
    } catch (error) {
      this.#broken = true;
      this.#options.onTrouble?.(error);
    }
  }

  #later(delayMs: number): void {
    // The registry is closed behind it, and nothing may open it again: a side effect is in it already.
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.flush();
    }, delayMs).unref();
  }
}
