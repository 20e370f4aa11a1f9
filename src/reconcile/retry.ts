import { setTimeout as sleep } from "node:timers/promises";
import { RegistryUnavailable } from "../base/index.ts";

/** How often a call whose reply was lost is made again, and after how long. */
const RETRY_AFTER_MS = [100, 400, 1600];

/** Makes a call again when the registry can't be reached or the reply was lost: only for calls that may be repeated. */
export async function retryLost<T>(call: () => Promise<T>): Promise<T> {
  for (const wait of RETRY_AFTER_MS) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof RegistryUnavailable)) throw error;
      await sleep(wait);
    }
  }
  return call();
}
