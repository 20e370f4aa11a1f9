import type { Diagnostic } from "../../base/index.ts";
import type { Imported, Merged } from "../../import/index.ts";
import type { Report } from "./output.ts";
import { count, shorten } from "./text.ts";

/** Lines of a long list that are shown; the README and JSON have all. */
const SHOWN = 15;

/** What an import did, or would do. */
export interface ImportOutcome {
  readonly ok: boolean;
  readonly dryRun: boolean;
  readonly imported: Imported;
  /** What it was merged with; null for a new folder. */
  readonly merged: Merged | null;
  readonly files: readonly { readonly path: string; readonly action: "created" | "updated" | "deleted" }[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The report of `sentinel import`. */
export function importReport(outcome: ImportOutcome): Report {
  const { ok, dryRun, imported, merged, files, diagnostics } = outcome;
  const { slug, report } = imported;
  return {
    diagnostics,
    json: {
      ok,
      provider_slug: slug,
      dry_run: dryRun,
      files,
      carried: report.carried,
      not_carried: report.notCarried,
      added: merged?.added ?? [],
      removed: merged?.removed ?? [],
      changed: merged?.changed ?? [],
      kept: merged?.kept ?? [],
      conflicts: merged?.conflicts ?? [],
      diagnostics,
    },
    pretty: (colour) => {
      if (!ok) return "Nothing was written.";
      const did = dryRun ? "would have" : "";
      const lines = files.map(({ path, action }) => `${did === "" ? action : `would be ${action}`} ${path}`);
      const { carried } = report;
      const { tools = 0, operations, scopes = 0 } = carried;
      const of = operations === undefined ? "" : ` for ${count(operations, "operation")}`;
      const summary = `${count(tools, "tool")}${of}, ${count(scopes, "scope")}`;
      return [
        ...(files.length === 0 ? ["nothing to do: the folder has all of it"] : lines),
        "",
        colour.bold(`${slug}: ${summary}`),
        ...mergedLines(merged),
        ...lostLines(imported),
        ...(dryRun || files.length === 0 ? [] : ["", `Next: sentinel check ${slug}`]),
      ].join("\n");
    },
  };
}

/** The report of an import whose source is not right: nothing came of it. */
export function refusedImport(
  slug: string | null,
  dryRun: boolean,
  diagnostics: readonly Diagnostic[],
): Report {
  const none = {
    files: [],
    carried: {},
    not_carried: [],
    added: [],
    removed: [],
    changed: [],
    kept: [],
    conflicts: [],
  };
  return {
    diagnostics,
    json: { ok: false, provider_slug: slug, dry_run: dryRun, ...none, diagnostics },
    pretty: () => "Nothing was written.",
  };
}

function mergedLines(merged: Merged | null): string[] {
  if (merged === null) return [];
  const lists = [
    ["new", merged.added],
    ["gone", merged.removed],
    ["changed", merged.changed],
    ["kept as people changed it", merged.kept],
  ] as const;
  return lists.flatMap(([what, ids]) => (ids.length === 0 ? [] : [`${what}: ${listed(ids)}`]));
}

function listed(ids: readonly string[]): string {
  const shown = ids.slice(0, SHOWN).map((id) => shorten(id, 80));
  return ids.length > SHOWN ? `${shown.join(", ")} and ${ids.length - SHOWN} more` : shown.join(", ");
}

function lostLines({ slug, report }: Imported): string[] {
  const { notCarried } = report;
  if (notCarried.length === 0) return [];
  const lines = notCarried
    .slice(0, SHOWN)
    .map(({ what, where, why }) => `  ${shorten(`${what} (${where}): ${why}`, 160)}`);
  const more =
    notCarried.length > SHOWN ? [`  and ${notCarried.length - SHOWN} more: see ${slug}/README.md`] : [];
  return [`Not carried over (${notCarried.length}):`, ...lines, ...more];
}
