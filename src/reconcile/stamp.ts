import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { FROM_SOURCE, PACKAGE_ROOT, sha256 } from "../base/index.ts";
import type { Workspace } from "./types.ts";

/** Raised when the form of the cache changes. */
const CACHE_FORMAT = 3;

/** What decides, besides the folders, whether a connector is valid and what is generated from it. */
const TEMPLATES = "templates/connector/";
const SOURCES = ["src/base/", "src/manifest/", "src/generate/"];

/** Taken once: what runs is what was loaded, whatever is installed over it meanwhile. */
let tool: string | undefined;

/** Names what made a cached result: the tool, and the tree that it was made from. */
export function toolStamp(workspace: Workspace): string {
  tool ??= sha256(toolParts().join("\n"));
  return [tool, workspace.connectors, workspace.display].join("\n");
}

/** The cache's format, the templates, and the code: where it was built, by the stamp that the build left beside it. */
function toolParts(): string[] {
  const code = FROM_SOURCE ? SOURCES.flatMap(filesBelow) : [read("dist/stamp")];
  return [String(CACHE_FORMAT), ...code, ...filesBelow(TEMPLATES)];
}

/** Files by size and time. */
function filesBelow(folder: string): string[] {
  const path = fileURLToPath(new URL(folder, PACKAGE_ROOT));
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => {
      const { size, mtimeMs } = lstatSync(path + name);
      return `${folder}${name} ${size} ${mtimeMs}`;
    });
}

function read(path: string): string {
  return readFileSync(new URL(path, PACKAGE_ROOT), "utf8");
}
