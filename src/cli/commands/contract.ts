import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { contractFileName, contractText } from "../../generate/index.ts";
import { openReader } from "../../manifest/index.ts";
import { refuseUnknown } from "../../reconcile/index.ts";
import { shownPath } from "../config.ts";
import type { Context } from "../context.ts";
import type { CommandModule } from "../definitions.ts";
import { writeWhole } from "../files.ts";
import { argument, slugs, textOption } from "../options.ts";

/** `sentinel contract`. The contract is the result itself, in whatever format. */
export const run: CommandModule["run"] = async (context, given) => {
  const { settings, output } = context;
  const slug = slugs(given, settings)?.[0] ?? argument(given, 0);
  const reading = await read(context, slug);
  if (!reading.ok) {
    const { diagnostics } = reading;
    const pretty = (): string => "There is no contract of a connector with errors.";
    await output.result({ diagnostics, json: { ok: false, diagnostics }, pretty });
    return 1;
  }
  const text = contractText(reading.manifest);
  const wish = textOption(given, "output");
  if (wish === null) {
    output.plain(text);
    return 0;
  }
  const { cwd } = settings.workspace;
  const path = placeFor(resolve(cwd, wish), wish, contractFileName(slug));
  const changed = !holds(path, text);
  if (changed) await writeWhole(path, text);
  const shown = shownPath(cwd, path);
  const pretty = (): string => (changed ? `Wrote ${shown}` : `${shown} is as it should be.`);
  await output.result({ json: { ok: true, path: shown, changed }, pretty });
  return 0;
};

async function read({ settings: { workspace } }: Context, slug: string) {
  await refuseUnknown(workspace, [slug]);
  const reader = openReader({ root: workspace.connectors, display: workspace.display });
  try {
    return await reader.read(slug);
  } finally {
    await reader.close();
  }
}

/** The file that was named, or the contract's own name in the folder that was. */
function placeFor(path: string, wish: string, name: string): string {
  const isFolder = /[/\\]$/.test(wish) || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? join(path, name) : path;
}

function holds(path: string, text: string): boolean {
  try {
    return readFileSync(path, "utf8") === text;
  } catch {
    return false;
  }
}
