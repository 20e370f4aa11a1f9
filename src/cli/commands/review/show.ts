import type { CommandModule } from "../../definitions.ts";
import { argument } from "../../options.ts";
import { prettyReview } from "../../output/review.ts";

/** `sentinel review show`. */
export const run: CommandModule["run"] = async (context, given) => {
  const detail = await (await context.human()).show(argument(given, 0));
  await context.output.result({ json: detail, pretty: (colour) => prettyReview(detail, colour) });
  return 0;
};
