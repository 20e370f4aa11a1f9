import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, errno } from "../base/index.ts";
import { watching } from "./health.ts";
import { readiness, type State } from "./state.ts";

const FILE = "watch.json";
/** A running daemon writes at least this often, so that a number taken over by another process is told apart. */
const WRITE_AT_LEAST_MS = 20_000;
const STALE_MS = 3 * WRITE_AT_LEAST_MS;

/** What a daemon leaves in `.sentinel/watch.json` for `status` and `doctor`. */
export interface WatchStatus extends ReturnType<typeof watching> {
  format_version: 1;
  pid: number;
  /** ISO 8601, as all times here. */
  started_at: string;
  updated_at: string;
  source: string;
  holder: string;
  ready: boolean;
  reasons: readonly string[];
  /** Where /healthz, /readyz and /metrics are; null when not asked for. */
  health_url: string | null;
}

/** What the file says, and whether it is still true: `running` is false when its daemon was killed or hangs. */
export type SeenStatus = WatchStatus & { readonly running: boolean };

/** Reads the status of the daemon of this folder; null when there is none, or when the file is damaged. */
export function readWatchStatus(stateDir: string, clock: Clock): SeenStatus | null {
  try {
    const status: WatchStatus = JSON.parse(readFileSync(join(stateDir, FILE), "utf8"));
    if (status.format_version !== 1) return null;
    const age = clock.now() - Date.parse(status.updated_at);
    return { ...status, running: age < STALE_MS && isAlive(status.pid) };
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errno(error) === "EPERM";
  }
}

/** Keeps the file up to date. Where another living daemon has it (we are its standby), it is left alone. */
export class StatusFile {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #about: { source: string; holder: string; health_url: string | null };
  #written = "";
  #writtenAt = Number.NEGATIVE_INFINITY;

  constructor(
    directory: string,
    clock: Clock,
    about: { source: string; holder: string; health_url: string | null },
  ) {
    this.#directory = directory;
    this.#clock = clock;
    this.#about = about;
  }

  /** Writes when something changed or the last writing is old; a full disk costs the status, not the daemon. */
  update(state: State): void {
    const now = this.#clock.now();
    const what = { ...this.#about, ...readiness(state), ...watching(state) };
    const content = JSON.stringify(what);
    if (content === this.#written && now - this.#writtenAt < WRITE_AT_LEAST_MS) return;
    const status: WatchStatus = {
      format_version: 1,
      pid: process.pid,
      started_at: new Date(state.startedAt).toISOString(),
      updated_at: new Date(now).toISOString(),
      ...what,
    };
    if (this.#othersOwn()) return;
    const temporary = join(this.#directory, `watch-${process.pid}.tmp`);
    try {
      mkdirSync(this.#directory, { recursive: true });
      writeFileSync(temporary, `${JSON.stringify(status, null, 2)}\n`);
      renameSync(temporary, join(this.#directory, FILE));
      this.#written = content;
      this.#writtenAt = now;
    } catch {
      rmSync(temporary, { force: true });
    }
  }

  /** Takes the file away at a proper end. */
  remove(): void {
    if (this.#othersOwn()) return;
    try {
      rmSync(join(this.#directory, FILE), { force: true });
    } catch {
      // It reads as stale soon.
    }
  }

  #othersOwn(): boolean {
    const seen = readWatchStatus(this.#directory, this.#clock);
    return seen?.running === true && seen.pid !== process.pid;
  }
}
