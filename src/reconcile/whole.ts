import { relative } from "node:path";
import { sourceState } from "../registry/index.ts";
import type { GoodReading } from "./apply.ts";
import { type Cache, type CachedFolder, isLarge, loadCache, saveCache } from "./cache.ts";
import { archivePlan, askRegistry, type Context, lookUp, READ_FIRST, refusedReport } from "./context.ts";
import { Helper } from "./helper.ts";
import { planConnector, Registered } from "./plan.ts";
import type { Begun, Read } from "./read.ts";
import { ReportBuilder } from "./report.ts";
import { among, type Scan, scanRoot } from "./scan.ts";
import { toolStamp } from "./stamp.ts";
import { knowsExactly, type Survey, survey } from "./survey.ts";
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
  const { workspace } = context;
  const helper = isLarge(workspace.cacheDir) ? Helper.start() : null;
  try {
    return await passWith(context, helper);
  } finally {
    helper?.end();
  }
}

async function passWith(context: Context, helper: Helper | null): Promise<PassResult> {
  const { workspace, lease } = context;
  const stamp = toolStamp(workspace);
  if (lease !== null) sweepWorkspace(workspace);
  const cache = loadCache(workspace.cacheDir, stamp);
  const listed = scanRoot(workspace, among(cache.folders.list()));
  if (listed.root === "unusable") {
    return { report: refusedReport(context, listed, null), scan: listed, archived: 0 };
  }

  // Where all folders are known from the last run, the registry is asked while they are looked at.
  const known = (slug: string): boolean => cache.folders.has(slug) || cache.lastGood.has(slug);
  const familiar = knowsExactly(cache, listed) || listed.names.every(known);
  const complete = listed.names.length === cache.folders.size + cache.lastGood.size;
  const asked = familiar
    ? askRegistry(context, (complete ? cache.state : null) ?? stateOf(lastStanding(listed.names, cache)))
    : null;
  asked?.catch(() => {});
  const begun = new Map<string, Promise<Read>>();
  const tree = await survey(workspace, listed, cache, helper, (slug) => readAhead(context, begun, slug));
  const { scan } = tree;
  // What was asked says nothing of a tree in which less stands.
  const answer = scan === listed ? asked : null;
  // Where the registry has been asked, it only matters of what is to be read.
  const standing = lastStanding(answer === null ? scan.names : tree.dirty, cache);
  const { early, registered, changed } = await findOut(context, tree, begun, standing, answer);
  const { archive, refusal } = archivePlan(context, registered, scan);
  if (refusal !== null) return { report: refusedReport(context, scan, refusal), scan, archived: 0 };

  const report = new ReportBuilder(context.options.withUnchanged);
  // A missing folder is an error, unless it is covered that everything goes.
  if (scan.root !== "missing" || archive.length === 0) report.diagnostics(scan.diagnostics);
  const behind = reportServed(context, cache, tree, registered, report);
  const fresh = new Map<string, CachedFolder>();
  const lastGood = new Map<string, string>();
  const rest = early === null ? [...tree.dirty, ...behind] : behind;
  if (rest.length > 0 || archive.length > 0 || (early !== null && early.length > 0)) {
    const { carryOut } = await import("./pass.ts");
    const unusable = await carryOut(
      context,
      {
        early: early ?? [],
        rest,
        begun,
        crowded: tree.crowded,
        registered,
        decide: ({ slug, digest, manifest: { version } }) =>
          registered === null && standing.get(slug) === digest
            ? { action: "unchanged" }
            : planConnector({ slug, digest, version }, registered ?? changed, context.source),
        archive,
        remember: lease === null ? null : (slug, folder) => fresh.set(slug, folder),
      },
      report,
    );
    for (const slug of unusable) {
      const digest = registered === null ? standing.get(slug) : registered.standing(slug, context.source);
      if (typeof digest === "string") lastGood.set(slug, digest);
    }
  }
  const { folders } = cache;
  const same = tree.served.length === folders.size && fresh.size === 0 && equal(cache.lastGood, lastGood);
  if (lease !== null && !same) {
    const display = relative(workspace.cwd, workspace.cacheDir).replaceAll("\\", "/");
    const remembered = { known: folders, kept: tree.served, fresh, lastGood };
    const warning = saveCache(workspace.cacheDir, display, stamp, remembered);
    if (warning !== null) report.diagnostics([warning]);
  }
  return { report: report.build(), scan, archived: archive.length };
}

/** What is known before anything is done. */
interface Known {
  /** Folders that had to be read already; null: none. */
  readonly early: readonly Read[] | null;
  /** What is registered; null: of this source exactly what was taken to be standing. */
  readonly registered: Registered | null;
  /** What is registered of those that may differ from it. */
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
  begun: Begun,
  standing: Map<string, string>,
  asked: Promise<Registered | null> | null,
): Promise<Known> {
  const nothing = new Registered([]);
  const many = dirty.length > READ_FIRST;
  if (asked !== null || many) {
    const still = (await asked) ?? null;
    const registered = still ?? (many ? await askRegistry(context) : null);
    const few = registered === null && dirty.length > 0;
    return { early: null, registered, changed: few ? await lookUp(context, dirty) : nothing };
  }
  const early = await readEarly(context, dirty, begun);
  for (const { slug, digest } of good(early)) {
    if (!standing.has(slug) && !crowded.has(slug)) standing.set(slug, digest);
  }
  const registered = await askRegistry(context, stateOf(standing));
  const differ = good(early).filter(({ slug, digest }) => standing.get(slug) !== digest);
  const slugs = differ.map(({ slug }) => slug);
  const known = registered === null && slugs.length > 0;
  return { early, registered, changed: known ? await lookUp(context, slugs) : nothing };
}

function stateOf(standing: ReadonlyMap<string, string>): string {
  return sourceState(Array.from(standing, ([slug, digest]) => ({ slug, digest })));
}

function good(reads: readonly Read[]): GoodReading[] {
  return reads.flatMap(({ reading }) => (reading.ok ? [reading] : []));
}

/** What the last run left registered of these. */
function lastStanding(names: readonly string[], { folders, lastGood }: Cache): Map<string, string> {
  const standing = new Map<string, string>();
  for (const slug of names) {
    const digest = folders.get(slug)?.digest ?? lastGood.get(slug);
    if (digest !== undefined) standing.set(slug, digest);
  }
  return standing;
}

/** What is heavy is not loaded where there is nothing to read. */
async function readEarly(context: Context, dirty: readonly string[], begun: Begun): Promise<readonly Read[]> {
  return dirty.length === 0 ? [] : (await import("./pass.ts")).readNow(context, dirty, begun);
}

/** Begins to read a folder, unless that has begun, or has with so many that whoever asks for them must come first. */
async function readAhead(context: Context, begun: Map<string, Promise<Read>>, slug: string): Promise<void> {
  if (begun.size >= READ_FIRST || begun.has(slug)) return;
  const read = import("./pass.ts").then(({ readOne }) => readOne(context, slug));
  begun.set(slug, read);
  // Whoever asks for it gets the error.
  await read.catch(() => {});
}

/** Reports what the cache answers for. @returns slugs of which the registry knows something else: they are to be read */
function reportServed(
  { source, options }: Context,
  { folders }: Cache,
  { served }: Survey,
  registered: Registered | null,
  report: ReportBuilder,
): readonly string[] {
  const behind: string[] = [];
  const listed = registered !== null || options.withUnchanged === true;
  if (!listed) report.unlisted(served.length);
  for (const slug of listed ? served : []) {
    const digest = folders.get(slug)?.digest ?? "";
    const same =
      registered === null ||
      planConnector({ slug, digest, version: null }, registered, source).action === "unchanged";
    if (same) report.untouched(slug, digest);
    else behind.push(slug);
  }
  const silent = new Set(behind);
  const warned = folders.warnings.size === 0 ? [] : served.filter((slug) => !silent.has(slug));
  for (const slug of warned) report.diagnostics(folders.warnings.get(slug) ?? []);
  return behind;
}

function equal(left: ReadonlyMap<string, string>, right: ReadonlyMap<string, string>): boolean {
  return left.size === right.size && [...left].every(([slug, digest]) => right.get(slug) === digest);
}
