import { existsSync, lstatSync, readdirSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { CODES, type Diagnostic, diagnostic, UserError, WHOLE_FILE } from "../base/index.ts";
import { type Conflict, type Imported, mergeImport, type Preference } from "../import/index.ts";
import { MAX_YAML_BYTES, openRegular, vaultPlatform } from "../manifest/index.ts";
import type { Workspace } from "../reconcile/index.ts";
import { shownPath } from "./config.ts";
import type { Context } from "./context.ts";
import type { ExitCode, Given } from "./definitions.ts";
import { changeFiles, commitFiles, finishChange, writeFolder } from "./files.ts";
import { flag, textOption } from "./options.ts";
import { importReport } from "./output/import.ts";

/** Where the last import is kept within a connector's folder: hidden, so that nobody reads it as the connector. */
const LAST = ".import";
const MAX_README_BYTES = 1024 * 1024;

/** How an import lands. */
export interface Landing {
  readonly dryRun: boolean;
  readonly prefer: Preference;
}

/** How an import was asked to land, by the options that every format has. */
export function landingOf(given: Given): Landing {
  const prefer = textOption(given, "prefer");
  return {
    dryRun: flag(given, "dryRun"),
    prefer: prefer === "folder" || prefer === "import" ? prefer : null,
  };
}

/** What is to be written: path within the folder → text, null where a file goes. */
type Changes = Readonly<Record<string, string | null>>;

/** A connector's folder before an import. */
interface Place {
  readonly folder: string;
  readonly display: string;
  /** The files of imports that are in it; null: it is not there yet. */
  readonly files: Readonly<Record<string, string>> | null;
  /** What the last import was. */
  readonly last: Readonly<Record<string, string>>;
}

/**
 * Brings an import into the tree: a new folder, or merged into the one that an earlier import made. A merged folder is
 * checked before the first byte of it is written.
 */
export async function land(context: Context, imported: Imported, landing: Landing): Promise<ExitCode> {
  const { workspace } = context.settings;
  const { slug } = imported;
  const own = join(workspace.connectors, slug);
  if (!landing.dryRun && wasImported(own)) await finishChange(own, LAST);
  const place = placeOf(workspace, slug);
  const { display, files: before, last } = place;
  const versions = { base: last, folder: before ?? {}, imported: imported.files };
  const merged = before === null ? null : mergeImport(versions, display, landing.prefer);
  const wanted: Changes = merged?.files ?? imported.files;
  const changes = Object.entries(wanted).filter(([path, text]) => before?.[path] !== (text ?? undefined));
  const diagnostics = [
    ...conflictsOf(merged?.conflicts ?? [], display),
    // What an import writes passes check by its making; what people wrote besides may not.
    ...(before === null ? [] : await problemsOf(place, wanted, slug)),
  ];
  const ok = diagnostics.length === 0;
  if (ok && !landing.dryRun) {
    if (merged === null) await writeFolder(place.folder, { ...imported.files, ...kept(imported.files) });
    else {
      const keep = kept(changesBetween(last, merged.base));
      await commitFiles(place.folder, LAST, { ...Object.fromEntries(changes), ...keep });
    }
  }
  const files = (ok ? changes : []).map(([path, text]) => ({
    path: `${display}/${path}`,
    action: actionOf(before?.[path], text),
  }));
  const outcome = { ok, dryRun: landing.dryRun, imported, merged, files, diagnostics };
  await context.output.result(importReport(outcome));
  return ok ? 0 : 1;
}

function actionOf(before: string | undefined, after: string | null): "created" | "updated" | "deleted" {
  if (after === null) return "deleted";
  return before === undefined ? "created" : "updated";
}

/** @throws UserError where the folder can't take an import */
function placeOf({ connectors, cwd }: Workspace, slug: string): Place {
  const folder = join(connectors, slug);
  const display = shownPath(cwd, folder);
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) {
    refuseRivals(connectors, slug);
    return { folder, display, files: null, last: {} };
  }
  if (!wasImported(folder)) {
    const code = "import.not_imported";
    throw new UserError(code, `${display} was not made by an import.`, CODES[code].remedy);
  }
  return { folder, display, files: readFolder(folder), last: readFolder(join(folder, LAST)) };
}

/** Whether an import made a folder. Links are not followed: what is merged is written there. */
function wasImported(folder: string): boolean {
  const isFolder = (path: string): boolean =>
    lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder(folder) && isFolder(join(folder, LAST));
}

/** @throws UserError where another folder has the vault keys that this one would have */
function refuseRivals(connectors: string, slug: string): void {
  const platform = vaultPlatform(slug);
  const others = existsSync(connectors) ? readdirSync(connectors) : [];
  const rival = others.find((other) => vaultPlatform(other) === platform);
  if (rival === undefined) return;
  const code = "folder.vault_collision";
  const message = `${slug} would share the vault keys of ${platform} with ${rival}.`;
  throw new UserError(code, message, CODES[code].remedy);
}

/** The files of a folder that imports write, as far as they are there. */
function readFolder(folder: string): Record<string, string> {
  const tools = existsSync(join(folder, "tools")) ? readdirSync(join(folder, "tools")) : [];
  const paths = [
    "manifest.yaml",
    "README.md",
    ...tools.filter((name) => name.endsWith(".yaml")).map((name) => `tools/${name}`),
  ];
  return Object.fromEntries(
    paths.flatMap((path): [string, string][] => {
      const limit = path === "README.md" ? MAX_README_BYTES : MAX_YAML_BYTES;
      const opened = openRegular(join(folder, path), limit);
      if ("gone" in opened) return [];
      if ("refused" in opened) {
        throw new UserError(opened.refused, `${path}: ${opened.message}`, CODES[opened.refused].remedy);
      }
      return [[path, opened.bytes.toString("utf8")]];
    }),
  );
}

/** Paths below the place where the last import is kept. */
function kept<T>(files: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`${LAST}/${path}`, text]));
}

/** What has to change for one set of files to become another. */
function changesBetween(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): Changes {
  const gone = Object.keys(before).filter((path) => now[path] === undefined);
  return {
    ...Object.fromEntries(Object.entries(now).filter(([path, text]) => before[path] !== text)),
    ...Object.fromEntries(gone.map((path) => [path, null])),
  };
}

function conflictsOf(conflicts: readonly Conflict[], display: string): Diagnostic[] {
  return conflicts.map(({ path, folder, imported }) => {
    const file = path.startsWith("README.md") ? `${display}/README.md` : `${display}/manifest.yaml`;
    const said = imported === "changed" ? "changed it too" : `says ${imported}`;
    const theirs = imported === null ? "no longer has it" : said;
    const ours = folder === "changed by hand" ? "was changed by hand" : `says ${folder ?? "nothing"}`;
    const message = `${path}: the folder ${ours}, the new import ${theirs}.`;
    return diagnostic("import.conflict", file, WHOLE_FILE, message);
  });
}

/** What would be wrong with the folder if the changes were made: tried on a copy. */
async function problemsOf({ folder, display }: Place, changes: Changes, slug: string): Promise<Diagnostic[]> {
  // Loaded here only: an import into a new folder reads no manifest.
  const { openReader } = await import("../manifest/index.ts");
  const stage = await mkdtemp(join(tmpdir(), "sentinel-import-"));
  const reader = openReader({ root: stage, display: display.slice(0, -slug.length - 1) });
  try {
    const copy = join(stage, slug);
    const isOurs = (path: string): boolean => path === folder || !/^\.|^node_modules$/.test(basename(path));
    await cp(folder, copy, { recursive: true, filter: isOurs });
    await changeFiles(copy, changes);
    const reading = await reader.read(slug);
    return reading.diagnostics.filter(({ severity }) => severity === "error");
  } finally {
    await reader.close();
    await rm(stage, { recursive: true, force: true });
  }
}
