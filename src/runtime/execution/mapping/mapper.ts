import { Worker } from "node:worker_threads";
import { houseModule, type Json } from "../../../base/index.ts";
import { failure, messageOf } from "../failure.ts";
import { evaluateHere } from "./direct.ts";
import type { MappingJob, MappingReply } from "./evaluate.ts";

/** A mapping that takes longer is stopped with its thread. */
const MAX_MS = 3000;
const THREADS = 2;
const HEAP = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 };

interface Waiting {
  readonly job: MappingJob;
  readonly signal: AbortSignal;
  readonly resolve: (reply: MappingReply) => void;
  readonly reject: (error: unknown) => void;
}

/** Evaluates mappings: plain ones here, all others in a few threads, each one at a time. */
export class Mapper {
  readonly #threads: Thread[] = [];
  readonly #queue: Waiting[] = [];

  /**
   * Maps a value.
   * @throws ToolFailure `mapping.failed`, `mapping.limit`; the signal's reason
   */
  async map(job: MappingJob, signal: AbortSignal): Promise<Json> {
    signal.throwIfAborted();
    const reply = (await evaluateHere(job)) ?? (await this.#inThread(job, signal));
    if ("json" in reply) return JSON.parse(reply.json);
    throw reply.limit
      ? failure("mapping.limit", `The mapping was stopped: ${reply.failed}.`)
      : failure("mapping.failed", `The mapping does not fit the answer: ${reply.failed}.`);
  }

  #inThread(job: MappingJob, signal: AbortSignal): Promise<MappingReply> {
    return new Promise<MappingReply>((resolve, reject) => {
      const waiting: Waiting = { job, signal, resolve, reject };
      // The thread goes on with what it has; its own bound ends it.
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      this.#queue.push(waiting);
      this.#next();
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.splice(0).map((thread) => thread.close()));
  }

  #next(): void {
    while (this.#queue[0]?.signal.aborted) this.#queue.shift();
    if (this.#queue.length === 0) return;
    let thread = this.#threads.find((one) => one.idle);
    if (thread === undefined && this.#threads.length < THREADS) {
      thread = new Thread();
      this.#threads.push(thread);
    }
    const waiting = thread && this.#queue.shift();
    if (!thread || !waiting) return;
    thread
      .run(waiting.job)
      .then(waiting.resolve, waiting.reject)
      .finally(() => this.#next());
  }
}

class Thread {
  #worker: Worker | null = null;
  #busy = false;
  #error = "it ended";

  get idle(): boolean {
    return !this.#busy;
  }

  async run(job: MappingJob): Promise<MappingReply> {
    this.#busy = true;
    try {
      return await this.#ask(this.#started(), job);
    } finally {
      this.#busy = false;
    }
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #started(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(houseModule("runtime/execution/mapping/worker"), {
      env: {},
      resourceLimits: HEAP,
    });
    worker.once("exit", () => {
      if (this.#worker === worker) this.#worker = null;
    });
    // Comes before the exit, most often because the heap is full. Without a listener it would end the process.
    worker.on("error", (error) => {
      this.#error = messageOf(error);
    });
    worker.unref();
    this.#worker = worker;
    return worker;
  }

  #ask(worker: Worker, job: MappingJob): Promise<MappingReply> {
    return new Promise((resolve) => {
      const settle = (reply: MappingReply): void => {
        clearTimeout(timer);
        worker.off("message", settle).off("exit", ended);
        resolve(reply);
      };
      const ended = (): void => settle({ failed: this.#error, limit: true });
      const timer = setTimeout(() => {
        this.#worker = null;
        settle({ failed: `it took more than ${MAX_MS / 1000} seconds`, limit: true });
        void worker.terminate();
      }, MAX_MS);
      worker.on("message", settle).once("exit", ended);
      worker.postMessage(job);
    });
  }
}
