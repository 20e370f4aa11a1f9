import { Worker } from "node:worker_threads";
import { houseModule, UserError } from "../../base/index.ts";
import { type DatabaseFailure, toError, unavailable } from "../failure.ts";

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
    if (this.#waiting.size === 0) this.#worker.unref();
    if ("value" in reply) waiting?.resolve(reply.value);
    else waiting?.reject(this.#errorOf(reply.user, reply.failure));
  }

  #errorOf(user: { code: string; message: string; hint: string } | null, failure: DatabaseFailure): Error {
    if (user) return new UserError(user.code, user.message, user.hint);
    return toError(failure, this.#location, null);
  }

  #die(error: Error): void {
    if (this.#dead) return;
    this.#dead = true;
    for (const { reject } of this.#waiting.values())
      reject(unavailable(this.#location, error.message, error));
    this.#waiting.clear();
  }
}
