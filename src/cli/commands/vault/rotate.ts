import { type KeyRing, rotate } from "../../../runtime/index.ts";
import type { CommandModule } from "../../definitions.ts";
import { checkpoints, keyRing, makeKey } from "../../keeping.ts";
import { count } from "../../output/text.ts";

/** `sentinel vault rotate`: secrets are sealed anew, and the log's checkpoints signed anew. */
export const run: CommandModule["run"] = async (context) => {
  const { settings, output } = context;
  const { governance } = await context.human();
  await makeKey(settings, governance);
  const ring = (): KeyRing => keyRing(settings);
  const kept = checkpoints(settings, ring);
  // Only what is good is signed again: a forged line must not get a good signature.
  const { good, badLine } = kept.read();
  const done = await rotate(governance, ring);
  if (badLine === null) kept.signAnew(good, done.ring);
  else output.note(`Line ${badLine} of the log's checkpoints is not ours; they were left as they are.`);
  await output.result({
    json: {
      ok: true,
      sealed: done.sealed,
      key_id: done.key_id,
      new_key: done.made,
      checkpoints: good.length,
    },
    pretty: () =>
      `${count(done.sealed, "secret")} sealed with the ${done.made ? "new " : ""}key ${done.key_id}.`,
  });
  return 0;
};
