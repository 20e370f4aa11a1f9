import type { Json, JsonObject } from "../../base/index.ts";
import type { Execution, Manifest, Response } from "../../manifest/index.ts";
import type {
  Bounds,
  Connection,
  Executor,
  ExecutorSettings,
  Outcome,
  PlannedStep,
  Runnable,
} from "../seams.ts";
import { accountFields, hostRules } from "./account.ts";
import { runApplescript } from "./applescript.ts";
import { type Call, present, Sent, startLimits, type Turn, told } from "./call.ts";
import { failure } from "./failure.ts";
import { runHandler } from "./handler/run.ts";
import { type ClientParts, HttpClient } from "./http/client.ts";
import { OwnHosts } from "./http/hosts.ts";
import { runGraphql, runRest } from "./http-step.ts";
import { Mapper } from "./mapping/mapper.ts";
import { atRoot } from "./mapping/path.ts";
import { plan } from "./plan.ts";
import { fillGraphql, fillRest } from "./request.ts";
import { runSql } from "./sql/run.ts";
import { Renderer } from "./templates.ts";

/** What tests put in the place of the machine's own. */
export interface ExecutorParts extends ClientParts {
  /** A program to run scripts with instead of macOS's. */
  readonly osascript?: string;
  /** Recorded answers instead of a provider's. */
  readonly recorded?: Recorded;
}

/** What answers in a provider's place. */
export interface Recorded {
  readonly client: HttpClient;
  /** The rows of a query, or what a script gives. */
  readonly value: () => Json;
}

/**
 * Makes what runs tools. One process needs one: it holds the connections to providers and the processes of mappings.
 * @param parts how names are resolved and certificates are trusted, for tests
 */
export function createExecutor(settings: ExecutorSettings = {}, parts: ExecutorParts = {}): Executor {
  const runner = new Runner(settings, parts);
  return {
    execute: (...call) => runner.execute(...call),
    preview: (...call) => runner.preview(...call),
    close: () => runner.close(),
  };
}

/** A tool that does one thing, or one of its steps. */
type Work = Omit<Execution, "handler" | "steps"> & { readonly handler?: string | null };

class Runner {
  readonly #settings: ExecutorSettings;
  readonly #parts: ExecutorParts;
  readonly #own: OwnHosts;
  readonly #client: HttpClient;
  readonly #mapper = new Mapper();

  constructor(settings: ExecutorSettings, parts: ExecutorParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#own = new OwnHosts(settings.allowedHosts);
    this.#client = parts.recorded?.client ?? new HttpClient(parts);
  }

  async close(): Promise<void> {
    await Promise.all([this.#client.close(), this.#mapper.close()]);
  }

  async execute(
    manifest: Manifest,
    tool: Runnable,
    input: JsonObject,
    connection: Connection,
    bounds: Bounds,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const limits = startLimits(bounds, signal);
    const sent = new Sent();
    try {
      limits.signal.throwIfAborted();
      const renderer = new Renderer({ params: input, account: accountFields(manifest, connection) });
      const rules = hostRules(manifest, renderer, this.#own);
      const call: Call = { manifest, tool, input, connection, rules, limits, sent };
      return { value: present(await this.#run(call, renderer), connection) };
    } catch (error) {
      throw told(error, connection, sent);
    } finally {
      limits.end();
    }
  }

  async preview(
    manifest: Manifest,
    tool: Runnable,
    input: JsonObject,
    connection: Connection,
  ): Promise<readonly PlannedStep[]> {
    try {
      return await plan(manifest, tool, input, connection, this.#own);
    } catch (error) {
      throw told(error, connection, new Sent());
    }
  }

  async #run(call: Call, first: Renderer): Promise<Json> {
    const steps: readonly Work[] = call.tool.steps ?? [call.tool];
    let renderer = first;
    for (const [index, work] of steps.entries()) {
      const turn: Turn = { call, renderer, index, mark: call.sent.step() };
      const raw = await this.#perform(work, turn);
      if (index === steps.length - 1) return this.#respond(work, raw, turn);
      if ("as" in work && typeof work.as === "string") renderer = renderer.with(work.as, raw);
    }
    throw failure("runtime.no_executor", `${call.tool.name} has no steps.`);
  }

  /** Does the work and gives the raw answer. */
  async #perform(work: Work, turn: Turn): Promise<Json> {
    const { manifest } = turn.call;
    if (work.rest) return runRest(this.#client, fillRest(work.rest, manifest, turn.renderer), turn);
    if (work.graphql)
      return runGraphql(this.#client, fillGraphql(work.graphql, manifest, turn.renderer), turn);
    if ((work.sql || work.applescript) && this.#parts.recorded) return this.#parts.recorded.value();
    if (work.sql) return runSql(work.sql, turn);
    if (work.applescript) return runApplescript(work.applescript, turn, this.#parts.osascript);
    if (work.handler) return this.#handle(work.handler, turn);
    throw failure("runtime.no_executor", `${turn.call.tool.name} says nothing of how it does its work.`);
  }

  async #handle(handler: string, turn: Turn): Promise<Json> {
    const service = (await this.#settings.service?.(turn.call.manifest)) ?? null;
    if (service === null) throw failure("handler.missing", "There is no approved service.ts.");
    return runHandler(this.#client, service, handler, turn);
  }

  /** What the manifest makes of a raw answer. */
  async #respond(work: Work, raw: Json, { call, renderer }: Turn): Promise<Json> {
    const response = (work.rest ?? work.graphql ?? work.sql ?? work.applescript)?.response ?? null;
    if (response === null) return work.graphql ? atRoot(raw, "data") : raw;
    if (response.static !== null) return renderer.lenient().value(response.static) ?? null;
    return this.#map(response, raw, call);
  }

  async #map({ root, mapping }: Response, raw: Json, { input, limits, connection }: Call): Promise<Json> {
    const value = root === null ? raw : atRoot(raw, root);
    // Where there is nothing, fields that are made of constants would make something of it.
    const isNothing = root !== null && value === null && typeof mapping === "object";
    if (mapping === null || isNothing) return value;
    const job = { mapping, value, params: input, max: limits.responseBytes };
    return this.#mapper.map(job, limits.signal, connection.connector);
  }
}
