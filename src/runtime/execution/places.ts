/** What one owner may have at a time: its calls share a machine, or a database, with those of others. */
const PLACES = 4;

/** Of each owner: how many places are taken, and who waits for one. */
const known = new Map<string, { taken: number; readonly waiting: Set<() => void> }>();

/**
 * Does work that needs a process or a connection of its own, when its owner has a place free for it.
 * @param owner a connector, whose processes are counted together; or `connector:account`, for connections to its database
 * @param signal ends the wait; the work itself has to listen to it too
 * @throws the signal's reason; whatever the work does
 */
export async function inPlace<T>(owner: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const places = known.get(owner) ?? { taken: 0, waiting: new Set() };
  known.set(owner, places);
  if (places.taken < PLACES) places.taken += 1;
  else await turn(places.waiting, signal);
  try {
    return await work();
  } finally {
    // The place goes to who waits longest, or is free.
    const [next] = places.waiting;
    if (next === undefined) places.taken -= 1;
    else next();
    if (places.taken === 0) known.delete(owner);
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
