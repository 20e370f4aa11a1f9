import { existsSync } from "node:fs";
import { type Clock, UserError } from "../../base/index.ts";
import type { Workspace } from "../../reconcile/index.ts";
import { openChokidar, openEyes, readWatchStatus } from "../../watch/index.ts";
import type { Settings } from "../config.ts";
import { registryTarget } from "../target.ts";
import { openDriver } from "../wire.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";

/** Whether the registry can be reached, is set up, and is ours to use. An embedded one is not made for this. */
export async function checkRegistry(settings: Settings): Promise<Finding> {
  try {
    const target = registryTarget(settings.registry, settings.workspace.cwd);
    if (target.kind === "pglite" && !existsSync(target.directory)) {
      return ok("registry", `Embedded, in ${target.directory}; the first run makes it.`);
    }
    const driver = await openDriver(target, {});
    try {
      const versions = await driver.call("sentinel_version", {}, { face: "machine" });
      const migrations = Array.isArray(versions) ? versions.length : 0;
      return ok("registry", `${driver.location} answers and has ${migrations} migrations.`);
    } finally {
      await driver.close();
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const tell = error.code === "registry.locked" ? warn : fail;
    return tell("registry", error.message, error.hint);
  }
}

/** Whether the file system tells of changes, tried with a hidden file of our own. */
export async function checkEvents({ connectors, display }: Workspace): Promise<Finding> {
  if (!existsSync(connectors)) return ok("events", "There is no folder to watch yet.");
  const nothing = () => {};
  const listener = { moved: nothing, movedSomewhere: nothing, probed: nothing, failed: nothing };
  const eyes = await openEyes(connectors, openChokidar, listener);
  if (eyes.mode === "events") {
    await eyes.events.close();
    return ok("events", `Changes in ${display} are told at once.`);
  }
  const message = `Changes in ${display} are not told: ${eyes.why}. \`watch\` will look every few seconds.`;
  return warn(
    "events",
    message,
    "Nothing has to be done; for a quicker answer put the folder on a local disk.",
  );
}

/** The daemon of this directory. */
export function checkDaemon(stateDir: string, clock: Clock): Finding {
  const seen = readWatchStatus(stateDir, clock);
  if (seen === null) return ok("daemon", "None runs here.");
  if (!seen.running) {
    const message = `Process ${seen.pid} ended without stopping properly.`;
    return warn("daemon", message, "Start it again: sentinel watch.");
  }
  if (seen.ready) return ok("daemon", `Process ${seen.pid} is ready.`);
  const message = `Process ${seen.pid} is not ready: ${seen.reasons.join("; ")}.`;
  return warn("daemon", message, "See its log on standard error.");
}
