import { compareDiagnostics, type Diagnostic, UserError } from "../base/index.ts";
import { emptyCache, loadCache } from "./cache.ts";
import { prefixOf } from "./plan.ts";
import { type Scan, scanRoot } from "./scan.ts";
import { toolStamp } from "./stamp.ts";
import { survey } from "./survey.ts";
import type { CheckReport, Workspace } from "./types.ts";

/**
 * Validates connectors and compares their generated files with what their manifests give. Writes nothing and asks no
 * registry. A generated file that is not there yet is a warning, one that is not what the manifest gives an error.
 * @param slugs only these; rules across folders see the others too
 * @throws UserError `check.unknown_connector` when one of `slugs` is not there
 */
export async function check(workspace: Workspace, slugs?: readonly string[]): Promise<CheckReport> {
  const cache = slugs === undefined ? loadCache(workspace.cacheDir, toolStamp(workspace)) : emptyCache();
  const scan = slugs === undefined ? scanRoot(workspace) : scanFor(workspace, slugs);
  const listed = scan.root === "present" || scan.root === "empty";
  if (slugs !== undefined && listed) await refuseUnknown(workspace, slugs, scan.names);
  const { served, dirty, crowded } = await survey(workspace, scan, cache, null);
  const found: Diagnostic[] = [...scan.diagnostics];
  for (const slug of served) found.push(...(cache.folders.warnings.get(slug) ?? []));
  const asked = slugs === undefined ? null : new Set(slugs);
  const wanted = dirty.filter((slug) => asked === null || asked.has(slug));
  if (wanted.length > 0) {
    const { checkFolders } = await import("./check-folders.ts");
    found.push(...(await checkFolders(workspace, wanted, crowded)));
  }
  const errors = found.filter(({ severity }) => severity === "error").length;
  return {
    ok: errors === 0,
    summary: { connectors: served.length + wanted.length, errors, warnings: found.length - errors },
    diagnostics: found.sort(compareDiagnostics),
  };
}

/** Some names, and those that would have their vault keys: rules across folders ask for no others. */
function scanFor(workspace: Workspace, slugs: readonly string[]): Scan {
  const prefixes = new Set(slugs.map(prefixOf));
  const matters = (name: string): boolean => prefixes.has(prefixOf(name));
  const scan = scanRoot(workspace, (name) => !matters(name));
  return { ...scan, names: scan.names.filter(matters) };
}

/**
 * Refuses names that no folder has: most likely a slip of the pen.
 * @param there those of them, at least, that the folder of connectors lists
 * @throws UserError `check.unknown_connector`
 */
export async function refuseUnknown(
  workspace: Workspace,
  slugs: readonly string[],
  there: readonly string[] = scanFor(workspace, slugs).names,
): Promise<void> {
  const known = new Set(there);
  const unknown = slugs.filter((slug) => !known.has(slug));
  const [first] = unknown;
  if (first === undefined) return;
  const { names } = scanRoot(workspace);
  const { closest, distance } = await import("fastest-levenshtein");
  const nearest = closest(first, names);
  const near = nearest !== undefined && distance(first, nearest) <= Math.max(2, first.length / 3);
  const shown = unknown.map((slug) => `"${slug}"`).join(", ");
  throw new UserError(
    "check.unknown_connector",
    `There is no connector ${shown} in ${workspace.display}.`,
    near && unknown.length === 1
      ? `Did you mean "${nearest}"?`
      : `Name a folder of ${workspace.display}, or none for all of them.`,
  );
}
