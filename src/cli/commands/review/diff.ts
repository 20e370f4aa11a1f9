import type { CommandModule } from "../../definitions.ts";
import { argument } from "../../options.ts";
import { differenceLines, heading } from "../../output/review.ts";

/** `sentinel review diff`. */
export const run: CommandModule["run"] = async (context, given) => {
  const slug = argument(given, 0);
  const human = await context.human();
  const [detail, differences] = [await human.show(slug), await human.diff(slug)];
  const { digest, approved_digest, status } = detail;
  await context.output.result({
    json: { provider_slug: detail.provider_slug, status, digest, approved_digest, differences },
    pretty: (colour) =>
      [...heading(detail, colour), "", ...differenceLines(differences, approved_digest, colour)].join("\n"),
  });
  return 0;
};
