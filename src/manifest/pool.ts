import { Worker } from "node:worker_threads";
import { houseModule } from "../base/index.ts";
import type { Reading } from "./judge.ts";
import { MAX_READ_MS } from "./limits.ts";
import type { WorkerAnswer, WorkerStart } from "./worker.ts";

/** A slug that waits for its reading. */
export interface Job {
  readonly slug: string;
  readonly done: (reading: Reading) => void;
  readonly failed: (error: unknown) => void;
}

export interface PoolOptions {
  readonly root: string;
  readonly display: string;
  /** Takes the next jobs for a worker; an empty list when there are none. */
  readonly next: () => readonly Job[];
  /** Whether there are jobs for a worker. */
  readonly waiting: () => boolean;
  /** What to answer for a folder at which a worker had to be stopped. */
  readonly stopped: (slug: string) => Reading;
  /** Takes back jobs that a stopped worker had not come to. */
  readonly putBack: (jobs: readonly Job[]) => void;
}

/** How long a thread without work is kept. */
const IDLE_MS = 2000;
/** Batches that a thread has in hand: one that it reads, and one to go on with while its answer is taken. */
const AHEAD = 2;
/** Of a worker's heap; a folder that needs more is not read. */
const LIMITS = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 16 };

/**
 * One worker thread that reads folders in batches. It is watched: when it does not get on with one folder for 2 s, or
 * runs out of memory, it is stopped, that folder gets its answer, and a new thread goes on with the others.
 */
export class PooledWorker {
  readonly #options: PoolOptions;
  #worker: Worker | null = null;
  #ready = false;
  /** What the thread was sent and has not answered, in order. */
  #batches: (readonly Job[])[] = [];
  #progress = new Int32Array(new SharedArrayBuffer(4));
  /** How many folders this thread had finished when somebody last looked, and when that was. */
  #finished = 0;
  #since = 0;
  /** How many folders this thread has answered. */
  #answered = 0;
  #watch: NodeJS.Timeout | null = null;
  #idle: NodeJS.Timeout | null = null;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Starts the thread if there is none, and gives it jobs if it has too few. */
  wake(): void {
    if (this.#worker === null) this.#start();
    else if (this.#ready) this.#send();
  }

  async close(): Promise<void> {
    this.#stopWatching();
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #start(): void {
    this.#ready = false;
    this.#progress = new Int32Array(new SharedArrayBuffer(4));
    this.#finished = 0;
    this.#answered = 0;
    const start: WorkerStart = {
      root: this.#options.root,
      display: this.#options.display,
      progress: this.#progress.buffer,
    };
    const worker = new Worker(houseModule("manifest/worker"), {
      workerData: start,
      resourceLimits: LIMITS,
    });
    this.#worker = worker;
    worker.on("message", (answer: WorkerAnswer) => {
      if (worker === this.#worker) this.#take(answer);
    });
    worker.on("error", (error) => {
      if (worker === this.#worker) this.#fell(error);
    });
  }

  #take(answer: WorkerAnswer): void {
    if ("ready" in answer) this.#ready = true;
    else {
      const batch = this.#batches.shift() ?? [];
      this.#answered += batch.length;
      // The next batch goes out before this one is looked at: the thread must not wait for us.
      this.#send();
      const readings: readonly Reading[] = JSON.parse(answer.readings);
      batch.forEach((job, index) => {
        const reading = readings[index];
        if (reading !== undefined) job.done(reading);
      });
    }
    this.#send();
  }

  #send(): void {
    while (this.#batches.length < AHEAD) {
      const batch = this.#options.next();
      if (batch.length === 0) break;
      if (this.#batches.length === 0) this.#since = performance.now();
      this.#batches.push(batch);
      this.#worker?.postMessage(batch.map((job) => job.slug));
    }
    if (this.#batches.length === 0) this.#rest();
    else {
      if (this.#idle !== null) clearTimeout(this.#idle);
      this.#idle = null;
      this.#worker?.ref();
      this.#watch ??= setInterval(() => this.#look(), 100);
    }
  }

  /** An idle thread keeps no process alive, and is given up when nothing comes for a while. */
  #rest(): void {
    this.#stopWatching();
    this.#worker?.unref();
    this.#idle ??= setTimeout(() => void this.close(), IDLE_MS).unref();
  }

  #look(): void {
    const finished = Atomics.load(this.#progress, 0);
    if (finished !== this.#finished) {
      this.#finished = finished;
      this.#since = performance.now();
    } else if (performance.now() - this.#since > MAX_READ_MS) this.#replace();
  }

  #fell(error: unknown): void {
    // Out of memory is the folder's doing. Anything else is ours, and whoever asked for the reading shall know.
    const outOfMemory =
      error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
    if (outOfMemory) this.#replace();
    else {
      const inHand = this.#batches.flat();
      this.#batches = [];
      this.#stopWatching();
      this.#worker = null;
      for (let jobs: readonly Job[] = inHand; jobs.length > 0; jobs = this.#options.next()) {
        for (const job of jobs) job.failed(error);
      }
    }
  }

  /** Stops the thread at the folder that it can't get over, and goes on with a new one. */
  #replace(): void {
    const jobs = this.#batches.flat();
    const stuck = jobs[Atomics.load(this.#progress, 0) - this.#answered];
    this.#batches = [];
    this.#stopWatching();
    void this.#worker?.terminate();
    this.#worker = null;
    // The readings before the stuck one are lost with the thread: they are done again.
    this.#options.putBack(jobs.filter((job) => job !== stuck));
    stuck?.done(this.#options.stopped(stuck.slug));
    if (this.#options.waiting()) this.wake();
  }

  #stopWatching(): void {
    if (this.#watch !== null) clearInterval(this.#watch);
    this.#watch = null;
  }
}
