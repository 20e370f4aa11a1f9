import { relative } from "node:path";
import { sourceState } from "../registry/index.ts";
import type { GoodReading } from "./apply.ts";
import { type Cache, loadCache, saveCache } from "./cache.ts";
import { archivePlan, askRegistry, type Context, lookUp, READ_FIRST, refusedReport } from "./context.ts";
import { planConnector, Registered } from "./plan.ts";
import type { Read } from "./read.ts";
import { ReportBuilder } from "./report.ts";
import { type Scan, scanRoot } from "./scan.ts";
import { toolStamp } from "./stamp.ts";
import { type Survey, survey } from "./survey.ts";
import { sweepWorkspace } from "./tidy.ts";
import type { ReconcileReport } from "./types.ts";

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
  const scan = scanRoot(workspace);
  const stopped = (report: ReconcileReport): PassResult => ({ report, scan, archived: 0 });
  if (scan.root === "unusable") return stopped(refusedReport(context, scan, null));

  const standing = lastStanding(scan, cache);
  // Where all folders are known from the last run, the registry is asked while they are looked at.
  const asked = scan.names.every((slug) => standing.has(slug)) ? askIfStill(context, standing) : null;
  asked?.catch(() => {});
  const tree = await survey(workspace, scan, cache);
  const { early, registered, changed } = await findOut(context, tree, standing, asked);
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
        decide: ({ slug, digest, manifest: { version } }) =>
          registered === null && standing.get(slug) === digest
            ? { action: "unchanged" }
            : planConnector({ slug, digest, version }, registered ?? changed, context.source),
        archive,
        remember: lease === null ? null : (slug, folder) => next.folders.set(slug, folder),
      },
      report,
    );
    for (const slug of unusable) {
      const digest = registered === null ? standing.get(slug) : registered.standing(slug, context.source);
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

/** What is known before anything is done. */
interface Known {
  /** Folders that were read already; null where there are too many to be read at once. */
  readonly early: readonly Read[] | null;
  /** What is registered; null: of this source exactly what was taken to be standing. */
  readonly registered: Registered | null;
  /** What is registered of those that were read and differ from it. */
  readonly changed: Registered;
}

/**
 * Learns what is registered, in a way that spares the answer where it is what is expected: what the last run left, and of
 * folders that it did not know what they say now.
 * @param standing slug → digest of what the last run left registered; completed here
 * @param asked whether that is so still, where it was asked already
 */
async function findOut(
  context: Context,
  { dirty, crowded }: Survey,
  standing: Map<string, string>,
  asked: Promise<Registered | null> | null,
): Promise<Known> {
  const nothing = new Registered([]);
  if (dirty.length > READ_FIRST) {
    const registered = (await asked) ?? (await askRegistry(context));
    return { early: null, registered, changed: nothing };
  }
  const early = await readEarly(context, dirty);
  for (const { slug, digest } of good(early)) {
    if (!standing.has(slug) && !crowded.has(slug)) standing.set(slug, digest);
  }
  const registered = await (asked ?? askIfStill(context, standing));
  const differ = good(early).filter(({ slug, digest }) => standing.get(slug) !== digest);
  const known = registered === null && differ.length > 0;
  const slugs = differ.map(({ slug }) => slug);
  return { early, registered, changed: known ? await lookUp(context, slugs) : nothing };
}

/** Asks whether exactly this is registered; null: it is. */
function askIfStill(context: Context, standing: ReadonlyMap<string, string>): Promise<Registered | null> {
  return askRegistry(context, sourceState(Array.from(standing, ([slug, digest]) => ({ slug, digest }))));
}

function good(reads: readonly Read[]): GoodReading[] {
  return reads.flatMap(({ reading }) => (reading.ok ? [reading] : []));
}

/** What the last run left registered, of the folders that are still there. */
function lastStanding(scan: Scan, { folders, lastGood }: Cache): Map<string, string> {
  const standing = new Map<string, string>();
  for (const slug of scan.names) {
    const digest = folders.get(slug)?.digest ?? lastGood.get(slug);
    if (digest !== undefined) standing.set(slug, digest);
  }
  return standing;
}

/** What is heavy is not loaded where there is nothing to read. */
async function readEarly(context: Context, dirty: readonly string[]): Promise<readonly Read[]> {
  return dirty.length === 0 ? [] : (await import("./pass.ts")).readNow(context, dirty);
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
