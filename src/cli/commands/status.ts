import { readWatchStatus } from "../../watch/index.ts";
import type { CommandModule } from "../definitions.ts";
import { prettyStatus } from "../output/status.ts";

/** `sentinel status`. */
export const run: CommandModule["run"] = async (context) => {
  const connectors = await (await context.human()).list();
  const watch = readWatchStatus(context.settings.stateDir, context.clock);
  await context.output.result({
    json: { connectors, watch },
    pretty: (colour) => prettyStatus(connectors, watch, colour),
  });
  return 0;
};
