import { Worker } from "node:worker_threads";
import { houseModule } from "../base/index.ts";
import type { Comparison } from "./compare.ts";

/**
 * A second thread for a comparison of many folders. It is started before there is anything to compare, because that takes
 * as long as getting there. Nobody waits for it: what it does not do, because it is late or has failed, the first does.
 */
export class Helper {
  readonly #worker: Worker;

  /** Starts a thread; null where the system has none to give. */
  static start(): Helper | null {
    try {
      return new Helper(new Worker(houseModule("reconcile/compare-worker")));
    } catch {
      return null;
    }
  }

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("error", () => {});
    worker.unref();
  }

  /** Has it take shares of a comparison. */
  join(comparison: Comparison): void {
    this.#worker.postMessage(comparison);
  }

  /** Ends the thread. */
  end(): void {
    void this.#worker.terminate();
  }
}
