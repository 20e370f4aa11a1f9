import { type Json, type JsonObject, UserError } from "../../base/index.ts";
import type { Manifest } from "../../manifest/index.ts";
import { type Bounds, type Connection, type Runnable, ToolFailure } from "../seams.ts";
import { failure, messageOf } from "./failure.ts";
import type { HostRules } from "./http/hosts.ts";
import type { Renderer } from "./templates.ts";

const DEFAULTS = { timeMs: 30_000, responseBytes: 10 * 1024 * 1024, requestBytes: 10 * 1024 * 1024 } as const;

/** One call that runs: what it is about, what it may cost, and what has become of it. */
export interface Call {
  readonly manifest: Manifest;
  readonly tool: Runnable;
  readonly input: JsonObject;
  readonly connection: Connection;
  readonly rules: HostRules;
  readonly limits: Limits;
  readonly sent: Sent;
}

/** The bounds of a call, all of them. */
export interface Limits {
  /** Aborts with a ToolFailure as its reason. */
  readonly signal: AbortSignal;
  /** As `Date.now()` has it. */
  readonly deadline: number;
  readonly responseBytes: number;
  readonly requestBytes: number;
  readonly idempotencyKey: string | null;
  /** Ends the clock. */
  end(): void;
}

/** Starts the clock of a call. */
export function startLimits(bounds: Bounds, outer: AbortSignal): Limits {
  const timeMs = bounds.timeMs ?? DEFAULTS.timeMs;
  const controller = new AbortController();
  const late = (): void => controller.abort(failure("api.timeout", `The call took more than ${timeMs} ms.`));
  const cancelled = (): void => controller.abort(failure("api.cancelled", "The call was taken back."));
  const timer = setTimeout(late, timeMs);
  if (outer.aborted) cancelled();
  outer.addEventListener("abort", cancelled, { once: true });
  return {
    signal: controller.signal,
    deadline: Date.now() + timeMs,
    responseBytes: bounds.responseBytes ?? DEFAULTS.responseBytes,
    requestBytes: bounds.requestBytes ?? DEFAULTS.requestBytes,
    idempotencyKey: bounds.idempotencyKey ?? null,
    end: () => {
      clearTimeout(timer);
      outer.removeEventListener("abort", cancelled);
    },
  };
}

/**
 * Says of one step whether something that may change the provider may have reached it: true before the first byte, false
 * when it turns out that none got there or that it was refused.
 */
export type Mark = (maybe: boolean) => void;

/** Whether something that may change the provider may have reached it, in any step. */
export class Sent {
  readonly #steps = new Set<Mark>();

  get value(): boolean {
    return this.#steps.size > 0;
  }

  /** A step of its own: what others have sent stays sent, whatever becomes of this one. */
  step(): Mark {
    const mark: Mark = (maybe) => {
      if (maybe) this.#steps.add(mark);
      else this.#steps.delete(mark);
    };
    return mark;
  }
}

/** What goes wrong in a call, as it may be told: without secrets, and with whether the outcome is known. */
export function told(error: unknown, connection: Connection, sent: Sent): unknown {
  if (error instanceof UserError && !sent.value) return error;
  const known =
    error instanceof ToolFailure
      ? error
      : failure("runtime.internal", `The call failed inside the runtime: ${messageOf(error)}.`);
  return new ToolFailure(known.code, connection.scrub(known.message), connection.scrub(known.hint), {
    sent: sent.value,
    ...(known === error ? {} : { cause: error }),
  });
}

/**
 * A result as the agent gets it: an object that says where it comes from, without secrets. A list stands under `items`,
 * anything else that is no object, or has a `connector` or `account` of its own, under `value`.
 */
export function present(value: Json, connection: Connection): JsonObject {
  const clean = scrubbed(value, (text) => connection.scrub(text));
  const fields = Array.isArray(clean)
    ? { items: clean }
    : typeof clean === "object" && clean !== null
      ? clean
      : { value: clean };
  const origin = { connector: connection.connector, account: connection.account };
  // A provider's own account, say, is not lost to ours: then the whole answer stands under `value`.
  const isTaken = Object.entries(origin).some(
    ([name, text]) => Object.hasOwn(fields, name) && fields[name] !== text,
  );
  return { ...(isTaken ? { value: clean } : fields), ...origin };
}

/**
 * The value with every text in it scrubbed, keys too. Nearly always there is nothing to scrub, and one look at all of it
 * as JSON says so: an escaped secret is one of the encodings that `scrub` knows.
 */
export function scrubbed(value: Json, scrub: (text: string) => string): Json {
  const json = JSON.stringify(value);
  return scrub(json) === json ? value : scrubbedTexts(value, scrub);
}

function scrubbedTexts(value: Json, scrub: (text: string) => string): Json {
  if (typeof value === "string") return scrub(value);
  if (Array.isArray(value)) return value.map((item) => scrubbedTexts(item, scrub));
  if (typeof value === "number") return scrub(String(value)) === String(value) ? value : scrub(String(value));
  if (typeof value !== "object" || value === null) return value;
  const pairs = Object.entries(value).map(([key, item]) => [scrub(key), scrubbedTexts(item, scrub)]);
  return Object.fromEntries(pairs);
}

/** One thing to do within a call, and the templates that it may use. */
export interface Turn {
  readonly call: Call;
  readonly renderer: Renderer;
  /** From 0; each step has an idempotency key of its own. */
  readonly index: number;
  readonly mark: Mark;
}
