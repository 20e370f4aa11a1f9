import { relative } from "node:path";
import { sourceState } from "../registry/index.ts";
import { type Cache, loadCache, saveCache } from "./cache.ts";
import { archivePlan, askRegistry, type Context, refusedReport } from "./context.ts";
import { planConnector, type Registered } from "./plan.ts";
import type { Read } from "./read.ts";
import { ReportBuilder } from "./report.ts";
import type { Scan } from "./scan.ts";
import { toolStamp } from "./stamp.ts";
import { type Survey, survey } from "./survey.ts";
import { sweepWorkspace } from "./tidy.ts";
import type { ReconcileReport } from "./types.ts";

/** Up to so many folders are read before the registry is asked: their digests may spare it the answer. */
const READ_FIRST = 500;

/** What a pass found standing. */
export interface PassResult {
  readonly report: ReconcileReport;
  readonly scan: Scan;
  readonly archived: number;
}

/** Reconciles everything that stands in the folder of connectors. What is heavy is loaded when a folder is to be read. */
export async function wholePass(context: Context): Promise<PassResult> {
  const { workspace, lease } = context;
  const stamp = toolStamp(workspace);
  if (lease !== null) sweepWorkspace(workspace);
  const cache = loadCache(workspace.cacheDir, stamp);
  const tree = survey(workspace, cache);
  const { scan } = tree;
  const stopped = (report: ReconcileReport): PassResult => ({ report, scan, archived: 0 });
  if (scan.root === "unusable") return stopped(refusedReport(context, scan, null));

  const early = await readEarly(context, tree.dirty);
  const registered = await askRegistry(context, early === null ? undefined : guessState(tree, early, cache));
  const { archive, refusal } = archivePlan(context, registered, scan);
  if (refusal !== null) return stopped(refusedReport(context, scan, refusal));

  const report = new ReportBuilder(context.options.withUnchanged);
  // A missing folder is an error, unless it is covered that everything goes.
  if (scan.root !== "missing" || archive.length === 0) report.diagnostics(scan.diagnostics);
  const behind = reportServed(context, tree, registered, report);
  const next: Cache = { folders: new Map(tree.served), lastGood: new Map() };
  const rest = early === null ? [...tree.dirty, ...behind] : behind;
  if (rest.length > 0 || archive.length > 0 || (early !== null && early.length > 0)) {
    const { carryOut } = await import("./pass.ts");
    const unusable = await carryOut(
      context,
      {
        early: early ?? [],
        rest,
        crowded: tree.crowded,
        registered,
        // Equal states mean that every digest read is registered already.
        decide: ({ slug, digest, manifest: { version } }) =>
          registered === null
            ? { action: "unchanged" }
            : planConnector({ slug, digest, version }, registered, context.source),
        archive,
        remember: lease === null ? null : (slug, folder) => next.folders.set(slug, folder),
      },
      report,
    );
    for (const slug of unusable) {
      const digest =
        registered === null ? cache.lastGood.get(slug) : registered.standing(slug, context.source);
      if (typeof digest === "string") next.lastGood.set(slug, digest);
    }
  }
  if (lease !== null && differ(cache, next)) {
    const display = relative(workspace.cwd, workspace.cacheDir).replaceAll("\\", "/");
    const warning = saveCache(workspace.cacheDir, display, stamp, next);
    if (warning !== null) report.diagnostics([warning]);
  }
  return { report: report.build(), scan, archived: archive.length };
}

/** Reads a handful of folders at once; null where there are more, which are read as they are worked on. */
async function readEarly(context: Context, dirty: readonly string[]): Promise<readonly Read[] | null> {
  if (dirty.length > READ_FIRST) return null;
  if (dirty.length === 0) return [];
  const { readFolders } = await import("./pass.ts");
  const reads: Read[] = [];
  for await (const read of readFolders(context, dirty)) reads.push(read);
  return reads;
}

/** The state that the registry has if nothing is to be done. A wrong guess costs the answer that it might have spared. */
function guessState({ served, crowded }: Survey, early: readonly Read[], { lastGood }: Cache): string {
  const standing = [...served].map(([slug, { digest }]) => ({ slug, digest }));
  for (const { reading } of early) {
    const { slug } = reading;
    const digest = reading.ok && !crowded.has(slug) ? reading.digest : lastGood.get(slug);
    if (digest !== undefined) standing.push({ slug, digest });
  }
  return sourceState(standing);
}

/** Reports what the cache answers for. @returns slugs of which the registry knows something else: they are to be read */
function reportServed(
  { source }: Context,
  { served }: Survey,
  registered: Registered | null,
  report: ReportBuilder,
): readonly string[] {
  const behind: string[] = [];
  for (const [slug, { digest, warnings }] of served) {
    const local = { slug, digest, version: null };
    const same = registered === null || planConnector(local, registered, source).action === "unchanged";
    if (same) {
      report.connector({ slug, outcome: "unchanged", digest, files: [], changes: [] });
      report.diagnostics(warnings);
    } else {
      behind.push(slug);
    }
  }
  return behind;
}

function differ(before: Cache, after: Cache): boolean {
  return (
    before.folders.size !== after.folders.size ||
    before.lastGood.size !== after.lastGood.size ||
    [...after.folders].some(([slug, folder]) => before.folders.get(slug) !== folder) ||
    [...after.lastGood].some(([slug, digest]) => before.lastGood.get(slug) !== digest)
  );
}
