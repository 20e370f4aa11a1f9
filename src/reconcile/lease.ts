import { setTimeout as sleep } from "node:timers/promises";
import { type Clock, RegistryRefusal, UserError } from "../base/index.ts";
import type { MachineFace } from "../registry/index.ts";
import { retryLost } from "./retry.ts";

/** A killed process keeps others waiting no longer than this. */
const TTL_SECONDS = 10;
/** A lease older than this is renewed before it is used. */
const RENEW_AFTER_MS = 3000;
/** Waiting for another's lease: longer than it lives when its holder is dead. */
const WAIT_MS = 12_000;
const ASK_EVERY_MS = 250;

/** The right to write for a source, taken when it is first needed. */
export class SourceLease {
  readonly #machine: MachineFace;
  readonly #source: string;
  readonly #holder: string;
  readonly #clock: Clock;
  #token: number | null = null;
  #renewedAt = 0;

  constructor(machine: MachineFace, source: string, holder: string, clock: Clock) {
    this.#machine = machine;
    this.#source = source;
    this.#holder = holder;
    this.#clock = clock;
  }

  /**
   * The fencing token; takes the lease or renews it as needed.
   * @throws UserError `registry.lease_held` when another holder has it and keeps it.
   */
  async token(): Promise<number> {
    const now = this.#clock.now();
    if (this.#token !== null && now - this.#renewedAt < RENEW_AFTER_MS) return this.#token;
    const lease = await this.#take(now + WAIT_MS);
    this.#token = lease;
    this.#renewedAt = now;
    return lease;
  }

  async #take(until: number): Promise<number> {
    for (;;) {
      try {
        const { token } = await retryLost(() =>
          this.#machine.lease(this.#source, this.#holder, TTL_SECONDS, this.#token ?? undefined),
        );
        return token;
      } catch (error) {
        if (!(error instanceof RegistryRefusal) || error.code !== "registry.lease_held") throw error;
        if (this.#clock.now() >= until) throw this.#held(error);
        await sleep(ASK_EVERY_MS);
      }
    }
  }

  #held(refusal: RegistryRefusal): UserError {
    const { details } = refusal;
    const known = details !== null && typeof details === "object" && !Array.isArray(details);
    const holder = known && typeof details.holder === "string" ? details.holder : null;
    const who = holder === null ? "another process" : `"${holder}"`;
    const message = `The source "${this.#source}" is being written by ${who}; nothing was changed.`;
    const hint = "Let it finish or stop it; two trees of connectors need two source names (--source).";
    return new UserError(refusal.code, message, hint, { cause: refusal });
  }

  /** Gives the lease back; when that fails it runs out by itself. */
  async release(): Promise<void> {
    const token = this.#token;
    this.#token = null;
    if (token === null) return;
    try {
      await this.#machine.release(this.#source, token);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }
}
