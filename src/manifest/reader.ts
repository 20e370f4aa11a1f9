import { availableParallelism } from "node:os";
import type { Reading } from "./judge.ts";
import { type Job, PooledWorker } from "./pool.ts";
import { finishReading, prepare, stoppedReading } from "./read.ts";

/** Reads connectors' folders; see `openReader`. */
export interface Reader {
  read(slug: string): Promise<Reading>;
  close(): Promise<void>;
}

export interface ReaderOptions {
  /** Absolute path of connectors/. */
  root: string;
  /** What diagnostics print instead of it. */
  display: string;
  /** How many worker threads at most; 0 or absent: as many as pay. */
  threads?: number;
}

/** Fewer waiting folders are read here before a worker has even started. */
const WORTH_A_WORKER = 300;
/** Folders that a worker gets at once: enough to make messages cheap, few enough to share the end of the work. */
const BATCH = 32;
/** More threads gain nothing beside this one: what comes after reading is the bottleneck then. */
const MAX_THREADS = 2;

/**
 * Opens a reader. It never throws for bad input, and every read answers within about 2 s: small folders are read at
 * once, in this thread; large or strange ones, and many at a time, in workers that are stopped when they hang.
 */
export function openReader(options: ReaderOptions): Reader {
  return new PooledReader(options);
}

class PooledReader implements Reader {
  readonly #options: ReaderOptions;
  readonly #workers: PooledWorker[] = [];
  readonly #maxThreads: number;
  /** Jobs that anybody may do. */
  #queue: Job[] = [];
  #head = 0;
  /** Jobs that only a worker may do, one at a time. */
  readonly #heavy: Job[] = [];
  #running = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
    const wanted = options.threads ?? 0;
    this.#maxThreads = wanted > 0 ? wanted : Math.min(MAX_THREADS, Math.max(1, availableParallelism() - 1));
  }

  read(slug: string): Promise<Reading> {
    return new Promise((done, failed) => {
      this.#queue.push({ slug, done, failed });
      if (this.#waiting === WORTH_A_WORKER) for (let n = 0; n < this.#maxThreads; n++) this.#worker(n).wake();
      if (!this.#running) {
        this.#running = true;
        setImmediate(() => void this.#run());
      }
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()));
  }

  get #waiting(): number {
    return this.#queue.length - this.#head;
  }

  /** Reads in this thread, a few folders between two turns of the event loop; workers take from the same queue. */
  async #run(): Promise<void> {
    while (this.#waiting > 0) {
      const until = performance.now() + 10;
      while (performance.now() < until && this.#waiting > 0) await this.#readHere(this.#take(1)[0]);
      await new Promise((next) => setImmediate(next));
    }
    this.#running = false;
  }

  async #readHere(job: Job | undefined): Promise<void> {
    if (job === undefined) return;
    try {
      const prepared = prepare(this.#options.root, this.#options.display, job.slug);
      if (prepared.light) job.done(await finishReading(prepared));
      else {
        this.#heavy.push(job);
        this.#worker(0).wake();
      }
    } catch (error) {
      job.failed(error);
    }
  }

  #take(count: number): Job[] {
    const jobs = this.#queue.slice(this.#head, this.#head + count);
    this.#head += jobs.length;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    }
    return jobs;
  }

  #worker(index: number): PooledWorker {
    const known = this.#workers[index];
    if (known !== undefined) return known;
    const worker = new PooledWorker({
      root: this.#options.root,
      display: this.#options.display,
      next: () => this.#nextBatch(),
      waiting: () => this.#heavy.length > 0 || this.#waiting > 0,
      stopped: (slug) => stoppedReading(this.#options.display, slug),
      putBack: (jobs) => {
        this.#queue.push(...jobs);
      },
    });
    this.#workers.push(worker);
    return worker;
  }

  #nextBatch(): readonly Job[] {
    const heavy = this.#heavy.shift();
    if (heavy !== undefined) return [heavy];
    return this.#take(BATCH);
  }
}
