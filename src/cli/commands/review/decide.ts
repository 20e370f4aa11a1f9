import { UserError } from "../../../base/index.ts";
import type { ProviderDetail } from "../../../registry/index.ts";
import type { Context } from "../../context.ts";
import type { CommandModule, ExitCode, Given } from "../../definitions.ts";
import { argument, flag, textOption } from "../../options.ts";
import { ask, canAsk } from "../../output/ask.ts";
import { blockerLines, prettyReview } from "../../output/review.ts";

/** `sentinel review approve`: exactly the content that was shown; 1 when something still blocks it. */
export const approve: CommandModule = {
  run: async (context, given) => {
    const human = await context.human();
    const detail = await human.show(argument(given, 0));
    const { provider_slug: slug, blockers, version } = detail;
    const digest = textOption(given, "digest");
    const current = digest === null || digest === detail.digest;
    // A stale digest is the registry's to refuse: it knows best what is current.
    if (current && blockers.length > 0) return blocked(context, detail);
    const meant = digest ?? (await confirmed(context, given, detail, "Approve"));
    if (meant === null) return declined(context, detail);
    await human.approve(slug, meant);
    await context.output.result({
      json: { ok: true, provider_slug: slug, version, digest: meant, status: "approved" },
      pretty: (colour) =>
        colour.green(`${slug}${version === null ? "" : ` ${version}`} is approved: ${meant}`),
    });
    return 0;
  },
};

/** `sentinel review reject`. */
export const reject: CommandModule = {
  run: async (context, given) => {
    const human = await context.human();
    const detail = await human.show(argument(given, 0));
    const reason = await reasonOf(context, given);
    const meant = textOption(given, "digest") ?? (await confirmed(context, given, detail, "Reject"));
    if (meant === null) return declined(context, detail);
    await human.reject(detail.provider_slug, meant, reason);
    return decided(context, detail, "rejected", meant, reason);
  },
};

/** `sentinel review deprecate`. */
export const deprecate: CommandModule = {
  run: async (context, given) => {
    const human = await context.human();
    const detail = await human.show(argument(given, 0));
    const reason = await reasonOf(context, given);
    const sure =
      flag(given, "yes") || !canAsk() || (await ask(`Stop serving ${detail.provider_slug}? [y/N] `, isYes));
    if (!sure) return declined(context, detail);
    await human.deprecate(detail.provider_slug, reason);
    return decided(context, detail, "deprecated", detail.approved_digest, reason);
  },
};

async function decided(
  { output }: Context,
  { provider_slug }: ProviderDetail,
  status: "rejected" | "deprecated",
  digest: string | null,
  reason: string,
): Promise<ExitCode> {
  await output.result({
    json: { ok: true, provider_slug, digest, status, reason },
    pretty: () => `${provider_slug} is ${status}: ${reason}`,
  });
  return 0;
}

const isYes = (answer: string): boolean => /^y(?:es)?$/i.test(answer);

/** The digest of the content that a person has seen and meant; null: they said no. */
async function confirmed(
  { output }: Context,
  given: Given,
  detail: ProviderDetail,
  verb: string,
): Promise<string | null> {
  if (flag(given, "yes")) return detail.digest;
  if (!canAsk() || output.format !== "pretty") {
    const hint = `Pass --digest ${detail.digest} after you have looked at it (sentinel review show ${detail.provider_slug}), or --yes for whatever is current.`;
    throw new UserError(
      "usage.digest",
      "Which content is meant has to be said, as nobody can be asked.",
      hint,
    );
  }
  await output.result({ json: detail, pretty: (colour) => prettyReview(detail, colour) });
  return (await ask(`${verb} ${detail.provider_slug}, digest ${detail.digest}? [y/N] `, isYes))
    ? detail.digest
    : null;
}

async function reasonOf({ output }: Context, given: Given): Promise<string> {
  const reason = textOption(given, "reason");
  if (reason !== null && reason.trim() !== "") return reason;
  if (canAsk() && output.format === "pretty") {
    const answer = await ask("Why? ", (text) => text);
    if (answer !== "") return answer;
  }
  throw new UserError("registry.reason_missing", "The decision needs a reason.", "Say why with --reason.");
}

async function blocked({ output }: Context, detail: ProviderDetail): Promise<ExitCode> {
  const { provider_slug, digest, blockers } = detail;
  await output.result({
    json: { ok: false, provider_slug, digest, status: detail.status, blockers },
    pretty: (colour) =>
      [`${provider_slug} can't be approved yet.`, ...blockerLines(detail, colour)].join("\n"),
  });
  return 1;
}

async function declined({ output }: Context, detail: ProviderDetail): Promise<ExitCode> {
  await output.result({
    json: { ok: false, provider_slug: detail.provider_slug, status: detail.status },
    pretty: () => "Nothing was decided.",
  });
  return 1;
}
