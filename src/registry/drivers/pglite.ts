import { setTimeout as sleep } from "node:timers/promises";
import { Bug, type Json, type JsonObject, UserError } from "../../base/index.ts";
import { statementOf } from "../call.ts";
import { identityOf } from "../claims.ts";
import type { Caller, Driver, MigrationReport } from "../contract.ts";
import { userError } from "../failure.ts";
import { migrationNames } from "../migrations.ts";
import { type DirectoryLock, letsGo, lockDirectory } from "./pglite-lock.ts";
import { shortOfSpace } from "./pglite-space.ts";
import { PgliteThread } from "./pglite-thread.ts";
import { StateToken } from "./pglite-token.ts";

/** How long a process waits for others that share the directory. */
const PATIENCE_MS = 15_000;

/** Functions after which a source's state is another. */
const WRITES_STATE = new Set(["sentinel_apply", "sentinel_archive"]);

class PgliteDriver implements Driver {
  readonly kind = "pglite";
  readonly location: string;
  readonly #token: StateToken;
  readonly #log: (line: string) => void;
  readonly #shares: boolean;
  #lock: DirectoryLock | null = null;
  #thread: { readonly thread: PgliteThread; readonly applied: Promise<string[]> } | null = null;
  /** Calls under way: closing waits for them. */
  readonly #busy = new Set<Promise<unknown>>();
  /** Closing: later calls wait for its end, and open the directory again. */
  #closing: Promise<void> | null = null;
  /** The sources' states as far as they are known; null before the token was read. */
  #states: Map<string, string> | null = null;
  /** Sources that were written since the database was opened. */
  readonly #written = new Set<string>();

  constructor(directory: string, log: (line: string) => void, shares: boolean) {
    this.#shares = shares;
    this.location = directory;
    this.#token = new StateToken(directory);
    this.#log = log;
  }

  call(fn: string, args: JsonObject, caller: Caller): Promise<Json> {
    return this.#track(() => this.#call(fn, args, caller));
  }

  migrate(): Promise<MigrationReport> {
    return this.#track(async () => {
      await this.#hold();
      await this.#open();
      const applied = (await this.#thread?.applied) ?? [];
      return { applied, total: migrationNames().length };
    });
  }

  async close(): Promise<void> {
    if (!this.#closing) {
      const closing = this.#shut().finally(() => {
        this.#closing = null;
      });
      this.#closing = closing;
    }
    await this.#closing;
  }

  async #track<T>(start: () => Promise<T>): Promise<T> {
    while (this.#closing) await this.#closing.catch(() => {});
    const work = start();
    this.#busy.add(work);
    try {
      return await work;
    } finally {
      this.#busy.delete(work);
    }
  }

  async #call(fn: string, args: JsonObject, caller: Caller): Promise<Json> {
    const states = await this.#hold();
    const { source, known } = args;
    const sourced = typeof source === "string" ? source : "";
    if (fn === "sentinel_fingerprints" && typeof known === "string" && states.get(sourced) === known) {
      return { state: known, connectors: null };
    }
    const thread = await this.#open();
    if (WRITES_STATE.has(fn)) {
      this.#token.remove();
      states.delete(sourced);
    }
    const result = await ask(thread, fn, args, caller);
    if (WRITES_STATE.has(fn)) this.#written.add(sourced);
    else if (fn === "sentinel_fingerprints") remember(states, sourced, result);
    return result;
  }

  async #shut(): Promise<void> {
    await Promise.allSettled(this.#busy);
    const opened = this.#thread;
    const states = this.#states;
    this.#thread = null;
    this.#states = null;
    try {
      if (opened && !opened.thread.dead) {
        if (states) await this.#learn(opened.thread, states);
        const sound = !opened.thread.dead;
        await opened.thread.end();
        if (states && sound) this.#token.write(states);
      }
    } finally {
      this.#lock?.release();
      this.#lock = null;
    }
  }

  /** Asks for the states of the sources that were written: once, as it takes a look at every connector. */
  async #learn(thread: PgliteThread, states: Map<string, string>): Promise<void> {
    try {
      for (const source of this.#written) {
        const state = await ask(thread, "sentinel_state", { source }, { face: "machine" });
        if (typeof state === "string") states.set(source, state);
      }
    } catch (error) {
      // Without the state the next run asks for it.
      if (!(error instanceof UserError)) throw error;
    } finally {
      this.#written.clear();
    }
  }

  /** Takes the lock, if it is not ours yet, and learns what the token says. Waits for those who will soon let go. */
  async #hold(): Promise<Map<string, string>> {
    for (const until = performance.now() + PATIENCE_MS; this.#lock === null; ) {
      try {
        this.#lock = lockDirectory(this.location, this.#shares);
      } catch (error) {
        const isLocked = error instanceof UserError && error.code === "registry.locked";
        if (!isLocked || performance.now() > until || !letsGo(this.location)) throw error;
        await sleep(25 + Math.random() * 50);
      }
    }
    this.#states ??= this.#token.read();
    return this.#states;
  }

  async #open(): Promise<PgliteThread> {
    if (this.#thread?.thread.dead) {
      // It may have died in the middle of a write: ask the database from here on.
      this.#thread = null;
      this.#states?.clear();
    }
    if (!this.#thread) {
      const thread = new PgliteThread(this.location);
      const applied = thread.ask({ kind: "open" }).then(namesIn);
      this.#thread = { thread, applied };
      this.#log(`opening the registry at ${this.location}`);
    }
    const opened = this.#thread;
    try {
      await opened.applied;
    } catch (error) {
      // Until its thread is gone, nobody may open the directory anew.
      await opened.thread.end().catch(() => {});
      if (this.#thread === opened) this.#thread = null;
      throw openingFailed(this.location, error);
    }
    return opened.thread;
  }
}

async function ask(thread: PgliteThread, fn: string, args: JsonObject, caller: Caller): Promise<Json> {
  const answer = await thread.ask({ kind: "call", ...statementOf(fn, args), ...identityOf(caller) });
  return answer === null ? null : JSON.parse(answer);
}

function namesIn(answer: string | null): string[] {
  const names: string[] = JSON.parse(answer ?? "[]");
  return names;
}

function remember(states: Map<string, string>, source: string, result: Json): void {
  if (typeof result !== "object" || result === null || Array.isArray(result)) return;
  if (typeof result.state === "string") states.set(source, result.state);
}

function openingFailed(location: string, error: unknown): Error {
  if (error instanceof UserError && error.code !== "registry.unavailable") return error;
  // What the thread says may be a sentence of ours already; one in another is no better told.
  const why = (error instanceof Error ? error.message : String(error))
    .replace(/^The registry at .* can't be reached: /s, "")
    .replace(/\.+$/, "");
  if (/\b(ENOSPC|EACCES|EPERM|EROFS|EDQUOT)\b/.test(why)) {
    return userError("registry.unwritable", `The registry at ${location} can't be written: ${why}.`, {
      cause: error,
    });
  }
  const short = shortOfSpace(location);
  if (short !== null) {
    return userError("registry.unwritable", `The registry at ${location} can't be opened: ${short}.`, {
      cause: error,
    });
  }
  const told = error instanceof Bug || error instanceof UserError ? why : new Bug(why).message;
  return userError("registry.damaged", `The registry at ${location} can't be opened: ${told}.`, {
    cause: error,
  });
}

export { lastOwnedMs } from "./pglite-lock.ts";

/**
 * The embedded registry: PGlite in a directory, one process at a time, opened by the first call that needs it and again
 * after `close`. Safe against the process being killed, not against power loss: PGlite never flushes to disk.
 * @param options.directory the data directory; its lock, holder's note and state token stand beside it
 * @param options.shares whether it will be closed whenever there is nothing to do: other processes then wait for it
 * @throws (from calls) UserError `registry.locked`, `registry.unwritable`, `registry.damaged`, `registry.too_new`
 */
export function openPglite(options: {
  directory: string;
  log?: (line: string) => void;
  shares?: boolean;
}): Driver {
  return new PgliteDriver(options.directory, options.log ?? (() => {}), options.shares ?? false);
}
