/** Killing the command at random moments and looking at what is left. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Project } from "./project.ts";

/**
 * Kills a command at random moments, again and again: none later than it takes when it is left alone, which is learnt on
 * the way, as it differs with what there is to do and with the machine's load.
 */
export class Killer {
  readonly #random: () => number;
  #takes: number;
  /** How many were still at work when they were killed. */
  hits = 0;

  /** @param takes milliseconds that the command takes about, at first */
  constructor(random: () => number, takes: number) {
    this.#random = random;
    this.#takes = takes;
  }

  /** Tells how long the command has just taken, left alone. */
  learn(milliseconds: number): void {
    this.#takes = milliseconds;
  }

  async kill(project: Project, args: readonly string[]): Promise<void> {
    const running = project.start(args);
    await Promise.race([sleep(this.#random() * this.#takes), running.finished]);
    running.child.kill("SIGKILL");
    const { signal, milliseconds } = await running.finished;
    if (signal === "SIGKILL") this.hits += 1;
    else this.learn(milliseconds);
  }
}

/** Files that a finished process should not have left: temporary ones, beside connectors and in our own folder. */
export function leftovers(project: Project): string[] {
  const own = join(project.dir, ".sentinel");
  const ours = existsSync(own) ? readdirSync(own, { recursive: true, encoding: "utf8" }) : [];
  const theirs = readdirSync(project.connectors, { recursive: true, encoding: "utf8" });
  // What lies inside the data directory is the database's business.
  return [...theirs, ...ours.filter((path) => !path.startsWith("registry/"))]
    .filter((path) => /tmp|temp|\.new(?:\/|$)|~$|-journal$/i.test(path))
    .sort();
}
