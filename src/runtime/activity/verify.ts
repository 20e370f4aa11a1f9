import type { GovernanceFace } from "../../registry/index.ts";
import { type Chain, type LogFault, type Remembered, verifyChain } from "./chain.ts";
import { verifyCalls, verifyReceipts } from "./ledger.ts";

const PAGE = 2000;

/**
 * Looks through the whole log, and at the receipts and calls that it speaks of, while it goes on.
 * @param remembered checkpoints whose signatures are good, in order of ids
 */
export async function verifyLog(
  people: Pick<GovernanceFace, "log" | "receipts" | "calls">,
  remembered: readonly Remembered[],
): Promise<{ readonly chain: Chain; readonly fault: LogFault | null }> {
  const chain = await verifyChain(
    // From the very first row: one before 1 was put in.
    (after) => people.log({ after: after === 0 ? undefined : after, max_rows: PAGE }),
    remembered,
  );
  const { ledger, head } = chain;
  const fault =
    chain.fault ??
    (await verifyReceipts(
      (after) => people.receipts(after),
      ledger,
      () => chain.readOn(),
    )) ??
    (await verifyCalls(
      (after) => people.calls(after),
      ledger,
      head,
      (to) => chain.readOn(to),
    ));
  return { chain, fault };
}
