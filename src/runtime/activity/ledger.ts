import { CODES, sha256 } from "../../base/index.ts";
import type { CallPage, CallRow, LogHead, LogRow, ReceiptText } from "../../registry/index.ts";
import type { LogFault } from "./chain.ts";

/** A receipt as the log has it. */
export interface LoggedReceipt {
  /** The log's row. */
  readonly event_id: number;
  readonly hash: string;
}

/** A side effect as the log has it. */
interface LoggedCall {
  /** The row of its first attempt. */
  readonly event_id: number;
  /** Whose it is and what it does, as one text. */
  what: string;
  fence: number;
  state: CallRow["state"];
  /** Whether its row was looked at. */
  seen: boolean;
}

/** What happens to a side effect, and in which state that leaves it. */
const STATES: Readonly<Record<string, CallRow["state"]>> = {
  call_begun: "begun",
  call_not_sent: "not_sent",
  call_unknown: "unknown",
  call_succeeded: "done",
  call_failed: "done",
};

/** What the log says of side effects: how each stands, and their receipts by hash. */
export class Ledger {
  readonly receipts = new Map<string, LoggedReceipt>();
  readonly calls = new Map<string, LoggedCall>();
  /** Calls are many, and agents and tools few. */
  readonly #texts = new Map<string, string>();

  /** Takes the log's next row. @returns what is wrong with it: a call begins or ends once, and does not go on after its end */
  take(row: LogRow): Pick<LogFault, "code" | "message"> | null {
    const state = STATES[row.action];
    if (state === undefined) return null;
    const details: Readonly<Record<string, unknown>> = JSON.parse(row.details);
    const { call_id, attempt, receipt_id, receipt } = details;
    if (typeof call_id !== "string" || typeof attempt !== "number") return null;
    const at = row.event_id;
    if (typeof receipt_id === "string" && typeof receipt === "string") {
      const former = this.receipts.get(receipt_id);
      if (former !== undefined) {
        const message = `Row ${at} has the receipt ${receipt_id} a second time, which row ${former.event_id} has.`;
        return { code: "log.receipt_changed", message };
      }
      this.receipts.set(receipt_id, { event_id: at, hash: receipt });
    }
    const what = this.#once(
      textOf(row.actor, row.provider_id, details.account, details.tool, row.digest ?? ""),
    );
    const call = this.calls.get(call_id);
    if (call === undefined) {
      this.calls.set(call_id, { event_id: at, what, fence: attempt, state, seen: false });
    } else if (call.state === "done" || (state === "begun" && attempt <= call.fence)) {
      const message = `Row ${at} has the call ${call_id} of row ${call.event_id} begin or end a second time.`;
      return { code: "log.call_changed", message };
    } else Object.assign(call, { what, state, fence: attempt });
    return null;
  }

  #once(text: string): string {
    const known = this.#texts.get(text);
    if (known === undefined) this.#texts.set(text, text);
    return known ?? text;
  }
}

function textOf(...parts: readonly unknown[]): string {
  return JSON.stringify(parts);
}

/**
 * Compares every receipt with the hash that the log has of it.
 * @param later has the ledger take in what the log has gained meanwhile: a receipt that is not in it then either was put in
 * by somebody
 * @returns the first that differs, is missing or was put in; null when all are as they were
 */
export async function verifyReceipts(
  read: (after?: string) => Promise<readonly ReceiptText[]>,
  { receipts }: Pick<Ledger, "receipts">,
  later: () => Promise<unknown>,
): Promise<LogFault | null> {
  const strange: ReceiptText[] = [];
  const missing = new Map(receipts);
  for (let after: string | undefined; ; ) {
    const page = await read(after);
    for (const one of page) {
      const logged = receipts.get(one.receipt_id);
      if (logged === undefined) strange.push(one);
      else if (logged.hash !== sha256(one.text)) return changed(one, logged.event_id);
      missing.delete(one.receipt_id);
    }
    after = page.at(-1)?.receipt_id;
    if (after === undefined) break;
  }
  for (const [id, { event_id }] of missing) {
    const more = missing.size === 1 ? "" : `, and so are ${missing.size - 1} more`;
    return fault("log.receipt_changed", event_id, `The receipt ${id} of row ${event_id} is missing${more}.`);
  }
  if (strange.length > 0) await later();
  const forged = strange.find(({ receipt_id, text }) => receipts.get(receipt_id)?.hash !== sha256(text));
  return forged === undefined ? null : changed(forged, receipts.get(forged.receipt_id)?.event_id ?? 0);
}

function changed({ receipt_id }: ReceiptText, event_id: number): LogFault {
  return fault("log.receipt_changed", event_id, `The receipt ${receipt_id} was changed or put in.`);
}

/**
 * Compares every call with what the log says of it.
 * @param end how far the ledger goes now
 * @param readOn has the ledger take in the log's rows up to that end
 * @returns the first that differs, is missing or was put in; null when all are as they were
 */
export async function verifyCalls(
  read: (after?: string) => Promise<CallPage>,
  { calls }: Pick<Ledger, "calls">,
  end: LogHead,
  readOn: (to: LogHead) => Promise<LogFault | null>,
): Promise<LogFault | null> {
  for (let after: string | undefined; ; ) {
    const page = await read(after);
    const bad = await readOn(page.head);
    if (bad !== null) return bad;
    for (const row of page.calls) {
      const call = calls.get(row.call_id);
      // The log takes in a call that has just begun a moment later.
      if (call === undefined && row.state === "begun" && !row.is_logged) continue;
      if (call === undefined || !isSame(row, call)) {
        return fault(
          "log.call_changed",
          call?.event_id ?? 0,
          `The call ${row.call_id} was changed or put in.`,
        );
      }
      call.seen = true;
    }
    after = page.calls.at(-1)?.call_id;
    if (after === undefined) break;
  }
  for (const [id, { event_id, seen }] of calls) {
    // What has begun since then may have come in behind us.
    if (seen || event_id > end.event_id) continue;
    return fault("log.call_changed", event_id, `The call ${id} of row ${event_id} is missing.`);
  }
  return null;
}

function isSame(row: CallRow, { what, fence, state }: LoggedCall): boolean {
  const { agent, connector, account, tool, digest } = row;
  const isHere = row.is_logged && row.state === state && row.fence === fence;
  return isHere && textOf(agent, connector, account, tool, digest) === what;
}

function fault(code: LogFault["code"], event_id: number, message: string): LogFault {
  return { code, event_id, message, hint: CODES[code].remedy };
}
