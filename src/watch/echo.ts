import type { ReconcileReport } from "../reconcile/index.ts";

/**
 * Tells what are probably the events of our own writes from others. Somebody may have written to mcp.ts in the very moment in
 * which we did, so it is no reason not to look again, but one to look when there is nothing else to do.
 */
export class Echo {
  /** By slug: what moved in it during the pass under way, as paths below it. */
  #heard: Map<string, Set<string>> | null = null;

  /** A pass begins. */
  begin(): void {
    this.#heard = new Map();
  }

  /** Something moved. @param below the path below the folder */
  heard(slug: string, below: string): void {
    if (this.#heard === null) return;
    const paths = this.#heard.get(slug);
    if (paths) paths.add(below);
    else this.#heard.set(slug, new Set([below]));
  }

  /** The pass has ended. @returns the folders in which nothing moved but the files that the pass wrote */
  end(report: ReconcileReport | null): string[] {
    const heard = this.#heard ?? new Map<string, Set<string>>();
    this.#heard = null;
    return (report?.connectors ?? [])
      .filter(({ slug, files }) => {
        const written = new Set(files.filter(({ action }) => action !== "unchanged").map(({ path }) => path));
        const moved = [...(heard.get(slug) ?? [])];
        // Reports name files from the working directory on.
        return moved.every((below) => [...written].some((path) => path.endsWith(`/${slug}/${below}`)));
      })
      .map(({ slug }) => slug);
  }
}
