import { Backoff } from "./backoff.ts";
import { type Events, type Listener, type OpenEvents, openChokidar } from "./events.ts";
import { openEyes } from "./probe.ts";
import type { State } from "./state.ts";
import type { WatchOptions } from "./types.ts";

/** Where no events come they are tried again after so long, doubling: a folder gets mounted, a kernel limit raised. */
const RETRY_FIRST_MS = 15_000;
const RETRY_CAP_MS = 600_000;

/** The daemon's eyes: events where they come, polling where they don't; opened anew when something was missed. */
export class Watcher {
  /** The moment of `performance.now()` at which it is to be opened (again). */
  openAt = 0;
  readonly #root: string;
  readonly #open: OpenEvents;
  readonly #logger: WatchOptions["logger"];
  readonly #state: State;
  readonly #listener: Listener;
  readonly #backoff = new Backoff(RETRY_FIRST_MS, RETRY_CAP_MS);
  #events: Events | null = null;
  #failure: Error | null = null;
  #gaveUp = false;

  constructor(options: WatchOptions, state: State, on: Pick<Listener, "moved" | "movedSomewhere">) {
    this.#root = options.workspace.connectors;
    this.#open = options.openEvents ?? openChokidar;
    this.#logger = options.logger;
    this.#state = state;
    this.#listener = {
      probed: () => {},
      moved: (slug, below) => {
        state.count.events += 1;
        on.moved(slug, below);
      },
      movedSomewhere: () => {
        state.count.events += 1;
        on.movedSomewhere();
      },
      failed: (error) => {
        this.#failure ??= error;
        this.openAt = 0;
      },
    };
  }

  /** Opens it when it is time to; true when it did, and everything has to be looked at. */
  async openIfDue(): Promise<boolean> {
    if (this.#gaveUp || performance.now() < this.openAt) return false;
    const again = this.#events !== null;
    await this.close();
    const failure = this.#failure;
    this.#failure = null;
    if (failure) {
      this.#poll(`the kernel gives no more watches (${failure.message})`);
      return true;
    }
    const eyes = await openEyes(this.#root, this.#open, this.#listener);
    if (eyes.mode === "polling") {
      this.#poll(eyes.why);
      return true;
    }
    this.#events = eyes.events;
    // A failure while it opened is dealt with at the next turn.
    this.openAt = this.#failure ? 0 : Number.POSITIVE_INFINITY;
    this.#backoff.reset();
    if (again) this.#state.count.reopened += 1;
    if (this.#state.mode !== "events") this.#logger.info("watching by events");
    this.#state.mode = "events";
    this.#state.pollingBecause = null;
    return true;
  }

  /** Events were lost: opens it anew at the next turn. */
  reopen(): void {
    if (this.#state.mode === "events") this.openAt = 0;
  }

  /** Never relies on events again. */
  async giveUp(why: string): Promise<void> {
    this.#gaveUp = true;
    await this.close();
    this.#poll(why);
    this.openAt = Number.POSITIVE_INFINITY;
  }

  async close(): Promise<void> {
    const events = this.#events;
    this.#events = null;
    await events?.close();
  }

  #poll(why: string): void {
    if (this.#state.mode !== "polling" || this.#state.pollingBecause !== why) {
      this.#logger.warn("polling instead of watching", { because: why });
    }
    this.#state.mode = "polling";
    this.#state.pollingBecause = why;
    this.openAt = performance.now() + this.#backoff.next();
  }
}
