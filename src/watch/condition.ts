import { type Clock, type Logger, UserError } from "../base/index.ts";
import { Backoff } from "./backoff.ts";
import type { State, Trouble } from "./state.ts";
import { troubleOf } from "./trouble.ts";

/** The cap leaves room for a whole pass within ten seconds of the registry's return. */
const RETRY_FIRST_MS = 250;
const RETRY_CAP_MS = 4000;

/** Whether the daemon can do its work, and when to try again if not; says each change once, not each try. */
export class Condition {
  /** No work before this moment of `performance.now()`. */
  retryAt = 0;
  readonly #state: State;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #backoff = new Backoff(RETRY_FIRST_MS, RETRY_CAP_MS);

  constructor(state: State, { logger, clock }: { logger: Logger; clock: Clock }) {
    this.#state = state;
    this.#logger = logger;
    this.#clock = clock;
  }

  /** A try failed. @returns what kind of trouble that is */
  failed(error: unknown): Trouble["kind"] {
    const { kind, why } = troubleOf(error);
    if (kind === "registry") this.#state.count.registryErrors += 1;
    const known = this.#state.trouble;
    if (known?.kind !== kind || known.why !== why) {
      const since = known?.kind === kind ? known.since : this.#clock.now();
      this.#state.trouble = { kind, since, why };
      if (kind !== "failed") this.#logger.warn(why);
      else if (error instanceof UserError) this.#logger.error(why, { code: error.code, hint: error.hint });
      else this.#logger.error(why, { error });
    }
    this.retryAt = performance.now() + this.#backoff.next();
    return kind;
  }

  /** It works. */
  well(): void {
    this.retryAt = 0;
    this.#backoff.reset();
    const { trouble } = this.#state;
    if (trouble === null) return;
    this.#state.trouble = null;
    const seconds = Math.round((this.#clock.now() - trouble.since) / 1000);
    this.#logger.info("working again", { after_seconds: seconds });
  }
}
