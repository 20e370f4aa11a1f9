import { type Diagnostic, diagnostic, WHOLE_FILE } from "../base/index.ts";
import { generate } from "../generate/index.ts";
import { openReader } from "../manifest/index.ts";
import type { GoodReading } from "./apply.ts";
import { compareGenerated, type Folder } from "./files.ts";
import { folderOf } from "./pass.ts";
import { readAll } from "./read.ts";
import { Rivals } from "./rivals.ts";
import type { Workspace } from "./types.ts";

/** Reads folders and says all that is wrong with them and with their generated files. */
export async function checkFolders(
  workspace: Workspace,
  slugs: readonly string[],
  crowded: ReadonlySet<string>,
): Promise<readonly Diagnostic[]> {
  const found: Diagnostic[] = [];
  const rivals = new Rivals(crowded, (slug) => folderOf(workspace, slug));
  const reader = openReader({ root: workspace.connectors, display: workspace.display });
  try {
    for await (const { reading } of readAll(reader, workspace.connectors, slugs, false)) {
      found.push(...reading.diagnostics);
      if (!rivals.note(reading) && reading.ok) {
        found.push(...checkGenerated(reading, folderOf(workspace, reading.slug)));
      }
    }
  } finally {
    await reader.close();
  }
  return [...found, ...rivals.diagnostics()];
}

function checkGenerated({ manifest, digest }: GoodReading, folder: Folder): readonly Diagnostic[] {
  const { actions, problems } = compareGenerated(folder, generate(manifest, digest));
  if (problems.length > 0) return problems;
  const [first] = actions;
  // Without its mcp.ts nothing has been generated yet, whatever else there is.
  if (first?.action === "create") {
    const message = "The connector has not been generated yet.";
    return [diagnostic("generated.missing", first.path, WHOLE_FILE, message)];
  }
  return actions
    .filter(({ action }) => action !== "unchanged")
    .map(({ path }) =>
      diagnostic("generated.stale", path, WHOLE_FILE, "The file is not what the manifest gives."),
    );
}
