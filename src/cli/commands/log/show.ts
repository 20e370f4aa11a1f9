import type { Json } from "../../../base/index.ts";
import type { LogFilter, LogPage, LogRow } from "../../../registry/index.ts";
import type { CommandModule } from "../../definitions.ts";
import { moment } from "../../duration.ts";
import { numberOption, textOption } from "../../options.ts";
import { logLines, type ShownEvent } from "../../output/log.ts";

const PAGE = 5000;

/** `sentinel log`. */
export const run: CommandModule["run"] = async (context, given) => {
  const since = textOption(given, "since");
  const { governance } = await context.human();
  const filter = {
    provider: textOption(given, "provider") ?? undefined,
    agent: textOption(given, "agent") ?? undefined,
    since: since === null ? undefined : moment(since, "--since", context.clock.now()),
  };
  const limit = numberOption(given, "limit") ?? 100;
  const { head, events: rows } = await lastRows((asked) => governance.log(asked), filter, limit);
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

/** The last rows of those that are asked for, however many: the registry gives no more than a page at a time. */
export async function lastRows(
  read: (filter: LogFilter) => Promise<LogPage>,
  filter: LogFilter,
  limit: number,
): Promise<LogPage> {
  const pages: (readonly LogRow[])[] = [];
  for (let left = limit, before: number | undefined; ; ) {
    const { head, events } = await read({ ...filter, before, max_rows: Math.min(left, PAGE), newest: true });
    pages.unshift(events);
    left -= events.length;
    before = events[0]?.event_id;
    if (left <= 0 || events.length < PAGE) return { head, events: pages.flat() };
  }
}
