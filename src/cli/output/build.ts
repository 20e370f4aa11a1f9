import type { Diagnostic } from "../../base/index.ts";
import type { Report } from "./output.ts";

/** What a build did, or would do. */
export interface BuildOutcome {
  readonly ok: boolean;
  readonly dryRun: boolean;
  /** Null where the file declares no connector. */
  readonly slug: string | null;
  /** Of the folder; null where it is not right. */
  readonly digest: string | null;
  readonly files: readonly { readonly path: string; readonly action: "created" | "updated" | "deleted" }[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The report of `sentinel build`. */
export function buildReport({ ok, dryRun, slug, digest, files, diagnostics }: BuildOutcome): Report {
  return {
    diagnostics,
    json: { ok, provider_slug: slug, digest, dry_run: dryRun, files, diagnostics },
    pretty: (colour) => {
      if (!ok) return "Nothing was written.";
      const lines = files.map(({ path, action }) =>
        dryRun ? `would be ${action} ${path}` : `${action} ${path}`,
      );
      return [
        ...(files.length === 0 ? ["nothing to do: the folder is what the file says"] : lines),
        "",
        `${colour.bold(String(slug))} has the digest ${digest}`,
        ...(dryRun || files.length === 0 ? [] : ["", `Next: sentinel run ${slug}`]),
      ].join("\n");
    },
  };
}
