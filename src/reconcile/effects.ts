import type { Applied, BatchEntry } from "../registry/index.ts";
import type { Context } from "./context.ts";
import { type Comparison, type Folder, writeGenerated } from "./files.ts";
import type { SourceLease } from "./lease.ts";
import type { Registered } from "./plan.ts";
import { retryLost } from "./retry.ts";

/** What `run` does and `plan` only says. */
export interface Effects {
  /** Called before anything is changed. */
  begin(): Promise<void>;
  /** What is done to a folder's generated files. */
  files(folder: Folder, wanted: Readonly<Record<string, string>>, comparison: Comparison): Comparison;
  send(batch: readonly BatchEntry[]): Promise<readonly Applied[]>;
  archive(slugs: readonly string[]): Promise<readonly Applied[]>;
}

/** Changes files and registry, the latter under the source's lease. Every call of it may be repeated. */
export function realEffects(
  { registry: { machine }, source, options }: Context,
  lease: SourceLease,
): Effects {
  return {
    begin: async () => {
      await lease.token();
    },
    files: (folder, wanted, comparison) =>
      comparison.problems.length > 0 ? comparison : writeGenerated(folder, wanted, comparison),
    send: (batch) =>
      retryLost(async () => machine.apply(source, await lease.token(), batch, options.withChanges)),
    archive: (slugs) =>
      retryLost(async () => machine.archive(source, await lease.token(), slugs, slugs.length)),
  };
}

/** Changes nothing and asks the registry what it would change. */
export function plannedEffects(
  { registry: { machine }, source }: Context,
  registered: Registered | null,
): Effects {
  return {
    begin: async () => {},
    files: (_folder, _wanted, comparison) => comparison,
    send: (batch) => retryLost(() => machine.diff(source, batch)),
    archive: async (slugs) =>
      slugs.map((slug) => {
        const from = registered?.get(slug)?.status ?? null;
        const change = { table: "connector_providers", key: slug, field: "status", from, to: "archived" };
        return { slug, outcome: "archived" as const, refusal: null, changes: [change] };
      }),
  };
}
