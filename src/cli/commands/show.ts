import type { CommandModule } from "../definitions.ts";
import { argument } from "../options.ts";
import { prettyShow } from "../output/show.ts";

/** `sentinel show`. */
export const run: CommandModule["run"] = async (context, given) => {
  const slug = argument(given, 0);
  const { detail, differences } = await context.read(async (face) => {
    const shown = await face.show(slug);
    const waits = shown.approved_digest !== null && shown.approved_digest !== shown.digest;
    return { detail: shown, differences: waits ? await face.diff(slug) : [] };
  });
  await context.output.result({
    json: { ...detail, differences },
    pretty: (colour) => prettyShow(detail, differences, colour),
  });
  return 0;
};
