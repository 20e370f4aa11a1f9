import { UserError } from "../../../base/index.ts";
import { DEFAULT_ACCOUNT, parseAccount } from "../../../runtime/index.ts";
import type { CommandModule } from "../../definitions.ts";
import { argument, flag } from "../../options.ts";
import { meant } from "./place.ts";

/** `sentinel vault delete`. */
export const run: CommandModule["run"] = async (context, given) => {
  const place = argument(given, 0);
  const {
    args: [, key],
  } = given;
  if (flag(given, "all") === (key !== undefined)) {
    throw new UserError(
      "usage.key",
      "What is to be deleted is not clear.",
      "Name a key, or pass --all for the account.",
    );
  }
  const human = await context.human();
  if (key === undefined) {
    const { connector, account } = parseAccount(place);
    await human.governance.deleteAccount(connector, account ?? DEFAULT_ACCOUNT);
  } else {
    const secret = await meant(human, place, key, true);
    await human.governance.deleteSecret(secret.slug, secret.account, secret.key);
  }
  await context.output.result({
    json: { ok: true, deleted: key ?? "account", place },
    pretty: () => (key === undefined ? `The account ${place} is gone.` : `${key} of ${place} is gone.`),
  });
  return 0;
};
