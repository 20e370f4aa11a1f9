import { CODES, type Code, sha256 } from "../../base/index.ts";
import type { LogHead, LogPage, LogRow, ReceiptText } from "../../registry/index.ts";

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

/** What a look through the whole log found. */
export interface Verification {
  readonly events: number;
  /** The log's end as its rows give it. */
  readonly head: LogHead;
  /** Receipt id → hash, as the log has them. */
  readonly receipts: ReadonlyMap<string, string>;
  readonly fault: LogFault | null;
}

/** The hash before the first row. */
const BEGINNING = "0".repeat(64);

/**
 * Works the whole chain out again from the rows, without asking the database for a single hash.
 * @param remembered checkpoints whose signatures are good, in order of ids
 * @param from where to begin: the end of what was verified before
 */
export async function verifyChain(
  read: ReadLog,
  remembered: readonly Remembered[],
  from: LogHead = { event_id: 0, hash: BEGINNING },
): Promise<Verification> {
  const chain = new Chain(remembered, from);
  if (!chain.matches(from)) return chain.verification();
  for (;;) {
    const page = await read(chain.head.event_id);
    for (const row of page.events) if (!chain.take(row)) return chain.verification();
    if (page.events.length === 0) {
      chain.end(page.head);
      return chain.verification();
    }
  }
}

class Chain {
  readonly #receipts = new Map<string, string>();
  readonly #remembered: readonly Remembered[];
  #next = 0;
  #events = 0;
  #fault: LogFault | null = null;
  head: LogHead;

  constructor(remembered: readonly Remembered[], from: LogHead) {
    this.#remembered = remembered;
    this.head = from;
  }

  /** Takes the next row; false when it is bad. */
  take(row: LogRow): boolean {
    const { event_id: last, hash } = this.head;
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
    if (!this.matches(row)) return false;
    this.head = { event_id: row.event_id, hash: row.hash };
    this.#events += 1;
    this.#note(row);
    return true;
  }

  /** Compares the end with what the database and the checkpoints remember. */
  end(told: LogHead): void {
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

  verification(): Verification {
    return { events: this.#events, head: this.head, receipts: this.#receipts, fault: this.#fault };
  }

  /**
   * Whether the checkpoints up to this row say the same; two processes may have left one each. One that is at no row at all
   * does not: as long as it stood there, none behind it would be looked at.
   */
  matches({ event_id, hash }: LogHead): boolean {
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

  #note(row: LogRow): void {
    if (!row.action.startsWith("call_")) return;
    const { receipt_id, receipt }: { receipt_id?: unknown; receipt?: unknown } = JSON.parse(row.details);
    if (typeof receipt_id === "string" && typeof receipt === "string")
      this.#receipts.set(receipt_id, receipt);
  }

  #bad(code: LogFault["code"], event_id: number, message: string): false {
    this.#fault ??= { code, event_id, message, hint: CODES[code].remedy };
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

/**
 * Compares every receipt with the hash that the log has of it.
 * @param later reads what the log has gained meanwhile: a receipt that is not in it either was put in by somebody
 * @returns the first that differs, is missing or was put in; null when all are as they were
 */
export async function verifyReceipts(
  read: (after?: string) => Promise<readonly ReceiptText[]>,
  logged: ReadonlyMap<string, string>,
  later: () => Promise<ReadonlyMap<string, string>>,
): Promise<{ readonly receipt_id: string; readonly message: string } | null> {
  const strange: ReceiptText[] = [];
  let seen = 0;
  for (let after: string | undefined; ; ) {
    const page = await read(after);
    for (const one of page) {
      const hash = logged.get(one.receipt_id);
      if (hash === undefined) strange.push(one);
      else if (hash !== sha256(one.text)) return changed(one);
      else seen += 1;
    }
    after = page.at(-1)?.receipt_id;
    if (after === undefined) break;
  }
  if (seen < logged.size) {
    return { receipt_id: "", message: `${logged.size - seen} of ${logged.size} receipts are missing.` };
  }
  const newer = strange.length === 0 ? logged : await later();
  const forged = strange.find(({ receipt_id, text }) => newer.get(receipt_id) !== sha256(text));
  return forged === undefined ? null : changed(forged);
}

function changed({ receipt_id }: ReceiptText): { receipt_id: string; message: string } {
  return { receipt_id, message: `The receipt ${receipt_id} was changed or put in.` };
}
