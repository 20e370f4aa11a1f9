import type { Json } from "../../../base/index.ts";
import type { CommandModule } from "../../definitions.ts";
import { moment } from "../../duration.ts";
import { numberOption, textOption } from "../../options.ts";
import { logLines, type ShownEvent } from "../../output/log.ts";

/** `sentinel log`. */
export const run: CommandModule["run"] = async (context, given) => {
  const since = textOption(given, "since");
  const { governance } = await context.human();
  const { head, events: rows } = await governance.log({
    provider: textOption(given, "provider") ?? undefined,
    agent: textOption(given, "agent") ?? undefined,
    since: since === null ? undefined : moment(since, "--since", context.clock.now()),
    max_rows: numberOption(given, "limit") ?? 100,
    newest: true,
  });
  const events = rows.map(({ details, ...row }): ShownEvent => {
    const parsed: Json = JSON.parse(details);
    return { ...row, details: parsed };
  });
  await context.output.result({
    json: { events, head },
    pretty: (colour) =>
      events.length === 0 ? "Nothing of the kind is on record." : logLines(events, colour).join("\n"),
  });
  return 0;
};
