import { lstatSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "../building/build.ts";
import { changesOf, judged } from "../building/place.ts";
import { sourcePath } from "../building/source.ts";
import { shownPath } from "../config.ts";
import type { CommandModule } from "../definitions.ts";
import { changeFiles, writeFolder } from "../files.ts";
import { argument, flag } from "../options.ts";
import { buildReport } from "../output/build.ts";

/** `sentinel build`. */
export const run: CommandModule["run"] = async ({ settings, output }, given) => {
  const { cwd, connectors } = settings.workspace;
  const dryRun = flag(given, "dryRun");
  const file = sourcePath(resolve(cwd, argument(given, 0)));
  const display = shownPath(cwd, resolve(cwd, argument(given, 0)));
  output.progress(`running ${display}`);
  const built = await build(file, display, cwd);
  const { slug, files } = built;
  if (slug === null || built.diagnostics.length > 0) {
    const { diagnostics } = built;
    await output.result(buildReport({ ok: false, dryRun, slug, digest: null, files: [], diagnostics }));
    return 1;
  }
  const folder = join(connectors, slug);
  const shown = shownPath(cwd, folder);
  const changes = changesOf(folder, shown, files);
  const { digest, diagnostics } = await judged(folder, changes, built, display);
  const ok = digest !== null;
  const written = Object.entries(ok ? changes : {}).map(([path, text]) => ({
    path: `${shown}/${path}`,
    action: actionOf(text, !exists(join(folder, path))),
  }));
  if (ok && !dryRun) {
    if (exists(folder)) await changeFiles(folder, changes);
    else await writeFolder(folder, files);
  }
  await output.result(buildReport({ ok, dryRun, slug, digest, files: written, diagnostics }));
  return ok ? 0 : 1;
};

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function actionOf(text: string | null, isNew: boolean): "created" | "updated" | "deleted" {
  if (text === null) return "deleted";
  return isNew ? "created" : "updated";
}
