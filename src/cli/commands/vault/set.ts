import { CODES, registerSecret, UserError } from "../../../base/index.ts";
import { seal } from "../../../runtime/index.ts";
import type { CommandModule } from "../../definitions.ts";
import { keyRing, makeKey } from "../../keeping.ts";
import { argument, flag } from "../../options.ts";
import { askHidden, readInput } from "../../output/ask.ts";
import { meant } from "./place.ts";

const LONGEST = 64 * 1024;

/** `sentinel vault set`: the value comes from a prompt or standard input, and leaves this process sealed only. */
export const run: CommandModule["run"] = async (context, given) => {
  const human = await context.human();
  const { slug, account, key, keyName } = await meant(
    human,
    argument(given, 0),
    given.args[1],
    flag(given, "any"),
  );
  // Before anybody types: without a key there is nothing to do.
  await makeKey(context.settings, human.governance);
  keyRing(context.settings);
  context.output.clearProgress();
  const value = await readValue(`${keyName}:`);
  registerSecret(value);
  // Read again: somebody may have changed the key while the value was typed.
  const sealed = seal(keyRing(context.settings), { connector: slug, account, key }, keyName, value);
  await human.governance.writeSecret({ provider_slug: slug, account, key, key_name: keyName, ...sealed });
  await context.output.result({
    json: { ok: true, provider_slug: slug, account, key, key_name: keyName },
    pretty: (colour) => colour.green(`${keyName} is stored, for ${slug}:${account}.`),
  });
  return 0;
};

async function readValue(question: string): Promise<string> {
  const text = process.stdin.isTTY === true ? await askHidden(question) : await readInput(LONGEST, tooLong());
  const value = text?.replace(/\r?\n$/, "") ?? "";
  if (Buffer.byteLength(value) > LONGEST) throw tooLong();
  if (value !== "" && !value.includes("\0") && value.isWellFormed()) return value;
  throw new UserError(
    "vault.empty",
    "No value was given, or none that is text.",
    CODES["vault.empty"].remedy,
  );
}

function tooLong(): UserError {
  const { meaning, remedy } = CODES["vault.too_long"];
  return new UserError("vault.too_long", meaning, remedy);
}
