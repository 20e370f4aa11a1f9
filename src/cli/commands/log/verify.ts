import { CODES, UserError } from "../../../base/index.ts";
import type { GovernanceFace, LogHead } from "../../../registry/index.ts";
import {
  type Checkpoint,
  type Checkpoints,
  type LogFault,
  type ReadLog,
  type Verification,
  verifyChain,
  verifyReceipts,
} from "../../../runtime/index.ts";
import type { Context } from "../../context.ts";
import type { CommandModule } from "../../definitions.ts";
import { checkpoints, keyRing } from "../../keeping.ts";
import { verifiedLines } from "../../output/log.ts";

const PAGE = 2000;

/** `sentinel log verify`: 1 when the log is not what it was. */
export const run: CommandModule["run"] = async (context) => {
  const { governance } = await context.human();
  const kept = keptBy(context);
  const { good, badLine } = kept?.read() ?? { good: [], badLine: null };
  const chain = await verifyChain(reading(governance), good);
  const fault =
    chain.fault ??
    badCheckpoint(badLine, good) ??
    (await badReceipt(governance, chain)) ??
    (await remember(kept, governance, chain.head, new Date(context.clock.now()).toISOString()));
  const found = {
    ok: fault === null,
    events: chain.events,
    head: chain.head,
    receipts: chain.receipts.size,
    checkpoints: kept === null ? null : good.length,
    fault,
  };
  await context.output.result({ json: found, pretty: (colour) => verifiedLines(found, colour).join("\n") });
  return fault === null ? 0 : 1;
};

/** The checkpoints, or null where no master key is at hand to check their signatures with. */
function keptBy({ settings, output }: Context): Checkpoints | null {
  try {
    const ring = keyRing(settings);
    return checkpoints(settings, () => ring);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== "vault.no_key") throw error;
    output.note(
      "Without the master key there are no checkpoints: a log that was cut or written anew is not noticed.",
    );
    return null;
  }
}

const reading =
  (governance: GovernanceFace): ReadLog =>
  (after) =>
    governance.log({ after, max_rows: PAGE });

/** Adds a checkpoint. Where others have added one meanwhile, the log has to go on to there. */
async function remember(
  kept: Checkpoints | null,
  governance: GovernanceFace,
  head: LogHead,
  at: string,
): Promise<LogFault | null> {
  if (kept === null || kept.add(head, at)) return null;
  const { good, badLine } = kept.read();
  const further = good.filter(({ event_id }) => event_id >= head.event_id);
  return badCheckpoint(badLine, good) ?? (await verifyChain(reading(governance), further, head)).fault;
}

function badCheckpoint(line: number | null, good: readonly Checkpoint[]): LogFault | null {
  if (line === null) return null;
  const message = `Line ${line} of the checkpoints is not signed with a key of ours, or was moved.`;
  const { remedy } = CODES["log.bad_checkpoint"];
  return { code: "log.bad_checkpoint", event_id: (good.at(-1)?.event_id ?? 0) + 1, message, hint: remedy };
}

async function badReceipt(governance: GovernanceFace, chain: Verification): Promise<LogFault | null> {
  const later = async (): Promise<Verification["receipts"]> =>
    (await verifyChain(reading(governance), [], chain.head)).receipts;
  const bad = await verifyReceipts((after) => governance.receipts(after), chain.receipts, later);
  if (bad === null) return null;
  return {
    code: "log.receipt_changed",
    event_id: 0,
    message: bad.message,
    hint: CODES["log.receipt_changed"].remedy,
  };
}
