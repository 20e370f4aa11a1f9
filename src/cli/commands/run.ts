import { run as reconcile } from "../../reconcile/index.ts";
import { shownPath } from "../config.ts";
import type { CommandModule } from "../definitions.ts";
import { flag } from "../options.ts";
import { prettyRun } from "../output/reconcile.ts";
import { conclude, reconcileOptions } from "../reconciling.ts";

/** `sentinel run`: 1 when anything could not be registered. */
export const run: CommandModule["run"] = async (context, given) => {
  const registry = await context.registry(true);
  const { workspace } = context.settings;
  const options = reconcileOptions(context, given, flag(given, "changes"));
  const report = await reconcile(workspace, registry, options);
  const { kind, location } = registry.driver;
  const where = kind === "pglite" ? shownPath(workspace.cwd, location) : location;
  return conclude(context, given, report, (colour) => prettyRun(report, where, workspace.display, colour));
};
