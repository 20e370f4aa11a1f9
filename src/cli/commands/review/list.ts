import type { CommandModule } from "../../definitions.ts";
import { flag } from "../../options.ts";
import { briefTable } from "../../output/status.ts";

/** `sentinel review list`. */
export const run: CommandModule["run"] = async (context, given) => {
  const all = await (await context.human()).list();
  const connectors = flag(given, "all") ? all : all.filter(({ status }) => status === "draft");
  const [first] = connectors;
  await context.output.result({
    json: { connectors },
    pretty: (colour) =>
      first === undefined
        ? "No draft waits for a decision."
        : `${briefTable(connectors, colour)}\n\nNext: sentinel review show ${first.provider_slug}`,
  });
  return 0;
};
