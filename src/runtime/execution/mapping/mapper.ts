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
  readonly connector: string;
  readonly job: MappingJob;
  readonly signal: AbortSignal;
  readonly resolve: (reply: MappingReply) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Evaluates mappings: plain ones here, all others in a few threads, each one at a time. A thread that is free goes to a
 * connector that has none, if one waits: answers that take long to map hold up their own connector first.
 */
export class Mapper {
  readonly #threads: Thread[] = [];
  #queue: Waiting[] = [];

  /**
   * Maps a value.
   * @param connector whose it is
   * @throws ToolFailure `mapping.failed`, `mapping.limit`; the signal's reason
   */
  async map(job: MappingJob, signal: AbortSignal, connector: string): Promise<Json> {
    signal.throwIfAborted();
    const reply = (await evaluateHere(job)) ?? (await this.#inThread(job, signal, connector));
    if ("json" in reply) return JSON.parse(reply.json);
    throw reply.limit
      ? failure("mapping.limit", `The mapping was stopped: ${reply.failed}.`)
      : failure("mapping.failed", `The mapping does not fit the answer: ${reply.failed}.`);
  }

  #inThread(job: MappingJob, signal: AbortSignal, connector: string): Promise<MappingReply> {
    return new Promise<MappingReply>((resolve, reject) => {
      const waiting: Waiting = { connector, job, signal, resolve, reject };
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
    this.#queue = this.#queue.filter(({ signal }) => !signal.aborted);
    if (this.#queue.length === 0) return;
    let thread = this.#threads.find((one) => one.idle);
    if (thread === undefined && this.#threads.length < THREADS) {
      thread = new Thread();
      this.#threads.push(thread);
    }
    if (thread === undefined) return;
    const served = new Set(this.#threads.map(({ connector }) => connector));
    const first = this.#queue.findIndex(({ connector }) => !served.has(connector));
    const [waiting] = this.#queue.splice(Math.max(0, first), 1);
    if (waiting === undefined) return;
    thread
      .run(waiting.job, waiting.connector)
      .then(waiting.resolve, waiting.reject)
      .finally(() => this.#next());
  }
}

class Thread {
  #worker: Worker | null = null;
  #connector: string | null = null;
  #error = "it ended";

  get idle(): boolean {
    return this.#connector === null;
  }

  /** Whose mapping it evaluates; null: nobody's. */
  get connector(): string | null {
    return this.#connector;
  }

  async run(job: MappingJob, connector: string): Promise<MappingReply> {
    this.#connector = connector;
    try {
      return await this.#ask(this.#started(), job);
    } finally {
      this.#connector = null;
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
