import { check } from "../../reconcile/index.ts";
import type { CommandModule } from "../definitions.ts";
import { slugs } from "../options.ts";
import { prettyCheck } from "../output/reconcile.ts";

/** `sentinel check`: 1 when anything is wrong. */
export const run: CommandModule["run"] = async ({ settings, output }, given) => {
  const report = await check(settings.workspace, slugs(given, settings));
  const { ok, summary, diagnostics } = report;
  await output.result({
    diagnostics,
    json: { ok, summary, diagnostics },
    pretty: (colour) => prettyCheck(report, colour),
  });
  return ok ? 0 : 1;
};
