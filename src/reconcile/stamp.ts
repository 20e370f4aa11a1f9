import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { FROM_SOURCE, PACKAGE_ROOT, sha256 } from "../base/index.ts";
import type { Workspace } from "./types.ts";

/** Raised when the form of the cache changes. */
const CACHE_FORMAT = 1;

/** What decides, besides the folders, whether a connector is valid and what is generated from it. */
const CODE = FROM_SOURCE
  ? ["src/base/", "src/manifest/", "src/generate/"]
  : ["dist/chunks/", "dist/manifest/"];
const DECIDING = [...CODE, "templates/connector/"];

/** Taken once: what runs is what was loaded, whatever is installed over it meanwhile. */
let tool: string | undefined;

/** Names what made a cached result: the tool, and the tree that it was made from. */
export function toolStamp(workspace: Workspace): string {
  tool ??= sha256(toolParts().join("\n"));
  return [tool, workspace.connectors, workspace.display].join("\n");
}

/**
 * The cache's format, the package's version, and the code and templates that read and generate: by size and time;
 * installed packages have one time for all, so the version counts too.
 */
function toolParts(): string[] {
  const parts = [String(CACHE_FORMAT), packageVersion()];
  for (const folder of DECIDING) {
    const path = fileURLToPath(new URL(folder, PACKAGE_ROOT));
    for (const name of readdirSync(path, { recursive: true, encoding: "utf8" }).sort()) {
      const { size, mtimeMs } = lstatSync(path + name);
      parts.push(`${folder}${name} ${size} ${mtimeMs}`);
    }
  }
  return parts;
}

function packageVersion(): string {
  const { version }: { version: unknown } = JSON.parse(
    readFileSync(new URL("package.json", PACKAGE_ROOT), "utf8"),
  );
  return String(version);
}
