import { CODES, type Code, sha256 } from "../../base/index.ts";
import type { LogHead, LogPage, LogRow } from "../../registry/index.ts";
import { Ledger } from "./ledger.ts";

/** What does not add up in the activity log: the first row that is wrong, and why. */
export interface LogFault {
  readonly code: Extract<Code, `log.${string}`>;
  /** The first bad row; the first missing one where rows are missing. */
  readonly event_id: number;
  readonly message: string;
  readonly hint: string;
}

/** A place of the log as somebody outside the database remembers it. */
export interface Remembered {
  readonly event_id: number;
  readonly hash: string;
  readonly at: string;
}

/** Reads the log page by page, in order of ids. */
export type ReadLog = (after: number) => Promise<LogPage>;

/** The hash before the first row. */
const BEGINNING = "0".repeat(64);

/**
 * Works the whole chain out again from the rows, without asking the database for a single hash.
 * @param remembered checkpoints whose signatures are good, in order of ids
 */
export async function verifyChain(read: ReadLog, remembered: readonly Remembered[]): Promise<Chain> {
  const chain = new Chain(read);
  await chain.holdAgainst(remembered);
  return chain;
}

/** A look through the whole log, which can go on as the log does. */
export class Chain {
  readonly #read: ReadLog;
  #remembered: readonly Remembered[] = [];
  #next = 0;
  /** What the rows so far say of side effects. */
  readonly ledger = new Ledger();
  /** How many rows there are so far. */
  events = 0;
  /** The log's end as its rows give it. */
  head: LogHead = { event_id: 0, hash: BEGINNING };
  /** What was found first. */
  fault: LogFault | null = null;

  constructor(read: ReadLog) {
    this.#read = read;
  }

  /** Reads on, to the log's end. @param remembered checkpoints from here on */
  holdAgainst(remembered: readonly Remembered[]): Promise<LogFault | null> {
    this.#remembered = remembered;
    this.#next = 0;
    this.#matches(this.head);
    return this.readOn();
  }

  /** Reads on. @param to where the log ended a moment ago; null: to its end */
  async readOn(to: LogHead | null = null): Promise<LogFault | null> {
    while (this.fault === null && (to === null || this.head.event_id < to.event_id)) {
      const page = await this.#read(this.head.event_id);
      const rows = page.events.filter(({ event_id }) => to === null || event_id <= to.event_id);
      rows.every((row) => this.#take(row));
      if (rows.length > 0) continue;
      this.#end(page.head);
      break;
    }
    if (this.fault === null && to !== null) this.#end(to);
    return this.fault;
  }

  /** Takes the next row; false when it is bad. */
  #take(row: LogRow): boolean {
    const { event_id: last, hash } = this.head;
    if (row.event_id <= last) {
      return this.#bad("log.relinked", row.event_id, `Row ${row.event_id} was put in before the first one.`);
    }
    if (row.event_id !== last + 1) {
      const missing =
        row.event_id === last + 2 ? `Row ${last + 1} is` : `Rows ${last + 1} to ${row.event_id - 1} are`;
      return this.#bad("log.deleted", last + 1, `${missing} missing.`);
    }
    if (row.prev_hash !== hash) {
      // Row by row each is sound, so the earlier one was written anew with a hash to match, or the later one was put in.
      const first = Math.max(last, 1);
      return this.#bad(
        "log.relinked",
        first,
        `Row ${row.event_id} does not follow from row ${last}: one of them was replaced.`,
      );
    }
    if (sha256(row.prev_hash + eventText(row)) !== row.hash) {
      return this.#bad(
        "log.edited",
        row.event_id,
        `Row ${row.event_id} (${row.action}, ${row.actor}) was changed.`,
      );
    }
    if (!this.#matches(row)) return false;
    const wrong = this.ledger.take(row);
    if (wrong !== null) return this.#bad(wrong.code, row.event_id, wrong.message);
    this.head = { event_id: row.event_id, hash: row.hash };
    this.events += 1;
    return true;
  }

  /** Compares the end with what the database and the checkpoints remember. */
  #end(told: LogHead): void {
    const { event_id: last, hash } = this.head;
    const furthest = this.#remembered.at(-1);
    if (furthest !== undefined && furthest.event_id > last) {
      this.#bad(
        "log.truncated",
        last + 1,
        `The log ends with row ${last}, and on ${furthest.at} it had ${furthest.event_id}.`,
      );
    } else if (told.event_id > last) {
      this.#bad(
        "log.truncated",
        last + 1,
        `The log ends with row ${last}, and its head says ${told.event_id}.`,
      );
    } else if (told.event_id !== last || told.hash !== hash) {
      this.#bad(
        "log.relinked",
        told.event_id + 1,
        `The log's head says ${told.event_id}, and its last row is ${last}.`,
      );
    }
  }

  /**
   * Whether the checkpoints up to this row say the same; two processes may have left one each. One that is at no row at all
   * does not: as long as it stood there, none behind it would be looked at.
   */
  #matches({ event_id, hash }: LogHead): boolean {
    for (;;) {
      const checkpoint = this.#remembered[this.#next];
      if (checkpoint === undefined || checkpoint.event_id > event_id) return true;
      if (checkpoint.event_id !== event_id || checkpoint.hash !== hash)
        return this.#rewritten(event_id, checkpoint);
      this.#next += 1;
    }
  }

  #rewritten(row: number, { at }: Remembered): false {
    const from = (this.#remembered[this.#next - 1]?.event_id ?? 0) + 1;
    const which = from >= row ? `Row ${row} was` : `The rows from ${from} to ${row} were`;
    const message = `${which} written anew: the checkpoint of ${at} has another hash.`;
    return this.#bad("log.rewritten", Math.min(from, row), message);
  }

  #bad(code: LogFault["code"], event_id: number, message: string): false {
    this.fault ??= { code, event_id, message, hint: CODES[code].remedy };
    return false;
  }
}

/**
 * What a row's hash covers besides the hash before it, as PostgreSQL prints a jsonb: keys by length and then by bytes, a
 * space after each colon and comma, and no more escapes than JSON needs.
 */
export function eventText(row: LogRow): string {
  const text = (value: string | null): string => JSON.stringify(value);
  const fields = [
    `"at": ${text(row.at)}`,
    `"face": ${text(row.face)}`,
    `"actor": ${text(row.actor)}`,
    `"action": ${text(row.action)}`,
    `"digest": ${text(row.digest)}`,
    `"source": ${text(row.source)}`,
    `"details": ${row.details}`,
    `"event_id": ${row.event_id}`,
    `"provider_id": ${text(row.provider_id)}`,
  ];
  return `{${fields.join(", ")}}`;
}
