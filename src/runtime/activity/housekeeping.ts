import { RegistryUnavailable } from "../../base/index.ts";
import type { RuntimeFace } from "../../registry/index.ts";
import type { Checkpoints } from "./checkpoints.ts";

/** What a serving process looks after now and then. */
export interface HousekeepingOptions {
  readonly runtime: Pick<RuntimeFace, "settle" | "record" | "head">;
  /** null: nothing is remembered. */
  readonly checkpoints: Checkpoints | null;
  /** Makes sure, before a checkpoint, that there is a key to sign it with. */
  readonly prepare?: () => Promise<void>;
  /** How often, in milliseconds. */
  readonly everyMs?: number;
  /** How long after the start for the first time: a process that makes one call has ended by then. */
  readonly firstMs?: number;
  /**
   * Told what can't be done: settling, as the registry is away; a checkpoint, for want of a master key or as the file can't
   * be written (told once); and that the log is shorter than it was (`log_rewound`).
   */
  readonly onTrouble?: (what: "settle" | "checkpoint" | "log_rewound", detail: unknown) => void;
}

const EVERY_MS = 60_000;
const FIRST_MS = 5000;

/**
 * Settles calls of processes that died and remembers how far the log went: every minute, and the latter when it is stopped.
 * @returns the way to stop it
 */
export function keepHouse(options: HousekeepingOptions): () => Promise<void> {
  const { runtime, checkpoints, everyMs = EVERY_MS, firstMs = FIRST_MS, onTrouble } = options;
  let failed = false;
  const remember = async (): Promise<void> => {
    if (runtime.head === null || checkpoints === null || failed) return;
    const add = (): boolean =>
      runtime.head === null || checkpoints.add(runtime.head, new Date().toISOString());
    try {
      await options.prepare?.();
      if (add()) return;
      // Another process may have remembered more than this one has heard of: what counts is how far the log goes now.
      await runtime.record([]);
      if (!add()) onTrouble?.("log_rewound", runtime.head);
    } catch (error) {
      if (error instanceof RegistryUnavailable) return;
      failed = true;
      onTrouble?.("checkpoint", error);
    }
  };
  const round = (): void => {
    void remember();
    runtime.settle().catch((error: unknown) => onTrouble?.("settle", error));
    timer = setTimeout(round, everyMs).unref();
  };
  let timer = setTimeout(round, firstMs).unref();
  return async () => {
    clearTimeout(timer);
    await remember();
  };
}
