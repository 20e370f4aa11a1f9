import type { ReconcileOptions, ReconcileReport } from "../reconcile/index.ts";
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
    clock,
    holder,
    onProgress: progressLine(output, "connectors"),
    ...(asked === undefined ? {} : { slugs: asked }),
  };
}

/** Prints what `plan` or `run` report; 1 when anything is wrong. */
export async function conclude(
  { output }: Context,
  report: ReconcileReport,
  pretty: (colour: Paint) => string,
): Promise<ExitCode> {
  const { ok, summary, connectors, diagnostics } = report;
  await output.result({ diagnostics, json: { ok, summary, connectors, diagnostics }, pretty });
  return ok ? 0 : 1;
}
