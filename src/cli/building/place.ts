import { lstatSync, readdirSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { CODES, type Diagnostic, type Span, UserError, WHOLE_FILE } from "../../base/index.ts";
import { MAX_YAML_BYTES, openReader, openRegular } from "../../manifest/index.ts";
import { changeFiles } from "../files.ts";
import { BUILT, type Built } from "./build.ts";

/** What is to be written: path within the folder → text, null where a file goes. */
export type Changes = Readonly<Record<string, string | null>>;

/** Longest service.ts that is compared with a new one. */
const MAX_SERVICE = 4 * 1024 * 1024;

/**
 * What has to change in a folder for it to be what was built. Files that no build writes (README.md, tests.yaml, the
 * icon) stay as they are.
 * @throws UserError where the folder was not built
 */
export function changesOf(folder: string, display: string, files: Built["files"]): Changes {
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return files;
  const before = filesIn(folder);
  const { "manifest.yaml": manifest, ...rest } = before;
  if (manifest === undefined ? Object.keys(rest).length > 0 : !manifest.includes(`\n${BUILT}`)) {
    const code = "build.not_built";
    throw new UserError(code, `${display} was not made by \`sentinel build\`.`, CODES[code].remedy);
  }
  const gone = Object.keys(before).filter((path) => files[path] === undefined);
  return Object.fromEntries([
    ...Object.entries(files).filter(([path, text]) => before[path] !== text),
    ...gone.map((path) => [path, null]),
  ]);
}

/** The files of a folder that builds write, as far as they are there. */
function filesIn(folder: string): Record<string, string> {
  const tools = readNames(join(folder, "tools")).filter((name) => name.endsWith(".yaml"));
  const paths = ["manifest.yaml", "service.ts", ...tools.map((name) => `tools/${name}`)];
  return Object.fromEntries(
    paths.flatMap((path): [string, string][] => {
      const opened = openRegular(join(folder, path), path === "service.ts" ? MAX_SERVICE : MAX_YAML_BYTES);
      if ("gone" in opened) return [];
      if ("refused" in opened) {
        throw new UserError(opened.refused, `${path}: ${opened.message}`, CODES[opened.refused].remedy);
      }
      return [[path, opened.bytes.toString("utf8")]];
    }),
  );
}

function readNames(folder: string): string[] {
  return lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder).sort() : [];
}

/** What the manifest's own rules say of the folder with the changes, tried on a copy; located in the file it was built of. */
export async function judged(
  folder: string,
  changes: Changes,
  { slug, spans }: Built,
  display: string,
): Promise<{ digest: string | null; diagnostics: Diagnostic[] }> {
  const stage = await mkdtemp(join(tmpdir(), "sentinel-build-"));
  const name = slug ?? "";
  const reader = openReader({ root: stage, display: "" });
  try {
    const copy = join(stage, name);
    if (lstatSync(folder, { throwIfNoEntry: false }) !== undefined) {
      const isOurs = (path: string): boolean => path === folder || !/^\.|^node_modules$/.test(basename(path));
      await cp(folder, copy, { recursive: true, filter: isOurs });
    }
    await changeFiles(copy, changes);
    const reading = await reader.read(name);
    const texts = filesIn(copy);
    const diagnostics = reading.diagnostics.map((found) => located(found, texts, spans, display));
    return { digest: reading.ok ? reading.digest : null, diagnostics };
  } finally {
    await reader.close();
    await rm(stage, { recursive: true, force: true });
  }
}

/** A finding in a built file, told of the file that it was built of: at the tool that it is in, or the connector. */
function located(
  found: Diagnostic,
  texts: Readonly<Record<string, string>>,
  spans: ReadonlyMap<string, Span>,
  display: string,
): Diagnostic {
  const path = Object.keys(texts).find((name) => found.file.endsWith(`/${name}`));
  if (path === undefined) return found;
  const above = (texts[path] ?? "").split("\n").slice(0, found.line).reverse();
  const entry = above.find((line) => /^ {0,2}(?:- name: |[a-z_]+:)/.test(line)) ?? "";
  const tool = /^ {0,2}- name: "([a-z0-9_]+)"$/.exec(entry)?.[1];
  const span = (tool === undefined ? undefined : spans.get(tool)) ?? spans.get("") ?? WHOLE_FILE;
  return { ...found, file: display, ...span };
}
