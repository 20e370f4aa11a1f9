import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { errno } from "../../base/index.ts";
import { TEMPORARY, type Workspace } from "../../reconcile/index.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";

/** The release of Node. The launcher has refused older ones; new majors are not tested by us. */
export function checkNode(version: string): Finding {
  const [major = 0] = version.split(".").map(Number);
  if (major % 2 === 0) return ok("node", `Node ${version}.`);
  return warn(
    "node",
    `Node ${version} is a short-lived release.`,
    "Use an even major version: they are kept for years.",
  );
}

/** Whether the working directory takes `.sentinel/`. */
export function checkWritable(cwd: string): Finding {
  const state = join(cwd, ".sentinel");
  const path = existsSync(state) ? state : cwd;
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return ok("directory", `${path} can be written.`);
  } catch (error) {
    const message = `${path} can't be written (${errno(error) ?? "unknown error"}).`;
    return fail("directory", message, "Change its owner or rights, or name another directory with --cwd.");
  }
}

/** The folder of connectors. */
export function checkConnectors({ connectors, display }: Workspace): Finding {
  try {
    const folders = readdirSync(connectors, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    accessSync(connectors, constants.W_OK | constants.X_OK);
    if (folders.length > 0) return ok("connectors", `${display} holds ${folders.length}.`);
    return warn("connectors", `${display} is empty.`, "Make a connector: sentinel new <slug>.");
  } catch (error) {
    const message = `${display} can't be used (${errno(error) ?? "unknown error"}).`;
    return fail(
      "connectors",
      message,
      "Create or mount it and make it writable, or name another with --connectors.",
    );
  }
}

/** The cache may be missing; it must not be in the way. */
export function checkCache({ cacheDir }: Workspace): Finding {
  if (!existsSync(cacheDir)) return ok("cache", "There is none yet; the first run makes it.");
  try {
    accessSync(cacheDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok("cache", "It can be read and written.");
  } catch (error) {
    const message = `${cacheDir} can't be used (${errno(error) ?? "unknown error"}), so each run reads every folder again.`;
    return warn("cache", message, "Change its owner or rights, or delete it.");
  }
}

/** What killed processes left behind. */
export function checkLeftovers({ connectors, display }: Workspace): Finding {
  const left: string[] = [];
  for (const entry of list(connectors)) {
    if (entry.name.startsWith(".sentinel-")) left.push(`${display}/${entry.name}`);
    if (!entry.isDirectory()) continue;
    for (const { name } of list(join(connectors, entry.name))) {
      if (TEMPORARY.test(name)) left.push(`${display}/${entry.name}/${name}`);
    }
  }
  if (left.length === 0) return ok("leftovers", "There are no unfinished files.");
  const shown = left.slice(0, 5).join(", ");
  const message = `${left.length === 1 ? "An unfinished file was" : `${left.length} unfinished files were`} left behind: ${shown}.`;
  return warn(
    "leftovers",
    message,
    "Delete them, if no sentinel is running; the next run that writes there does, too.",
  );
}

function list(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}
