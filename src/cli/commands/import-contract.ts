import { resolve } from "node:path";
import { importContract } from "../../import/index.ts";
import { shownPath } from "../config.ts";
import type { CommandModule } from "../definitions.ts";
import { land, landingOf } from "../importing.ts";
import { readInput } from "../inputs.ts";
import { argument, textOption } from "../options.ts";
import { refusedImport } from "../output/import.ts";

/** Larger contracts have more scopes than a manifest holds. */
const MAX_BYTES = 1024 * 1024;

/** `sentinel import contract`. */
export const run: CommandModule["run"] = async (context, given) => {
  const { cwd } = context.settings.workspace;
  const path = resolve(cwd, argument(given, 0));
  const file = shownPath(cwd, path);
  const bytes = readInput(path, file, MAX_BYTES);
  const slug = textOption(given, "slug");
  const { imported, diagnostics } = await importContract(bytes, { file, ...(slug === null ? {} : { slug }) });
  const landing = landingOf(given);
  if (imported !== null) return land(context, imported, landing);
  await context.output.result(refusedImport(slug, landing.dryRun, diagnostics));
  return 1;
};
