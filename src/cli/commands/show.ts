import type { CommandModule } from "../definitions.ts";
import { argument } from "../options.ts";
import { prettyShow } from "../output/show.ts";

/** `sentinel show`. */
export const run: CommandModule["run"] = async (context, given) => {
  const slug = argument(given, 0);
  const human = await context.human();
  const detail = await human.show(slug);
  const waits = detail.approved_digest !== null && detail.approved_digest !== detail.digest;
  const differences = waits ? await human.diff(slug) : [];
  await context.output.result({
    json: { ...detail, differences },
    pretty: (colour) => prettyShow(detail, differences, colour),
  });
  return 0;
};
