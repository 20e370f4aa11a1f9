import { randomUUID } from "node:crypto";
import { inspect } from "node:util";
import { orderedId } from "../../base/index.ts";
import type { Tool } from "../../manifest/index.ts";
import type { BeginCall, CallRecord } from "../../registry/index.ts";
import { redactArguments, shownArguments } from "../activity/redact.ts";
import { ToolFailure } from "../seams.ts";
import type { Approved, ApprovedConnectors } from "./approved.ts";
import { Effects } from "./effects.ts";
import { checkKey, keysOf } from "./keys.ts";
import { onlyReads } from "./reads.ts";
import { failureOf, isRefusal, no, Recorded, Refused } from "./refusals.ts";
import type { CallAnswer, CallPlan, CallRequest, GateOptions, ModeRefusal, Prepared } from "./types.ts";

const WINDOW_SECONDS = 900;

/**
 * The only way from an agent to a tool. In this order, and each a no unless it is a yes: the revision is approved and
 * unchanged, the mode allows the tool, the agent holds the firearms, the plan (one call for one key) lets it run.
 */
export class Gate {
  readonly #options: GateOptions;
  readonly #effects: Effects;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#effects = new Effects(options);
  }

  /** Makes a call. @throws ToolFailure and nothing else but our own bugs */
  async call(request: CallRequest): Promise<CallAnswer> {
    const started = performance.now();
    let prepared: Prepared | null = null;
    try {
      const found = await this.#find(request);
      this.#checkMode(found.tool);
      prepared = await this.#prepare(request, found);
      return prepared.tool.side_effecting
        ? await this.#effects.call(prepared, this.#beginning(prepared))
        : await this.#read(prepared, started);
    } catch (error) {
      throw this.#told(error, request, prepared, started);
    }
  }

  /** Puts a call on record whose arguments made no call of it. @returns why, in words that may leave the house */
  refuse(request: CallRequest, error: unknown): ToolFailure {
    return this.#told(error, request, null, performance.now());
  }

  /** Says what a call would do, and sends nothing. @throws ToolFailure */
  async plan(request: CallRequest): Promise<CallPlan> {
    try {
      const found = await this.#find(request);
      const { approved, tool, input, connection, keys } = await this.#prepare(request, found);
      return {
        connector: approved.slug,
        digest: approved.digest,
        tool: tool.name,
        account: connection.account,
        side_effecting: tool.side_effecting,
        destructive: tool.destructive,
        idempotent: tool.idempotent,
        scopes: tool.scopes,
        mode: this.#options.mode,
        refused: this.#refusedByMode(found.tool),
        needs_firearm: approved.armed(tool),
        key: keys().key,
        steps: await this.#options.executor.preview(approved.manifest, tool, input, connection),
      };
    } catch (error) {
      throw failureOf(error);
    }
  }

  async #find({ connector, digest, tool }: CallRequest): ReturnType<ApprovedConnectors["find"]> {
    const { approved } = this.#options;
    const check = (served: Approved | undefined): void => {
      if (digest === undefined || served === undefined || served.digest === digest) return;
      throw no("call.not_approved", `Another content of ${connector} is approved, not this one.`);
    };
    // Before a tool is looked for that the other content may not have, and after it, as it may be swapped meanwhile.
    check((await approved.current()).connectors.get(connector));
    const found = await approved.find(connector, tool);
    check(found.approved);
    return found;
  }

  async #prepare(
    request: CallRequest,
    found: { readonly approved: Approved; readonly tool: Tool },
  ): Promise<Prepared> {
    const { vault, validate } = this.#options;
    const { approved } = found;
    const input = validate(approved.manifest, found.tool, request.input);
    const connection = await vault.connect(approved.manifest, request.account);
    const identity = { connector: request.connector, account: connection.account, tool: found.tool, input };
    checkKey(request.key);
    // A firearm is spent by what the registry knows of the tool, and with a record.
    const reads = onlyReads(found.tool, input) && !approved.armed(found.tool);
    const tool = reads ? { ...found.tool, side_effecting: false, destructive: false } : found.tool;
    // Two hashes over the arguments, for which a read has no use.
    return { request, approved, tool, input, connection, keys: () => keysOf(identity, request.key) };
  }

  #checkMode(tool: Tool): void {
    const refused = this.#refusedByMode(tool);
    if (refused === "mode.readonly") {
      throw no(refused, `This runtime is read-only, and ${tool.name} changes something.`);
    }
    if (refused === "mode.admin_needed") {
      throw no(refused, `${tool.name} destroys something, and this runtime is not in admin mode.`);
    }
  }

  #refusedByMode({ side_effecting, destructive }: Tool): ModeRefusal | null {
    const { mode } = this.#options;
    if (side_effecting && mode === "readonly") return "mode.readonly";
    return destructive && mode !== "admin" ? "mode.admin_needed" : null;
  }

  /** A read runs at once; only where a firearm is needed does it ask the registry first. */
  async #read(prepared: Prepared, started: number): Promise<CallAnswer> {
    const { request, approved, tool, input, connection } = prepared;
    const { recorder, executor, runtime, vault, bounds = {} } = this.#options;
    await recorder.admit();
    if (approved.armed(tool)) {
      const begun = await runtime.begin(this.#beginning(prepared));
      if (begun.outcome === "refused") throw new Refused(begun.code, begun.message, begun.details);
      if (begun.outcome !== "begun") throw no("runtime.internal", "The registry gave no answer to a read.");
    }
    const outcome = await executor.execute(
      approved.manifest,
      tool,
      input,
      connection,
      bounds,
      request.signal,
    );
    recorder.add(this.#record("read", request, prepared, started, null));
    const value = vault.blackout(connection).json(outcome.value);
    return { value, connector: approved.slug, account: connection.account, receipt: null, replayed: false };
  }

  #beginning({ request, approved, tool, input, connection, keys }: Prepared): BeginCall {
    const { mode, windowSeconds = WINDOW_SECONDS, leaseSeconds = 30, logValues, vault } = this.#options;
    return {
      agent: request.agent,
      connector: approved.slug,
      digest: approved.digest,
      tool: tool.name,
      account: connection.account,
      mode,
      ...keys(),
      window_seconds: windowSeconds,
      call_id: orderedId(),
      holder: randomUUID(),
      lease_seconds: leaseSeconds,
      arguments:
        logValues === true
          ? shownArguments(vault.everything.json(input))
          : redactArguments(tool.input, input),
    };
  }

  /** Puts a failure on record, unless the registry has done so itself, and in words that may leave the house. */
  #told(error: unknown, request: CallRequest, prepared: Prepared | null, started: number): ToolFailure {
    const failure = failureOf(error);
    const { vault } = this.#options;
    const blackout = prepared === null ? vault.everything : vault.blackout(prepared.connection);
    const onRecord =
      error instanceof Refused || (prepared?.tool.side_effecting === true && error instanceof Recorded);
    if (!onRecord) {
      const ran = prepared !== null && !prepared.tool.side_effecting && !isRefusal(failure.code);
      this.#options.recorder.add(
        this.#record(ran ? "read_failed" : "refused", request, prepared, started, failure.code),
      );
    }
    if (failure.code === "runtime.internal") {
      this.#options.onBug?.(blackout.text(inspect(failure.cause ?? failure, { depth: 2 })));
    }
    const message = blackout.text(failure.message);
    return new ToolFailure(failure.code, message, failure.hint, { sent: failure.sent, cause: failure.cause });
  }

  #record(
    action: CallRecord["action"],
    request: CallRequest,
    prepared: Prepared | null,
    started: number,
    code: string | null,
  ): CallRecord {
    const { logValues, vault } = this.#options;
    const args =
      prepared === null
        ? {}
        : logValues === true
          ? shownArguments(vault.everything.json(prepared.input))
          : redactArguments(prepared.tool.input, prepared.input);
    return {
      action,
      actor: request.agent,
      provider_id: request.connector.slice(0, 64),
      digest: prepared?.approved.digest ?? null,
      details: {
        tool: prepared?.tool.name ?? vault.everything.text(request.tool.slice(0, 10_000)).slice(0, 64),
        account: prepared?.connection.account ?? null,
        arguments: args,
        ms: Math.round(performance.now() - started),
        at: new Date(Date.now() - (performance.now() - started)).toISOString(),
        ...(code === null ? {} : { code }),
      },
    };
  }
}
