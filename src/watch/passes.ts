import { UserError } from "../base/index.ts";
import { check, type ReconcileReport, Reconciler } from "../reconcile/index.ts";
import type { Registry } from "../registry/index.ts";
import type { Work } from "./dirty.ts";
import type { Findings } from "./findings.ts";
import type { State } from "./state.ts";
import type { WatchOptions } from "./types.ts";

/** How many slugs a log line names. */
const NAMED = 20;

/** Does the work of a turn and says what came of it. */
export class Passes {
  readonly #options: WatchOptions;
  readonly #state: State;
  readonly #findings: Findings;
  readonly #reconciler: Pick<Reconciler, "run" | "close">;
  readonly #onPass: (seconds: number) => void;

  /** @param registry as the lease keeper shows it */
  constructor(
    options: WatchOptions,
    registry: Registry,
    state: State,
    findings: Findings,
    onPass: (seconds: number) => void,
  ) {
    const { workspace, source, holder, clock, reconciler } = options;
    this.#options = options;
    this.#state = state;
    this.#findings = findings;
    this.#reconciler = reconciler ?? new Reconciler(workspace, registry, { source, holder, clock });
    this.#onPass = onPass;
  }

  /** Reconciles. @throws UserError when the registry is away or the lease is another's; nothing is lost by doing it again */
  async run(work: Work, allowArchive: number): Promise<ReconcileReport> {
    if (work.all) this.#state.count.rescans += 1;
    const started = performance.now();
    const slugs = work.all ? {} : { slugs: work.slugs };
    const report = await this.#reconciler.run({ allowArchive, withChanges: false, ...slugs });
    this.#done(report, work, (performance.now() - started) / 1000);
    return report;
  }

  /**
   * The same folder by folder, after a bug: the one that brings it out waits for its next change or rescan, its neighbours
   * don't. @throws UserError likewise
   */
  async runEach(slugs: readonly string[], allowArchive: number): Promise<void> {
    for (const slug of slugs) {
      try {
        await this.run({ all: false, slugs: [slug] }, allowArchive);
      } catch (error) {
        if (error instanceof UserError) throw error;
        this.#options.logger.error("a folder brings out a bug of the Sentinel", { slug, error });
      }
    }
  }

  /** Without the registry nothing is generated or registered, but what is wrong with a folder can be said. */
  async checkOnly(work: Work): Promise<void> {
    const slugs = work.all ? undefined : work.slugs;
    const { diagnostics } = await check(this.#options.workspace, slugs);
    const own = diagnostics.filter(({ code }) => !code.startsWith("generated."));
    this.#findings.note(own, slugs ?? null);
  }

  async close(): Promise<void> {
    await this.#reconciler.close();
  }

  #done(report: ReconcileReport, work: Work, seconds: number): void {
    const state = this.#state;
    this.#findings.note(report.diagnostics, work.all ? null : work.slugs);
    state.lastSuccessAt = this.#options.clock.now();
    state.lastPass = { at: state.lastSuccessAt, seconds, folders: work.all ? "all" : work.slugs.length };
    state.scanned ||= work.all;
    this.#onPass(seconds);
    const slugs = changedIn(report);
    if (slugs.length === 0) return;
    const { created, updated, archived, restored } = report.summary;
    this.#options.logger.info("registered", {
      created,
      updated,
      archived,
      restored,
      slugs: slugs.slice(0, NAMED),
      seconds: Math.round(seconds * 1000) / 1000,
    });
  }
}

/** The connectors of a report that are registered otherwise than before. */
export function changedIn({ connectors }: ReconcileReport): string[] {
  return connectors
    .filter(({ outcome }) => outcome !== "unchanged" && outcome !== "invalid")
    .map(({ slug }) => slug);
}
