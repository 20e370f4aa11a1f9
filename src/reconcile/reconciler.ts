import type { Reader } from "../manifest/index.ts";
import type { Registry } from "../registry/index.ts";
import type { Context, PassOptions } from "./context.ts";
import { SourceLease } from "./lease.ts";
import { scanRoot } from "./scan.ts";
import { Names } from "./survey.ts";
import type { ReconcileOptions, ReconcileReport, Workspace } from "./types.ts";
import { wholePass } from "./whole.ts";

/** Who reconciles, and as whom. */
export type Identity = Pick<ReconcileOptions, "source" | "clock" | "holder">;

/** How long archived connectors count towards the budget: a folder that is emptied slowly is emptied all the same. */
const OF_LATE_MS = 10 * 60 * 1000;

/** Brings a tree of connectors into files and registry, again and again; it keeps its reader between passes. */
export class Reconciler {
  readonly #workspace: Workspace;
  readonly #registry: Registry;
  readonly #identity: Identity;
  #reader: Promise<Reader> | null = null;
  /** What stood in the folder when it was last seen whole, kept up to date by partial passes. */
  #names: Names | readonly string[] | null = null;
  #archivals: { readonly at: number; readonly count: number }[] = [];

  constructor(workspace: Workspace, registry: Registry, identity: Identity) {
    this.#workspace = workspace;
    this.#registry = registry;
    this.#identity = identity;
  }

  /**
   * Does all that is to do; with `slugs`, for these folders only.
   * @throws UserError when the registry is away or the source's lease is another's; what was done by then stays done.
   */
  async run(options: PassOptions): Promise<ReconcileReport> {
    const { source, holder, clock } = this.#identity;
    const lease = new SourceLease(this.#registry.machine, source, holder, clock);
    try {
      return await this.#pass(options, lease);
    } finally {
      await lease.release();
    }
  }

  /** Says what `run` would do, per file and per row; changes nothing. @throws UserError when the registry is away. */
  async plan(options: PassOptions): Promise<ReconcileReport> {
    return this.#pass(options, null);
  }

  /** Ends the reader's threads. */
  async close(): Promise<void> {
    const reader = this.#reader;
    this.#reader = null;
    await (await reader)?.close();
  }

  async #pass(options: PassOptions, lease: SourceLease | null): Promise<ReconcileReport> {
    const now = this.#identity.clock.now();
    this.#archivals = this.#archivals.filter(({ at }) => now - at < OF_LATE_MS);
    const context: Context = {
      workspace: this.#workspace,
      registry: this.#registry,
      source: this.#identity.source,
      options,
      lease,
      archivedOfLate: this.#archivals.reduce((sum, { count }) => sum + count, 0),
      reader: () => (this.#reader ??= this.#openReader()),
    };
    const { report, scan, archived } =
      options.slugs === undefined ? await wholePass(context) : await this.#part(context, options.slugs);
    if (options.slugs === undefined) this.#names = scan.names;
    if (archived > 0 && lease !== null) this.#archivals.push({ at: now, count: archived });
    return report;
  }

  async #part(context: Context, slugs: readonly string[]): ReturnType<typeof wholePass> {
    const { partPass } = await import("./part.ts");
    const known = this.#names ?? scanRoot(this.#workspace).names;
    const names = known instanceof Names ? known : new Names(known);
    this.#names = names;
    return partPass(context, slugs, names);
  }

  async #openReader(): Promise<Reader> {
    const { openReader } = await import("../manifest/index.ts");
    return openReader({ root: this.#workspace.connectors, display: this.#workspace.display });
  }
}
