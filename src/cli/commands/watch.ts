import { createLogger, LOG_LEVELS, type LogLevel } from "../../base/index.ts";
import { DEFAULT_TUNING, type Reloaded, type Tuning, watch } from "../../watch/index.ts";
import { loadSettings, type WatchSettings } from "../config.ts";
import type { Context } from "../context.ts";
import type { CommandModule, Given } from "../definitions.ts";
import { numberOption, textOption } from "../options.ts";

/** `sentinel watch`: runs until it is stopped. */
export const run: CommandModule["run"] = async (context, given) => {
  const { settings, output, clock, holder } = context;
  const tuning = tuningOf(settings.watch, given);
  const terminal = output.format === "pretty" && process.stderr.isTTY === true;
  const logger = await createLogger({
    level: output.options.quiet ? "warn" : tuning.logLevel,
    format: terminal ? "pretty" : "json",
    colour: output.options.colour.stderr,
  });
  await watch({
    workspace: settings.workspace,
    registry: await context.registry(true),
    source: settings.source,
    holder,
    logger,
    clock,
    tuning,
    stateDir: settings.stateDir,
    healthPort: numberOption(given, "healthPort") ?? settings.watch.health_port ?? null,
    reload: () => reload(context, given),
  });
  return 0;
};

/** Reads the configuration again; what decides where things are stays as it was at the start. */
async function reload({ flags }: Context, given: Given): Promise<Reloaded> {
  const { settings, diagnostics } = await loadSettings(flags);
  return diagnostics.length > 0
    ? { ok: false, diagnostics }
    : { ok: true, tuning: tuningOf(settings.watch, given) };
}

/** Flags beat configuration beats defaults. */
function tuningOf(watching: WatchSettings, given: Given): Tuning {
  return {
    settleMs: watching.settle_ms ?? DEFAULT_TUNING.settleMs,
    rescanSeconds: watching.rescan_seconds ?? DEFAULT_TUNING.rescanSeconds,
    pollSeconds: watching.poll_seconds ?? DEFAULT_TUNING.pollSeconds,
    allowArchive: numberOption(given, "allowArchive") ?? DEFAULT_TUNING.allowArchive,
    logLevel: levelOf(textOption(given, "logLevel")) ?? watching.log_level ?? DEFAULT_TUNING.logLevel,
  };
}

function levelOf(text: string | null): LogLevel | undefined {
  return LOG_LEVELS.find((level) => level === text);
}
