import { CODES, UserError } from "../../../base/index.ts";
import {
  type Chain,
  type Checkpoint,
  type Checkpoints,
  type LogFault,
  verifyLog,
} from "../../../runtime/index.ts";
import type { Context } from "../../context.ts";
import type { CommandModule } from "../../definitions.ts";
import { checkpoints, keyRing, makeKey } from "../../keeping.ts";
import { verifiedLines } from "../../output/log.ts";

/** `sentinel log verify`: 1 when the log is not what it was. */
export const run: CommandModule["run"] = async (context) => {
  const { governance } = await context.human();
  await makeKey(context.settings, governance);
  const kept = keptBy(context);
  const { good, badLine } = kept?.read() ?? { good: [], badLine: null };
  const { chain, fault: first } = await verifyLog(governance, good);
  const fault =
    first ??
    badCheckpoint(badLine, good) ??
    (await remember(kept, chain, new Date(context.clock.now()).toISOString()));
  const found = {
    ok: fault === null,
    events: chain.events,
    head: chain.head,
    receipts: chain.ledger.receipts.size,
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

/** Adds a checkpoint. Where others have added one meanwhile, the log has to go on to there. */
async function remember(kept: Checkpoints | null, chain: Chain, at: string): Promise<LogFault | null> {
  if (kept === null || kept.add(chain.head, at)) return null;
  const { good, badLine } = kept.read();
  const further = good.filter(({ event_id }) => event_id >= chain.head.event_id);
  return badCheckpoint(badLine, good) ?? (await chain.holdAgainst(further));
}

function badCheckpoint(line: number | null, good: readonly Checkpoint[]): LogFault | null {
  if (line === null) return null;
  const message = `Line ${line} of the checkpoints is not signed with a key of ours, or was moved.`;
  const { remedy } = CODES["log.bad_checkpoint"];
  return { code: "log.bad_checkpoint", event_id: (good.at(-1)?.event_id ?? 0) + 1, message, hint: remedy };
}
