/** Processes that one connector may have at a time: its calls share the machine with those of the others. */
const PLACES = 4;

/** Of each connector: how many processes run, and who waits for one. */
const known = new Map<string, { taken: number; readonly waiting: Set<() => void> }>();

/**
 * Does work that needs a process of its own, when the connector has a place free for it.
 * @param signal ends the wait; the work itself has to listen to it too
 * @throws the signal's reason; whatever the work does
 */
export async function inPlace<T>(connector: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const places = known.get(connector) ?? { taken: 0, waiting: new Set() };
  known.set(connector, places);
  if (places.taken < PLACES) places.taken += 1;
  else await turn(places.waiting, signal);
  try {
    return await work();
  } finally {
    // The place goes to who waits longest, or is free.
    const [next] = places.waiting;
    if (next === undefined) places.taken -= 1;
    else next();
    if (places.taken === 0) known.delete(connector);
  }
}

function turn(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = (): void => {
      waiting.delete(give);
      signal.removeEventListener("abort", leave);
      resolve();
    };
    const leave = (): void => {
      waiting.delete(give);
      reject(signal.reason);
    };
    waiting.add(give);
    signal.addEventListener("abort", leave, { once: true });
  });
}
