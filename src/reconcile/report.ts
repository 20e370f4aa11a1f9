import { byCodeUnit, compareDiagnostics, type Diagnostic } from "../base/index.ts";
import type { ConnectorOutcome, ConnectorReport, ReconcileReport } from "./types.ts";

/** Collects what became of each connector, in whatever order it becomes known. */
export class ReportBuilder {
  readonly #connectors = new Map<string, ConnectorReport>();
  readonly #diagnostics: Diagnostic[] = [];
  readonly #withUnchanged: boolean;
  /** Connectors that are counted and not listed. */
  #unlisted = 0;

  /** @param withUnchanged whether to list connectors about which there is nothing to say, too */
  constructor(withUnchanged = false) {
    this.#withUnchanged = withUnchanged;
  }

  connector(report: ConnectorReport): void {
    this.#connectors.set(report.slug, report);
  }

  /** A connector whose folder and files nobody had to look into. */
  untouched(slug: string, digest: string): void {
    if (this.#withUnchanged) this.connector({ slug, outcome: "unchanged", digest, files: [], changes: [] });
    else this.#unlisted += 1;
  }

  /** So many of the same kind, where no list is wanted. */
  unlisted(count: number): void {
    this.#unlisted += count;
  }

  diagnostics(found: readonly Diagnostic[]): void {
    for (const one of found) this.#diagnostics.push(one);
  }

  build(): ReconcileReport {
    const summary: Record<ConnectorOutcome, number> = {
      created: 0,
      updated: 0,
      unchanged: this.#unlisted,
      archived: 0,
      restored: 0,
      invalid: 0,
    };
    const connectors: ConnectorReport[] = [];
    for (const one of this.#connectors.values()) {
      summary[one.outcome] += 1;
      const silent = one.outcome === "unchanged" && one.files.every(({ action }) => action === "unchanged");
      if (!silent) connectors.push(one);
      // Where the cache answers for a folder, its files are not looked at one by one: no run lists them.
      else if (this.#withUnchanged) connectors.push({ ...one, files: [] });
    }
    return {
      ok: this.#diagnostics.every(({ severity }) => severity !== "error"),
      summary,
      connectors: connectors.sort((a, b) => byCodeUnit(a.slug, b.slug)),
      diagnostics: this.#diagnostics.sort(compareDiagnostics),
    };
  }
}
