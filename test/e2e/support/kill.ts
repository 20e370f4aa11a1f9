/** Killing the command at random moments and looking at what is left. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Project } from "./project.ts";

/** Runs a command and kills it after `milliseconds`, if it still lives. Returns whether it did. */
export async function killAfter(
  project: Project,
  args: readonly string[],
  milliseconds: number,
): Promise<boolean> {
  const running = project.start(args);
  await Promise.race([sleep(milliseconds), running.finished]);
  running.child.kill("SIGKILL");
  return (await running.finished).signal === "SIGKILL";
}

/** Files that a finished process should not have left: temporary ones, beside connectors and in our own folder. */
export function leftovers(project: Project): string[] {
  const own = join(project.dir, ".sentinel");
  const ours = existsSync(own) ? readdirSync(own, { recursive: true, encoding: "utf8" }) : [];
  const theirs = readdirSync(project.connectors, { recursive: true, encoding: "utf8" });
  // The database's own temporary files are the database's business.
  return [...theirs, ...ours.filter((path) => !/(?:^|\/)(?:base|pg_[a-z]+)\//.test(path))]
    .filter((path) => /tmp|temp|\.new$|~$|-journal$/i.test(path))
    .sort();
}
