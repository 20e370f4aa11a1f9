import { type Json, type JsonObject, RegistryUnavailable, UserError } from "../base/index.ts";
import type { Caller, Driver, MigrationReport } from "../registry/index.ts";

const IDLE_MS = 300;

/**
 * The embedded registry as several long-lived processes use it in turn: it is let go as soon as nobody needs it. Never
 * between the begin and the end of a side effect, or while a lease is held: whoever opened it then would take both for a
 * dead process's.
 */
export class SharedDriver implements Driver {
  readonly kind: Driver["kind"];
  readonly location: string;
  readonly #driver: Driver;
  /** Side effects that were begun and not ended, and leases that were not given back. */
  readonly #begun = new Set<string>();
  #active = 0;
  #timer: NodeJS.Timeout | null = null;
  #seen = 0;
  readonly #stamp: () => number;

  /** @param stamp when a process last used the registry that may have registered or decided something */
  constructor(driver: Driver, stamp: () => number) {
    this.#stamp = stamp;
    this.kind = driver.kind;
    this.location = driver.location;
    this.#driver = driver;
  }

  /** Whether another process may have changed what is served since this one last looked. */
  moved(): boolean {
    return this.#stamp() !== this.#seen;
  }

  migrate(): Promise<MigrationReport> {
    return this.#use(() => this.#driver.migrate());
  }

  async call(fn: string, args: JsonObject, caller: Caller): Promise<Json> {
    const answer = await this.#use(() => this.#driver.call(fn, args, caller));
    // The registry is still ours: what counts now is what was read.
    if (fn === "runtime_catalogue") this.#seen = this.#stamp();
    if (fn === "runtime_begin_call" && fieldOf(answer, "outcome") === "begun") {
      // A read, whose name is null, has nothing to finish; a name that is not repeated is the one that was asked for.
      const id = fieldOf(says(answer, "call_id") ? answer : args.request, "call_id");
      if (id !== null) this.#begun.add(id);
    }
    if (fn === "runtime_lease") {
      const name = `lease ${fieldOf(args, "name")}`;
      if (answer === true && args.ttl_seconds !== 0) this.#begun.add(name);
      else this.#begun.delete(name);
    }
    // Where it has to be asked again, it is not ended yet.
    if (fn === "runtime_finish_call" && !says(answer, "settle")) {
      this.#begun.delete(fieldOf(args.request, "call_id") ?? "");
    }
    this.#rest();
    return answer;
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#driver.close();
  }

  async #use<T>(work: () => Promise<T>): Promise<T> {
    this.#active += 1;
    try {
      return await work();
    } catch (error) {
      // Whoever has it does not share it: that may take any time.
      if (!(error instanceof UserError) || error.code !== "registry.locked") throw error;
      throw new RegistryUnavailable(error.code, error.message, error.hint);
    } finally {
      this.#active -= 1;
      this.#rest();
    }
  }

  #rest(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#active > 0 || this.#begun.size > 0) return;
    this.#timer = setTimeout(() => void this.close().catch(() => {}), IDLE_MS).unref();
  }
}

function says(answer: Json, name: string): boolean {
  return typeof answer === "object" && answer !== null && name in answer;
}

function fieldOf(value: Json | undefined, name: string): string | null {
  const field = typeof value === "object" && value !== null && !Array.isArray(value) ? value[name] : null;
  return typeof field === "string" ? field : null;
}
