import type { Json } from "../../../base/index.ts";
import { Child, ChildFailed } from "../child.ts";
import { failure } from "../failure.ts";
import { evaluateHere } from "./direct.ts";
import type { MappingJob } from "./evaluate.ts";

/** A mapping that takes longer is stopped with its process. */
const MAX_MS = 3000;
const PROCESSES = 2;
/** KiB: JSONata calls itself for each level of an expression, and of a value. */
const SWITCHES = ["--stack-size=3900"];

interface Waiting {
  readonly connector: string;
  readonly job: MappingJob;
  readonly signal: AbortSignal;
  readonly resolve: (value: Json) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Evaluates mappings: plain ones here, all others in a few processes that stay, each one at a time. A process that is
 * free goes to a connector that has none, if one waits: answers that take long to map hold up their own connector first.
 * A thread would not do: V8 ends all of a process when one allocation in one thread is too large.
 */
export class Mapper {
  readonly #processes: Process[] = [];
  #queue: Waiting[] = [];

  /**
   * Maps a value.
   * @param connector whose it is
   * @throws ToolFailure `mapping.failed`, `mapping.limit`; the signal's reason
   */
  async map(job: MappingJob, signal: AbortSignal, connector: string): Promise<Json> {
    signal.throwIfAborted();
    const json = await evaluateHere(job);
    if (json !== null) return JSON.parse(json);
    try {
      return await this.#inProcess(job, signal, connector);
    } catch (error) {
      if (!(error instanceof ChildFailed)) throw error;
      throw error.code === "mapping.failed"
        ? failure("mapping.failed", `The mapping does not fit the answer: ${error.message}.`)
        : failure("mapping.limit", `The mapping was stopped: ${error.message}.`);
    }
  }

  #inProcess(job: MappingJob, signal: AbortSignal, connector: string): Promise<Json> {
    return new Promise<Json>((resolve, reject) => {
      const waiting: Waiting = { connector, job, signal, resolve, reject };
      // The process goes on with what it has; its own bound ends it.
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      this.#queue.push(waiting);
      this.#next();
    });
  }

  async close(): Promise<void> {
    for (const one of this.#processes.splice(0)) one.end();
  }

  #next(): void {
    this.#queue = this.#queue.filter(({ signal }) => !signal.aborted);
    if (this.#queue.length === 0) return;
    let free = this.#processes.find((one) => one.idle);
    if (free === undefined && this.#processes.length < PROCESSES) {
      free = new Process();
      this.#processes.push(free);
    }
    if (free === undefined) return;
    const served = new Set(this.#processes.map(({ connector }) => connector));
    const first = this.#queue.findIndex(({ connector }) => !served.has(connector));
    const [waiting] = this.#queue.splice(Math.max(0, first), 1);
    if (waiting === undefined) return;
    free
      .run(waiting.job, waiting.connector)
      .then(waiting.resolve, waiting.reject)
      .finally(() => this.#next());
  }
}

class Process {
  #child: Child | null = null;
  #connector: string | null = null;

  get idle(): boolean {
    return this.#connector === null;
  }

  /** Whose mapping it evaluates; null: nobody's. */
  get connector(): string | null {
    return this.#connector;
  }

  async run(job: MappingJob, connector: string): Promise<Json> {
    this.#connector = connector;
    if (this.#child === null || this.#child.over) {
      this.#child = new Child("runtime/execution/mapping/child", [], SWITCHES);
    }
    const child = this.#child;
    const timer = setTimeout(() => child.end(`it took more than ${MAX_MS / 1000} seconds`), MAX_MS);
    try {
      return await child.work(job, { max: job.max });
    } finally {
      clearTimeout(timer);
      this.#connector = null;
    }
  }

  end(): void {
    this.#child?.end();
  }
}
