import { systemClock } from "../../base/index.ts";
import { loadSettings } from "../config.ts";
import type { CommandModule } from "../definitions.ts";
import { checkCache, checkConnectors, checkLeftovers, checkNode, checkWritable } from "../doctor/files.ts";
import type { Finding } from "../doctor/finding.ts";
import { checkDaemon, checkEvents, checkRegistry } from "../doctor/services.ts";
import { checkConfiguration, checkEnvironment } from "../doctor/settings.ts";
import { prettyDoctor } from "../output/doctor.ts";

/** `sentinel doctor`: 1 when something keeps a run from working. */
export const run: CommandModule["run"] = async ({ settings, output, flags }) => {
  const { diagnostics } = await loadSettings(flags);
  const { cwd } = settings.workspace;
  const checks: Finding[] = [
    checkNode(process.versions.node),
    checkConfiguration(diagnostics),
    checkEnvironment(process.env),
    checkWritable(cwd),
    checkConnectors(settings.workspace),
    await checkRegistry(settings),
    checkCache(settings.workspace),
    await checkEvents(settings.workspace),
    checkDaemon(settings.stateDir, systemClock),
    checkLeftovers(settings.workspace),
  ];
  const ok = checks.every(({ state }) => state !== "fail");
  await output.result({ json: { ok, checks }, pretty: (colour) => prettyDoctor(checks, colour) });
  return ok ? 0 : 1;
};
