import { archivePlan, askRegistry, type Context, lookUp, refusedReport } from "./context.ts";
import { planConnector } from "./plan.ts";
import { ReportBuilder } from "./report.ts";
import { type Scan, scanNames, scanRoot } from "./scan.ts";
import { crowdedNames } from "./survey.ts";
import type { PassResult } from "./whole.ts";

/**
 * Reconciles some folders only, present or gone, without cache and, unless something is gone, without asking what else
 * is registered.
 * @param names what is known to stand in the folder of connectors; kept up to date
 */
export async function partPass(
  context: Context,
  slugs: readonly string[],
  names: Set<string>,
): Promise<PassResult> {
  const { workspace, source } = context;
  const found = scanNames(workspace, slugs);
  if (found.root !== "present") {
    return { report: refusedReport(context, found, null), scan: found, archived: 0 };
  }
  for (const slug of slugs) names.delete(slug);
  for (const slug of found.names) names.add(slug);

  const gone = slugs.some((slug) => !found.names.includes(slug));
  // The budget counts everything that is gone, so it takes the whole folder.
  const scan: Scan = gone ? scanRoot(workspace) : found;
  const registered = (gone ? await askRegistry(context) : null) ?? (await lookUp(context, found.names));
  const { archive, refusal } = archivePlan(context, gone ? registered : null, scan);

  const report = new ReportBuilder(context.options.withUnchanged);
  if (refusal !== null) report.diagnostics(refusedReport(context, scan, refusal).diagnostics);
  const { carryOut } = await import("./pass.ts");
  await carryOut(
    context,
    {
      early: [],
      rest: [...found.names].sort(),
      crowded: crowdedNames(names),
      registered,
      decide: ({ slug, digest, manifest: { version } }) =>
        planConnector({ slug, digest, version }, registered, source),
      archive,
      remember: null,
    },
    report,
  );
  return { report: report.build(), scan, archived: archive.length };
}
