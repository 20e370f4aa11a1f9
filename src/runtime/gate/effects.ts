import { setTimeout as sleep } from "node:timers/promises";
import { CODES, type Json, orderedId, RegistryUnavailable } from "../../base/index.ts";
import type { BeginCall, Begun, FinishCall, Finished, Receipt } from "../../registry/index.ts";
import { ToolFailure } from "../seams.ts";
import { failureOf, no, Recorded, Refused } from "./refusals.ts";
import type { CallAnswer, GateOptions, Prepared } from "./types.ts";

const WAIT_MS = 60_000;
/** How long an outcome that is known is offered to a registry that is away. */
const FINISH_MS = 30_000;
/** A result that is larger is not kept, only its size: receipts are records, not a store. */
const KEPT_CHARACTERS = 1_000_000;

type Running = Extract<Begun, { outcome: "begun" }> & { readonly call_id: string };

/**
 * Side effects: a begin-record before the request, a receipt after it, and between the two a lease that says that
 * somebody is at it. One call for one key, over all processes on one registry.
 */
export class Effects {
  readonly #options: GateOptions;
  /** Calls of this process by agent and key: whoever asks for one that runs waits for it here. */
  readonly #running = new Map<string, { readonly hash: string; readonly answer: Promise<CallAnswer> }>();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Makes a call once. @throws ToolFailure */
  async call(prepared: Prepared, beginning: BeginCall): Promise<CallAnswer> {
    const name = JSON.stringify([beginning.agent, beginning.key]);
    const { signal } = prepared.request;
    for (let other = this.#running.get(name); other !== undefined; other = this.#running.get(name)) {
      if (other.hash !== beginning.request_hash) {
        throw no("call.key_reused", "The idempotency key stands for a call that is under way.");
      }
      const answer = await raced(other.answer, signal).catch((error: unknown) => {
        // Whoever asked first took it back before anything was sent: that is not this caller's wish.
        if (signal.aborted || failureOf(error).code !== "api.cancelled" || failureOf(error).sent) throw error;
        return null;
      });
      if (answer !== null) return { ...answer, replayed: true };
    }
    const answer = this.#once(prepared, beginning).finally(() => this.#running.delete(name));
    this.#running.set(name, { hash: beginning.request_hash, answer });
    return answer;
  }

  async #once(prepared: Prepared, beginning: BeginCall): Promise<CallAnswer> {
    const { connector, account } = prepared.connection;
    const begun = await this.#begin(beginning, prepared.request.signal);
    if (begun.outcome === "replayed") return this.#again(prepared, begun.receipt);
    const run: Running = begun;
    const { value, receipt } = await this.#run(prepared, run, beginning.lease_seconds);
    return { value, connector, account, receipt, replayed: false };
  }

  /** Asks until the call may begin, or never may. */
  async #begin(
    beginning: BeginCall,
    signal: AbortSignal,
  ): Promise<Running | Extract<Begun, { outcome: "replayed" }>> {
    const until = performance.now() + (this.#options.waitMs ?? WAIT_MS);
    let asking = beginning;
    for (let pause = 20; ; pause = Math.min(pause * 2, 500)) {
      // The same question, should its answer be lost: the registry knows by the holder.
      const begun = await patiently(() => this.#options.runtime.begin(asking), 5000);
      this.#options.recorder.followUp();
      if (begun.outcome === "replayed") return begun;
      if (begun.outcome === "begun" && begun.call_id !== null) return { ...begun, call_id: begun.call_id };
      if (begun.outcome === "refused") throw new Refused(begun.code, begun.message, begun.details);
      if (begun.outcome === "unknown")
        throw no(
          "call.outcome_unknown",
          `The call ${begun.call_id} was begun earlier, and nobody knows whether it took effect.`,
        );
      asking = { ...beginning, again: true };
      if (signal.aborted) throw no("api.cancelled", "The call was taken back before it began.");
      if (performance.now() > until)
        throw no("call.in_progress", "The same call, or one on the same thing, is still under way.");
      await sleep(pause + Math.random() * pause, undefined, { signal }).catch(() => {});
    }
  }

  async #run(
    prepared: Prepared,
    run: Running,
    leaseSeconds: number,
  ): Promise<{ value: Json; receipt: Receipt | null }> {
    const { approved, tool, input, connection, request } = prepared;
    const { executor, vault, bounds = {} } = this.#options;
    const lease = new Lease(this.#options.runtime, run, leaseSeconds, request.signal);
    const started = performance.now();
    const details = () => ({ attempt: run.fence, ms: Math.round(performance.now() - started) });
    try {
      const keyed = { idempotencyKey: run.call_id, ...bounds };
      const outcome = await executor.execute(approved.manifest, tool, input, connection, keyed, lease.signal);
      const value = vault.blackout(connection).json(outcome.value);
      const ended = { outcome: "succeeded", code: null, result: kept(value), details: details() } as const;
      const receipt_id = orderedId();
      const { accepted, at } = await this.#finish({ ...run, receipt_id, ...ended });
      // Another process has taken the call over meanwhile and will write the receipt; the tool is idempotent then.
      if (!accepted || at === null) return { value, receipt: null };
      const { connector, account } = connection;
      const about = { call_id: run.call_id, connector, account, tool: tool.name, digest: approved.digest };
      return { value, receipt: { receipt_id, at, ...about, ...ended } };
    } catch (error) {
      if (error instanceof Recorded) throw error;
      throw await this.#failed(error, prepared, { ...run, details: details() });
    } finally {
      lease.end();
    }
  }

  /** Records a failure: where nothing was changed the call may begin again, else nobody knows. */
  async #failed(
    error: unknown,
    { tool }: Prepared,
    run: Running & { details: FinishCall["details"] },
  ): Promise<ToolFailure> {
    const failure = failureOf(error);
    // What is no failure of a tool is a bug of ours, and may have come at any moment.
    const sent = error instanceof ToolFailure ? failure.sent : true;
    const ended = { outcome: sent ? "unknown" : "not_sent", code: failure.code, result: null } as const;
    await this.#finish({ ...run, receipt_id: orderedId(), ...ended });
    if (!sent || tool.idempotent)
      return new Recorded(failure.code, failure.message, failure.hint, { sent, cause: failure });
    return unknown(failure.message.replace(/\.$/, ""), failure);
  }

  async #finish(call: FinishCall): Promise<Finished> {
    const { call_id, receipt_id, fence, outcome, code, result, details } = call;
    try {
      const finishing = { call_id, receipt_id, fence, outcome, code, result, details };
      const finished = await patiently(() => this.#options.runtime.finish(finishing), FINISH_MS);
      this.#options.recorder.followUp();
      return finished;
    } catch (cause) {
      throw unknown(
        `The call ${call_id} was made (${outcome}), and the registry can't be reached to record it`,
        cause,
      );
    }
  }

  #again({ connection }: Prepared, receipt: Receipt): CallAnswer {
    const { connector, account } = connection;
    return {
      value: this.#options.vault.blackout(connection).json(receipt.result),
      connector,
      account,
      receipt,
      replayed: true,
    };
  }
}

/** Signs of life while a request is under way. */
class Lease {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  #until: number;

  constructor(
    runtime: GateOptions["runtime"],
    { call_id, fence }: Running,
    seconds: number,
    outer: AbortSignal,
  ) {
    const ms = seconds * 1000;
    this.#until = performance.now() + ms;
    this.#outer = outer;
    outer.addEventListener("abort", this.#abort);
    if (outer.aborted) this.#abort();
    this.#timer = setInterval(
      async () => {
        const asked = performance.now();
        const held = await runtime.renew(call_id, fence, seconds).catch(() => null);
        if (held === true) this.#until = asked + ms;
        // Nobody knows what others think of a call whose lease ran out: what was not sent yet must not be sent.
        if (held === false || performance.now() > this.#until) this.#abort();
      },
      Math.max(ms / 3, 50),
    ).unref();
  }

  /** Aborts when the call is another's, or nobody could be told that it is ours; and when whoever asked takes it back. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    clearInterval(this.#timer);
    this.#outer.removeEventListener("abort", this.#abort);
  }

  /** By hand: a signal that follows two others costs more than all the rest of a lease. */
  readonly #abort = (): void => this.#controller.abort();
}

/** Asks again while the registry is away; every such question may be asked twice. */
async function patiently<T>(ask: () => Promise<T>, forMs: number): Promise<T> {
  const until = performance.now() + forMs;
  for (let pause = 50; ; pause = Math.min(pause * 2, 2000)) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof RegistryUnavailable) || performance.now() + pause > until) throw error;
    }
    await sleep(pause);
  }
}

function unknown(why: string, cause?: unknown): Recorded {
  const { remedy } = CODES["call.outcome_unknown"];
  return new Recorded("call.outcome_unknown", `Nobody knows whether the call took effect. ${why}.`, remedy, {
    sent: true,
    cause,
  });
}

async function raced<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw no("api.cancelled", "The call was taken back.");
  let leave = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    leave = () => reject(no("api.cancelled", "The call was taken back; the one under way goes on."));
    signal.addEventListener("abort", leave, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

/** A result as a receipt keeps it: what PostgreSQL's jsonb can't hold is replaced, what is too large is left out. */
function kept(value: Json): Json {
  const text = JSON.stringify(value);
  if (text.length > KEPT_CHARACTERS)
    return { "…": `a result of ${text.length} characters, too large for a receipt` };
  return clean(value);
}

function clean(value: Json): Json {
  if (typeof value === "string") return value.toWellFormed().replaceAll("\0", "\ufffd");
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name.toWellFormed().replaceAll("\0", "\ufffd"),
      clean(inner),
    ]),
  );
}
