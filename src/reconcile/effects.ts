import type { Applied, BatchEntry, Registry } from "../registry/index.ts";
import { type Comparison, type Folder, writeGenerated } from "./files.ts";
import { retryLost, type SourceLease } from "./lease.ts";
import type { Registered } from "./plan.ts";

/** What `run` does and `plan` only says. */
export interface Effects {
  /** Whether what is in place now will be there in the next run. */
  readonly remembers: boolean;
  /** Called before anything is changed. */
  begin(): Promise<void>;
  /** What is done to a folder's generated files. */
  files(folder: Folder, wanted: Readonly<Record<string, string>>, comparison: Comparison): Comparison;
  send(batch: readonly BatchEntry[]): Promise<readonly Applied[]>;
  archive(slugs: readonly string[]): Promise<readonly Applied[]>;
}

/** Changes files and registry, the latter under the source's lease. Every call of it may be repeated. */
export function realEffects(
  { machine }: Registry,
  lease: SourceLease,
  { source, withChanges }: { source: string; withChanges: boolean },
): Effects {
  return {
    remembers: true,
    begin: async () => {
      await lease.token();
    },
    files: (folder, wanted, comparison) => {
      if (comparison.problems.length > 0) return comparison;
      const problems = writeGenerated(folder, wanted, comparison.actions);
      return { actions: comparison.actions, problems };
    },
    send: (batch) =>
      retryLost(
        async () => (await machine.apply(source, await lease.token(), batch, withChanges)).connectors,
      ),
    archive: (slugs) =>
      retryLost(
        async () => (await machine.archive(source, await lease.token(), slugs, slugs.length)).connectors,
      ),
  };
}

/** Changes nothing and asks the registry what it would change. */
export function plannedEffects({ machine }: Registry, registered: Registered, source: string): Effects {
  return {
    remembers: false,
    begin: async () => {},
    files: (_folder, _wanted, comparison) => comparison,
    send: (batch) => retryLost(() => machine.diff(source, batch)),
    archive: async (slugs) =>
      slugs.map((slug) => {
        const from = registered.get(slug)?.status ?? null;
        const change = { table: "connector_providers", key: slug, field: "status", from, to: "archived" };
        return { slug, outcome: "archived" as const, refusal: null, changes: [change] };
      }),
  };
}
