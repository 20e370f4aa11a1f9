import { UserError } from "../base/index.ts";
import type { ReconcileReport } from "../reconcile/index.ts";
import { jitter } from "./backoff.ts";
import { Condition } from "./condition.ts";
import { DirtySet, type Work } from "./dirty.ts";
import { Echo } from "./echo.ts";
import { Findings } from "./findings.ts";
import { isLeaseRefusal, LeaseKeeper } from "./lease.ts";
import { changedIn, Passes } from "./passes.ts";
import { newState, type State } from "./state.ts";
import { DEFAULT_TUNING, type Tuning, type WatchOptions } from "./types.ts";
import { Waiter } from "./waiter.ts";
import { Watcher } from "./watcher.ts";

/** So many folders, or events, in one go: a full rescan is cheaper, and the kernel may have dropped some. */
const BURST_FOLDERS = 1000;
const BURST_EVENTS = 4000;
const LEASE_SECONDS = 30;
const IDLE_CLOSE_SECONDS = 10;
/** An idle loop turns at least this often, which is what /healthz looks at. */
const TURN_MS = 10_000;
/** How long after our own writing its folder is looked at again. */
const ECHO_MS = 1000;
/** Polling takes no more than a tenth of the time. */
const POLL_SHARE = 10;

/**
 * The one loop that does the work. Level-triggered: events only say where to look, and looking at a folder in which
 * nothing differs changes nothing, so neither our own writes nor repeated events have an effect. Everything that waits
 * (settling, retrying, rescanning, renewing the lease, closing an idle database) is a moment that the loop sleeps towards.
 */
export class Loop {
  readonly state: State;
  readonly #options: WatchOptions;
  readonly #dirty = new DirtySet(BURST_FOLDERS);
  readonly #waiter = new Waiter();
  readonly #echo = new Echo();
  readonly #findings: Findings;
  readonly #lease: LeaseKeeper;
  readonly #condition: Condition;
  readonly #passes: Passes;
  readonly #watcher: Watcher;
  #tuning: Tuning;
  #stopping = false;
  /** All of `performance.now()`. */
  #rescanAt = 0;
  #eventsAtLastTurn = 0;
  #checkedAt = -1;
  /** Folders in which only our own writing seemed to move; they are looked at when there is nothing else to do. */
  readonly #doubtful = new Set<string>();
  #doubtfulAt = 0;
  /** Timed rescans that found what no event had announced, since an event last announced a change. */
  #deaf = 0;

  /** @param onPass hears how many seconds each pass took */
  constructor(options: WatchOptions, onPass: (seconds: number) => void = () => {}) {
    this.#options = options;
    this.#tuning = { ...DEFAULT_TUNING, ...options.tuning };
    this.state = newState(options.clock.now());
    this.#findings = new Findings(options.logger, options.workspace.display);
    const { registry, source, holder, leaseSeconds: ttlSeconds = LEASE_SECONDS } = options;
    this.#lease = new LeaseKeeper(registry, { source, holder, ttlSeconds }, ({ connectors }) => {
      if (connectors === null) return;
      const own = connectors.filter((one) => one.source === source);
      const counted = Map.groupBy(own, ({ status }) => status);
      this.state.registered = Object.fromEntries([...counted].map(([status, list]) => [status, list.length]));
    });
    this.#condition = new Condition(this.state, options);
    this.#passes = new Passes(options, this.#lease.registry, this.state, this.#findings, onPass);
    this.#watcher = new Watcher(options, this.state, {
      moved: (slug, below) => {
        // A name that is not UTF-8 can't be looked up by what the event calls it: only listing finds it.
        if (slug.includes("\ufffd")) this.#dirty.markAll();
        else this.#dirty.mark(slug);
        this.#echo.heard(slug, below);
        if (below === "") this.#doubtInvalid();
        this.#waiter.wake();
      },
      movedSomewhere: () => this.rescan(),
    });
  }

  /** Looks at everything at the next turn. */
  rescan(): void {
    this.#dirty.markAll();
    this.#waiter.wake();
  }

  /** Uses other settings from the next turn on. */
  tune(tuning: Tuning): void {
    this.#tuning = { ...tuning };
    this.#rescanAt = Math.min(this.#rescanAt, performance.now() + this.#rescanMs());
    this.#waiter.wake();
  }

  /** Ends the loop after the pass under way. */
  stop(): void {
    this.#stopping = true;
    this.#waiter.wake();
  }

  /** Runs until it is stopped, then gives back the lease. @param onTurn is called after each turn */
  async run(onTurn: () => void): Promise<void> {
    const pulse = this.#feelPulse();
    try {
      this.#dirty.markAll();
      while (!this.#stopping) {
        // Whatever it is, the next turn finds the folders as they are: a daemon that ends helps nobody.
        await this.#turn().catch((error) => this.#condition.failed(error));
        this.#show();
        onTurn();
        if (!this.#stopping) await this.#sleep();
      }
    } finally {
      clearInterval(pulse);
      await this.#watcher.close();
      await this.#passes.close();
      await this.#letGo();
    }
  }

  async #turn(): Promise<void> {
    const now = performance.now();
    const timed = now >= this.#rescanAt && this.#dirty.size === 0;
    if (now >= this.#rescanAt) {
      this.#dirty.markAll();
      this.#rescanAt = now + this.#rescanMs();
    }
    this.#noticeBurst();
    if (this.#dirty.size === 0 && now >= this.#doubtfulAt) {
      for (const slug of this.#doubtful) this.#dirty.mark(slug);
      this.#doubtful.clear();
    }
    if (now >= this.#condition.retryAt && (await this.#holdLease())) {
      const work = this.#dirty.take();
      const report = work && (await this.#pass(work));
      if (report && timed) await this.#listen(report);
    }
    // The first pass writes most files, so nobody watches until it is done; what moved meanwhile the second pass sees.
    if (!this.#stopping && (await this.#watcher.openIfDue())) {
      this.#rescanAt = performance.now() + this.#rescanMs();
      this.rescan();
    }
    if (performance.now() >= this.#closeAt) await this.#letGo();
  }

  /** More events at once than the kernel's queue may have held: some are lost, even those of folders that came. */
  #noticeBurst(): void {
    const events = this.state.count.events - this.#eventsAtLastTurn;
    this.#eventsAtLastTurn = this.state.count.events;
    if (events < BURST_EVENTS) return;
    this.#options.logger.info("many events at once; looking at everything", { events });
    this.#dirty.markAll();
    this.#watcher.reopen();
  }

  /** On a server the lease is held all the time, so that another Sentinel stands by. */
  async #holdLease(): Promise<boolean> {
    if (this.#embedded) return true;
    try {
      await this.#lease.keep();
      if (this.state.trouble && this.state.trouble.kind !== "failed") this.#condition.well();
      return true;
    } catch (error) {
      await this.#failed(error, null);
      return false;
    }
  }

  async #pass(work: Work): Promise<ReconcileReport | null> {
    const { allowArchive } = this.#tuning;
    const started = performance.now();
    try {
      this.#echo.begin();
      const report = await this.#passes.run(work, allowArchive);
      // The events of what was written last are delivered in this moment.
      await this.#waiter.breathe();
      for (const slug of this.#echo.end(report)) {
        this.#dirty.unmark(slug);
        this.#doubtful.add(slug);
        this.#doubtfulAt = performance.now() + ECHO_MS;
      }
      this.#condition.well();
      if (!work.all && changedIn(report).length > 0) this.#deaf = 0;
      if (report.summary.archived > 0) this.#doubtInvalid();
      if (work.all && this.state.mode === "polling") {
        const now = performance.now();
        this.#rescanAt = now + Math.max(this.#rescanMs(), (now - started) * POLL_SHARE);
      }
      return report;
    } catch (error) {
      if (work.all || work.slugs.length === 1 || error instanceof UserError) await this.#failed(error, work);
      else await this.#passes.runEach(work.slugs, allowArchive).catch((one) => this.#failed(one, work));
      return null;
    }
  }

  /** What was wrong with a folder may have been another one that came or went: two that share their vault keys, for one. */
  #doubtInvalid(): void {
    // A bad name is not mended by a neighbour, and findings have it as it is printed.
    for (const slug of this.#findings.invalid) if (/^[\w-]+$/.test(slug)) this.#dirty.mark(slug);
  }

  async #failed(error: unknown, work: Work | null): Promise<void> {
    if (work) this.#dirty.putBack(work);
    if (error instanceof UserError && isLeaseRefusal(error)) {
      // Whoever had it meanwhile may have written anything.
      this.#lease.lost();
      this.#dirty.markAll();
    }
    const waiting = this.#dirty.peek();
    if (this.#condition.failed(error) !== "registry" || waiting === null) return;
    if (this.#checkedAt === this.#dirty.marks) return;
    this.#checkedAt = this.#dirty.marks;
    await this.#passes.checkOnly(waiting);
  }

  /**
   * Whether a timed rescan found what no event had announced. Then the watcher missed something (its queue overflowed, the
   * folder was mounted over) and is opened anew; the second time, events are not to be relied on here.
   */
  async #listen(report: ReconcileReport): Promise<void> {
    if (this.state.mode !== "events") return;
    await this.#waiter.pause(this.#tuning.settleMs);
    const missed = changedIn(report).filter((slug) => !this.#dirty.has(slug));
    if (missed.length === 0) return;
    this.#deaf += 1;
    this.#options.logger.warn("changes came without events", { slugs: missed.slice(0, 20) });
    if (this.#deaf === 1) this.#watcher.reopen();
    else await this.#watcher.giveUp("changes came without events, twice");
  }

  async #sleep(): Promise<void> {
    const soon = [this.#rescanAt, this.#closeAt, this.#watcher.openAt, performance.now() + TURN_MS];
    if (this.#doubtful.size > 0) soon.push(this.#doubtfulAt);
    const waits = this.#dirty.size > 0 || this.state.trouble !== null;
    if (waits) soon.push(Math.max(this.#condition.retryAt, performance.now()));
    else if (this.#lease.renewAt !== null && !this.#embedded) soon.push(this.#lease.renewAt);
    await this.#waiter.until(
      Math.min(...soon),
      () => this.#dirty.size > 0 && performance.now() >= this.#condition.retryAt,
    );
    if (this.#dirty.size > 0 && !this.#stopping) await this.#waiter.pause(this.#tuning.settleMs);
  }

  /** A process that was stopped, or a machine that slept, may have missed anything. */
  #feelPulse(): NodeJS.Timeout {
    const every = 5000;
    let last = performance.now();
    const pulse = setInterval(() => {
      const now = performance.now();
      if (now - last > every + 2000) {
        this.#watcher.reopen();
        this.rescan();
      }
      last = now;
    }, every);
    return pulse.unref();
  }

  #show(): void {
    this.state.turnedAt = this.#options.clock.now();
    this.state.dirty = this.#dirty.size;
    this.state.invalid = this.#findings.invalid.size;
  }

  #rescanMs(): number {
    if (this.state.mode === "polling") return this.#tuning.pollSeconds * 1000;
    return this.#tuning.rescanSeconds * 1000 * jitter(0.9, 1.1);
  }

  get #embedded(): boolean {
    return this.#options.registry.driver.kind === "pglite";
  }

  /** When an embedded registry, which has room for one process, is closed for others' sake: at once when only asked. */
  get #closeAt(): number {
    const { askedAt, usedAt } = this.#lease;
    if (!this.#embedded || askedAt === null) return Number.POSITIVE_INFINITY;
    if (usedAt === null) return askedAt;
    return usedAt + 1000 * (this.#options.idleCloseSeconds ?? IDLE_CLOSE_SECONDS);
  }

  /** Gives back the lease and closes the database; the next call opens it again. */
  async #letGo(): Promise<void> {
    try {
      await this.#lease.release();
      await this.#options.registry.driver.close();
    } catch (error) {
      this.#options.logger.warn("the registry could not be closed properly", { error });
    }
  }
}
