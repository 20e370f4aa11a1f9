import { Applier, type GoodReading, type Remember } from "./apply.ts";
import type { Context } from "./context.ts";
import { type Effects, plannedEffects, realEffects } from "./effects.ts";
import type { Folder } from "./files.ts";
import type { Decision, Registered } from "./plan.ts";
import { type Begun, type Read, readAll, readStill } from "./read.ts";
import type { ReportBuilder } from "./report.ts";
import { Rivals } from "./rivals.ts";
import type { Workspace } from "./types.ts";

/** What a pass has to do, decided before anything is changed. */
export interface Work {
  /** What has been read already, and what is still to be read. */
  readonly early: readonly Read[];
  readonly rest: readonly string[];
  readonly begun: Begun;
  /** Names that share their vault keys with another one; those among the read ones are refused. */
  readonly crowded: ReadonlySet<string>;
  readonly registered: Registered | null;
  decide(reading: GoodReading): Decision;
  readonly archive: readonly string[];
  readonly remember: Remember | null;
}

/** Where a connector's folder is, and what reports call it. */
export function folderOf(workspace: Workspace, slug: string): Folder {
  return { path: `${workspace.connectors}/${slug}`, display: `${workspace.display}/${slug}` };
}

/** Reads folders. A pass that changes things also removes what killed processes left in them. */
async function* readFolders(
  context: Context,
  slugs: readonly string[],
  begun: Begun = new Map(),
): AsyncGenerator<Read> {
  const { workspace, lease } = context;
  if (slugs.length === 0) return;
  yield* readAll(await context.reader(), workspace.connectors, slugs, lease !== null, begun);
}

/** Reads a handful of folders at once. */
export async function readNow(
  context: Context,
  slugs: readonly string[],
  begun?: Begun,
): Promise<readonly Read[]> {
  const reads: Read[] = [];
  for await (const read of readFolders(context, slugs, begun)) reads.push(read);
  return reads;
}

/** Reads one folder. */
export async function readOne(context: Context, slug: string): Promise<Read> {
  const { workspace, lease } = context;
  return readStill(await context.reader(), workspace.connectors, slug, lease !== null);
}

/**
 * Carries out what was decided about each connector, and reports it.
 * @returns slugs whose last good revision stays as it is, because their folders can't be used
 */
export async function carryOut(
  context: Context,
  work: Work,
  report: ReportBuilder,
): Promise<readonly string[]> {
  const { workspace, lease, options } = context;
  const effects = lease === null ? plannedEffects(context, work.registered) : realEffects(context, lease);
  const total = work.early.length + work.rest.length;
  const applier = new Applier(effects, report, total, work.remember);
  const unusable: string[] = [];
  const rivals = new Rivals(work.crowded, (slug) => folderOf(workspace, slug));
  let done = 0;
  for await (const { reading, signature } of all(context, work)) {
    const { slug } = reading;
    const crowded = rivals.note(reading);
    if (reading.ok && !crowded) {
      await applier.take(reading, folderOf(workspace, slug), signature, work.decide(reading));
    } else {
      unusable.push(slug);
      report.connector({ slug, outcome: "invalid", digest: null, files: [], changes: [] });
      report.diagnostics(reading.diagnostics);
    }
    done += 1;
    options.onProgress?.(done, total);
  }
  await applier.finish();
  report.diagnostics(rivals.diagnostics());
  await archive(work, effects, report);
  return unusable;
}

async function* all(context: Context, work: Work): AsyncGenerator<Read> {
  yield* work.early;
  yield* readFolders(context, work.rest, work.begun);
}

async function archive(
  { archive: slugs, registered }: Work,
  effects: Effects,
  report: ReportBuilder,
): Promise<void> {
  if (slugs.length === 0) return;
  for (const { slug, outcome, changes } of await effects.archive(slugs)) {
    // Another source's by now. "unchanged" is what a call says whose first reply was lost.
    if (outcome === "refused") continue;
    const digest = registered?.get(slug)?.digest ?? null;
    report.connector({ slug, outcome: "archived", digest, files: [], changes });
  }
}
