import type { Registry } from "../registry/index.ts";
import { Reconciler } from "./reconciler.ts";
import type { ReconcileOptions, ReconcileReport, Workspace } from "./types.ts";

/**
 * Brings a tree of connectors into generated files and registry: created, updated, restored and archived drafts.
 * What is wrong with one folder is reported and leaves its last good revision and its neighbours alone.
 * @throws UserError when the registry is away (`registry.*`) or another process holds the source's lease.
 */
export async function run(
  workspace: Workspace,
  registry: Registry,
  options: ReconcileOptions,
): Promise<ReconcileReport> {
  const reconciler = new Reconciler(workspace, registry, options);
  try {
    return await reconciler.run(options);
  } finally {
    await reconciler.close();
  }
}

/**
 * Says what `run` would do: files to write, and rows to change field by field. Changes nothing, the cache included.
 * @throws UserError when the registry is away.
 */
export async function plan(
  workspace: Workspace,
  registry: Registry,
  options: ReconcileOptions,
): Promise<ReconcileReport> {
  const reconciler = new Reconciler(workspace, registry, options);
  try {
    return await reconciler.plan(options);
  } finally {
    await reconciler.close();
  }
}
