/** Why the daemon can't do its work at the moment. */
export interface Trouble {
  /** `registry`: it can't be reached; `standby`: another Sentinel holds the lease; `failed`: anything else. */
  readonly kind: "registry" | "standby" | "failed";
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** One sentence. */
  readonly why: string;
}

/** What the daemon knows of itself: health, metrics and the status file show it, and only the loop changes it. */
export interface State {
  readonly startedAt: number;
  mode: "starting" | "events" | "polling";
  /** Why not by events; null otherwise. */
  pollingBecause: string | null;
  /** Whether the whole tree was looked at, and registered, once. */
  scanned: boolean;
  trouble: Trouble | null;
  /** Milliseconds since the epoch of the loop's last turn; it turns every few seconds when idle. */
  turnedAt: number;
  lastPass: { readonly at: number; readonly seconds: number; readonly folders: number | "all" } | null;
  lastSuccessAt: number | null;
  /** Folders waiting. */
  dirty: number;
  invalid: number;
  /** Registered connectors by status, as last seen. */
  registered: Readonly<Record<string, number>>;
  readonly count: { events: number; rescans: number; reopened: number; registryErrors: number };
}

/** A daemon that has done nothing yet. */
export function newState(now: number): State {
  return {
    startedAt: now,
    mode: "starting",
    pollingBecause: null,
    scanned: false,
    trouble: null,
    turnedAt: now,
    lastPass: null,
    lastSuccessAt: null,
    dirty: 0,
    invalid: 0,
    registered: {},
    count: { events: 0, rescans: 0, reopened: 0, registryErrors: 0 },
  };
}

/** Whether what is dropped into the folder gets registered now, and if not, why. */
export function readiness(state: State): { readonly ready: boolean; readonly reasons: readonly string[] } {
  const reasons: string[] = [];
  if (state.trouble)
    reasons.push(`${state.trouble.why} (since ${new Date(state.trouble.since).toISOString()})`);
  if (!state.scanned) reasons.push("The first scan is not done yet.");
  if (state.mode === "starting") reasons.push("The folder is not watched yet.");
  return { ready: reasons.length === 0, reasons };
}

/** A pass over many thousand folders may take minutes; no turn takes longer than this unless something hangs. */
const STUCK_MS = 10 * 60_000;

/** Whether the loop turns, and how old its last turn is. */
export function liveness(
  state: State,
  now: number,
): { readonly ok: boolean; readonly last_turn_seconds: number } {
  const age = Math.max(0, now - state.turnedAt);
  return { ok: age < STUCK_MS, last_turn_seconds: Math.round(age / 100) / 10 };
}
