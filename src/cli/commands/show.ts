import { UserError } from "../../base/index.ts";
import type { HumanFace } from "../../registry/index.ts";
import type { CommandModule } from "../definitions.ts";
import { argument } from "../options.ts";
import { prettyShow } from "../output/show.ts";

/** `sentinel show`. */
export const run: CommandModule["run"] = async (context, given) => {
  const slug = argument(given, 0);
  const human = await context.human();
  const detail = await human.show(slug).catch(async (error: unknown) => {
    throw await withNearest(error, slug, human);
  });
  const waits = detail.approved_digest !== null && detail.approved_digest !== detail.digest;
  const differences = waits ? await human.diff(slug) : [];
  await context.output.result({
    json: { ...detail, differences },
    pretty: (colour) => prettyShow(detail, differences, colour),
  });
  return 0;
};

/** Where nobody has that name, the one that was most likely meant. */
async function withNearest(error: unknown, slug: string, human: HumanFace): Promise<unknown> {
  if (!(error instanceof UserError) || error.code !== "registry.unknown_provider") return error;
  const { closest, distance } = await import("fastest-levenshtein");
  const names = (await human.list()).map(({ provider_slug }) => provider_slug);
  const nearest = closest(slug, names);
  if (nearest === undefined || distance(slug, nearest) > Math.max(2, slug.length / 3)) return error;
  return new UserError(error.code, error.message, `Did you mean "${nearest}"?`, { cause: error });
}
