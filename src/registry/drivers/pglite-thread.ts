import { Worker } from "node:worker_threads";
import { houseModule, UserError } from "../../base/index.ts";
import { type DatabaseFailure, toError, unavailable, userError } from "../failure.ts";
import { isFull } from "./pglite-space.ts";

type RequestBody =
  | { readonly kind: "open" }
  | { readonly kind: "close" }
  | {
      readonly kind: "call";
      readonly sql: string;
      readonly values: readonly (string | null)[];
      readonly role: string;
      readonly claims: string;
    };

/** What the driver asks of its thread. */
export type Request = RequestBody & { readonly id: number };

/** What the thread answers: the result as JSON text, or what went wrong. */
export type Reply =
  | { readonly id: number; readonly value: string | null }
  | {
      readonly id: number;
      readonly user: { readonly code: string; readonly message: string; readonly hint: string } | null;
      readonly failure: DatabaseFailure;
    };

/** PostgreSQL's word for it, when it comes to say it. */
const DISK_FULL = "53100";
/** How often a question without an answer is looked after. */
const LOOK_EVERY_MS = 500;

interface Waiting {
  resolve(value: string | null): void;
  reject(error: Error): void;
}

/** The embedded database's thread, seen from the driver. */
export class PgliteThread {
  readonly #worker: Worker;
  readonly #location: string;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #dead = false;
  #ended: Promise<void> | null = null;
  #guard: NodeJS.Timeout | null = null;

  constructor(directory: string) {
    this.#location = directory;
    this.#worker = new Worker(houseModule("registry/drivers/pglite-worker"), { workerData: { directory } });
    this.#worker.on("message", (reply: Reply) => this.#settle(reply));
    this.#worker.on("error", (error) => this.#die(error));
    this.#worker.on("exit", () => this.#die(new Error("its thread ended")));
    this.#worker.unref();
  }

  /** Whether it ended by itself: then another one must be started. */
  get dead(): boolean {
    return this.#dead;
  }

  /** Asks, and waits for the answer. */
  ask(body: RequestBody): Promise<string | null> {
    if (this.#dead) return Promise.reject(unavailable(this.#location, "its thread ended"));
    const id = this.#next++;
    // Only a question keeps the process alive, not the thread as such.
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#guard ??= setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
      this.#worker.postMessage({ ...body, id } satisfies Request);
    });
  }

  /** Closes the database in good order and ends the thread. */
  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    try {
      if (!this.#dead) await this.ask({ kind: "close" });
    } finally {
      this.#dead = true;
      await this.#worker.terminate();
    }
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) {
      this.#worker.unref();
      this.#relax();
    }
    if ("value" in reply) waiting?.resolve(reply.value);
    else waiting?.reject(this.#errorOf(reply.user, reply.failure));
  }

  #errorOf(user: { code: string; message: string; hint: string } | null, failure: DatabaseFailure): Error {
    if (user) return new UserError(user.code, user.message, user.hint);
    if (failure.code === DISK_FULL) return this.#unwritable(failure.message);
    return toError(failure, this.#location, null);
  }

  /** With a full disk below it PGlite turns in circles for ever, and nothing but the end of its thread stops it. */
  #look(): void {
    if (this.#dead || !isFull(this.#location)) return;
    this.#dead = true;
    const error = this.#unwritable("no space left on device");
    // Told when the thread is gone, as another one may be started at once.
    this.#ended = this.#worker.terminate().then(() => this.#fail(error));
  }

  #unwritable(why: string): UserError {
    return userError(
      "registry.unwritable",
      `The registry at ${this.#location} can't be written: ${why} (ENOSPC).`,
    );
  }

  #relax(): void {
    if (this.#guard) clearInterval(this.#guard);
    this.#guard = null;
  }

  #die(error: Error): void {
    if (!this.#dead) this.#fail(unavailable(this.#location, error.message, error));
  }

  #fail(error: Error): void {
    this.#dead = true;
    this.#relax();
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
