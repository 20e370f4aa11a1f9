import type { LogHead, RuntimeFace } from "../../registry/index.ts";
import type { Checkpoints } from "./checkpoints.ts";

/** What a serving process looks after now and then. */
export interface HousekeepingOptions {
  readonly runtime: Pick<RuntimeFace, "settle" | "head">;
  /** null where there is no master key to sign with. */
  readonly checkpoints: Checkpoints | null;
  /** How often, in milliseconds. */
  readonly everyMs?: number;
  /** Told what can't be done, and that the log is shorter than it was. */
  readonly onTrouble?: (what: "settle" | "log_rewound", detail: unknown) => void;
}

const EVERY_MS = 60_000;

/**
 * Settles calls of processes that died and remembers how far the log went: at once, every minute, and when it is stopped.
 * @returns the way to stop it
 */
export function keepHouse(options: HousekeepingOptions): () => Promise<void> {
  const { runtime, checkpoints, everyMs = EVERY_MS, onTrouble } = options;
  const settle = async (): Promise<void> => {
    await runtime.settle().catch((error: unknown) => onTrouble?.("settle", error));
  };
  const remember = (head: LogHead | null): void => {
    if (head === null || checkpoints === null) return;
    if (!checkpoints.add(head, new Date().toISOString())) onTrouble?.("log_rewound", head);
  };
  const timer = setInterval(() => {
    remember(runtime.head);
    void settle();
  }, everyMs).unref();
  const first = settle();
  return async () => {
    clearInterval(timer);
    await first;
    remember(runtime.head);
  };
}
