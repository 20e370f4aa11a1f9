import { diagnostic, WHOLE_FILE } from "../base/index.ts";
import type { Reader } from "../manifest/index.ts";
import type { Registry } from "../registry/index.ts";
import type { SourceLease } from "./lease.ts";
import { planArchive, type Refusal, Registered } from "./plan.ts";
import { ReportBuilder } from "./report.ts";
import { retryLost } from "./retry.ts";
import type { Scan } from "./scan.ts";
import type { ReconcileOptions, ReconcileReport, Workspace } from "./types.ts";

/** What may differ from one pass to the next. */
export type PassOptions = Pick<
  ReconcileOptions,
  "allowArchive" | "withChanges" | "withUnchanged" | "slugs" | "onProgress"
>;

/** Up to so many folders are read at once while the registry is asked, or even before: it may be spared the answer. */
export const READ_FIRST = 500;

/** All that a pass needs. */
export interface Context {
  readonly workspace: Workspace;
  readonly registry: Registry;
  readonly source: string;
  readonly options: PassOptions;
  /** Null: only say what would be done. */
  readonly lease: SourceLease | null;
  /** How many connectors earlier passes archived a short while ago. */
  readonly archivedOfLate: number;
  /** Opens the reader at the first call: a pass that reads nothing does without. */
  reader(): Promise<Reader>;
}

/** Asks what is registered. @param known the state that would make the answer unnecessary; null is that answer */
export async function askRegistry(context: Context, known?: string): Promise<Registered | null> {
  const { registry, source } = context;
  const { connectors } = await retryLost(() => registry.machine.fingerprints(source, known));
  return connectors === null ? null : new Registered(connectors);
}

/** Asks what is registered of some slugs only, and of whom else their vault keys would be. */
export async function lookUp({ registry }: Context, slugs: readonly string[]): Promise<Registered> {
  return new Registered(await retryLost(() => registry.machine.lookup(slugs)));
}

/** Who is archived, if anybody. @param scan of the whole folder */
export function archivePlan(
  context: Context,
  registered: Registered | null,
  scan: Scan,
): ReturnType<typeof planArchive> {
  // Equal states mean that nobody is gone.
  if (registered === null) return { archive: [], refusal: null };
  const { source, options, archivedOfLate } = context;
  return planArchive(registered, {
    root: scan.root,
    names: scan.names,
    source,
    allowArchive: options.allowArchive,
    archivedOfLate,
    ...(options.slugs === undefined ? {} : { slugs: options.slugs }),
  });
}

/** The report of a pass that was not begun because of the tree as a whole. */
export function refusedReport(context: Context, scan: Scan, refusal: Refusal | null): ReconcileReport {
  const report = new ReportBuilder();
  report.diagnostics(scan.diagnostics);
  if (refusal !== null) {
    const { code, message, hint } = refusal;
    report.diagnostics([diagnostic(code, context.workspace.display, WHOLE_FILE, message, hint)]);
  }
  return report.build();
}
