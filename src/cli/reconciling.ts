import { type ReconcileOptions, type ReconcileReport, refuseUnknown } from "../reconcile/index.ts";
import type { Context } from "./context.ts";
import type { ExitCode, Given } from "./definitions.ts";
import { numberOption, slugs } from "./options.ts";
import { progressLine } from "./output/progress.ts";
import type { Paint } from "./output/text.ts";

/** What `plan` and `run` tell the reconciler. */
export function reconcileOptions(context: Context, given: Given, withChanges: boolean): ReconcileOptions {
  const { settings, clock, holder, output } = context;
  const asked = slugs(given, settings);
  return {
    source: settings.source,
    allowArchive: numberOption(given, "allowArchive") ?? 0,
    withChanges,
    withUnchanged: output.format === "json",
    clock,
    holder,
    onProgress: progressLine(output, "connectors"),
    ...(asked === undefined ? {} : { slugs: asked }),
  };
}

/**
 * Prints what `plan` or `run` report; 1 when anything is wrong.
 * @throws UserError `check.unknown_connector` for a name that neither a folder nor the registry has
 */
export async function conclude(
  { output, settings }: Context,
  given: Given,
  report: ReconcileReport,
  pretty: (colour: Paint) => string,
): Promise<ExitCode> {
  const told = new Set(report.connectors.map(({ slug }) => slug));
  const untold = slugs(given, settings)?.filter((slug) => !told.has(slug)) ?? [];
  if (report.ok && untold.length > 0) await refuseUnknown(settings.workspace, untold);
  const { ok, summary, connectors, diagnostics } = report;
  await output.result({ diagnostics, json: { ok, summary, connectors, diagnostics }, pretty });
  return ok ? 0 : 1;
}
