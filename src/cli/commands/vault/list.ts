import { wantedSecrets } from "../../../runtime/index.ts";
import type { CommandModule } from "../../definitions.ts";
import { vaultLines } from "../../output/agents.ts";
import { manifestOf } from "./place.ts";

/** `sentinel vault list`. */
export const run: CommandModule["run"] = async (context, { args: [slug] }) => {
  const human = await context.human();
  const wanted = slug === undefined ? [] : wantedSecrets(manifestOf(await human.show(slug)));
  const accounts = await human.governance.accounts(slug);
  await context.output.result({
    json: { accounts, wanted },
    pretty: (colour) => vaultLines(accounts, wanted, slug ?? null, colour).join("\n"),
  });
  return 0;
};
