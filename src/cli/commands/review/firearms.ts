import { UserError } from "../../../base/index.ts";
import type { ScopeDecision } from "../../../registry/index.ts";
import type { Context } from "../../context.ts";
import type { CommandModule, ExitCode, Given } from "../../definitions.ts";
import { argument, flag, textOption } from "../../options.ts";
import { firearmTypeLines, scopeLines } from "../../output/review.ts";
import { count } from "../../output/text.ts";

/** `sentinel review firearms`: decides one or many scopes, or lists what there is to decide. */
export const run: CommandModule["run"] = async (context, given) => {
  const slug = argument(given, 0);
  const decision = decisionOf(given);
  return decision === null ? list(context, slug) : decide(context, slug, scopesOf(given), decision);
};

function decisionOf(given: Given): ScopeDecision | null {
  const type = textOption(given, "type");
  if (type !== null && flag(given, "none")) {
    throw new UserError("usage.conflict", "--type and --none exclude each other.", "Keep one of them.");
  }
  if (type !== null) return { requires_firearm: true, firearm_type: type };
  if (flag(given, "none")) return { requires_firearm: false, firearm_type: null };
  if (given.args.length === 1 && !flag(given, "all")) return null;
  throw new UserError("usage.decision", "No decision is named.", "Add --type <type>, or --none.");
}

/** The scopes named; null: all of them. */
function scopesOf(given: Given): readonly string[] | null {
  const scopes = given.args.slice(1);
  if (flag(given, "all") === scopes.length > 0) {
    const hint = "Name the scopes, or pass --all for every scope of the connector.";
    throw new UserError("usage.scopes", "Which scopes are meant is not clear.", hint);
  }
  return flag(given, "all") ? null : scopes;
}

async function decide(
  context: Context,
  slug: string,
  scopes: readonly string[] | null,
  decision: ScopeDecision,
): Promise<ExitCode> {
  const changed = await (await context.human()).setScopes(slug, scopes, decision);
  const which = scopes === null ? "every scope" : scopes.join(", ");
  const what = decision.firearm_type === null ? "no firearm" : `firearm ${decision.firearm_type}`;
  await context.output.result({
    json: { ok: true, provider_slug: slug, changed, ...decision },
    pretty: () =>
      `${which} of ${slug}: ${what} (${changed === 0 ? "as before" : `${count(changed, "scope")} changed`})`,
  });
  return 0;
}

async function list(context: Context, slug: string): Promise<ExitCode> {
  const human = await context.human();
  const [detail, vocabulary] = [await human.show(slug), await human.vocabulary()];
  const { firearm_types = [], firearms_licenses = [] } = vocabulary;
  await context.output.result({
    json: { provider_slug: slug, scopes: detail.scopes, firearm_types, firearms_licenses },
    pretty: (colour) =>
      [...firearmTypeLines(vocabulary, colour), ...scopeLines(detail, colour)].join("\n").trimStart(),
  });
  return 0;
}
