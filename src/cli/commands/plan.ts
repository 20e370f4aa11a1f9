import { plan } from "../../reconcile/index.ts";
import type { CommandModule } from "../definitions.ts";
import { prettyPlan } from "../output/reconcile.ts";
import { conclude, reconcileOptions } from "../reconciling.ts";

/** `sentinel plan`: 1 when anything is wrong; differences alone are fine. */
export const run: CommandModule["run"] = async (context, given) => {
  const registry = await context.registry();
  const report = await plan(context.settings.workspace, registry, reconcileOptions(context, given, true));
  return conclude(context, given, report, (colour) => prettyPlan(report, colour));
};
