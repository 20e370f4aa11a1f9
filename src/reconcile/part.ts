import { archivePlan, askRegistry, type Context, lookUp, READ_FIRST, refusedReport } from "./context.ts";
import { planConnector } from "./plan.ts";
import { ReportBuilder } from "./report.ts";
import { type Scan, scanNames, scanRoot } from "./scan.ts";
import type { Names } from "./survey.ts";
import type { PassResult } from "./whole.ts";

/**
 * Reconciles some folders only, present or gone, without cache and, unless something is gone, without asking what else
 * is registered.
 * @param names what is known to stand in the folder of connectors; kept up to date
 */
export async function partPass(
  context: Context,
  slugs: readonly string[],
  names: Names,
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
  const { carryOut, readNow } = await import("./pass.ts");
  const few = found.names.length <= READ_FIRST;
  const rest = [...found.names].sort();
  const [registered, early] = await Promise.all([
    (gone ? askRegistry(context) : Promise.resolve(null)).then((all) => all ?? lookUp(context, rest)),
    few ? readNow(context, rest) : [],
  ]);
  const { archive, refusal } = archivePlan(context, gone ? registered : null, scan);

  const report = new ReportBuilder(context.options.withUnchanged);
  if (refusal !== null) report.diagnostics(refusedReport(context, scan, refusal).diagnostics);
  await carryOut(
    context,
    {
      early,
      rest: few ? [] : rest,
      begun: new Map(),
      crowded: names.crowded(found.names),
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
