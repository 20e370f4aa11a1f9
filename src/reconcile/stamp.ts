import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { FROM_SOURCE, PACKAGE_ROOT, sha256 } from "../base/index.ts";
import type { Workspace } from "./types.ts";

/** Raised when the form of the cache changes. */
const CACHE_FORMAT = 1;

/** What decides, besides the folders, whether a connector is valid and what is generated from it. */
const CODE = FROM_SOURCE ? ["src/base/", "src/manifest/", "src/generate/"] : ["dist/chunks/", "dist/manifest/"];
const DECIDING = [...CODE, "templates/connector/"];

/**
 * Names what made a cached result: the cache's format, the package's version, the code and templates that read and
 * generate (by size and time; installed packages have one time for all, so the version counts too), and the tree.
 */
export function toolStamp(workspace: Workspace): string {
  const parts = [String(CACHE_FORMAT), workspace.connectors, workspace.display, packageVersion()];
  for (const folder of DECIDING) {
    const path = fileURLToPath(new URL(folder, PACKAGE_ROOT));
    for (const name of readdirSync(path, { recursive: true, encoding: "utf8" }).sort()) {
      const { size, mtimeMs } = lstatSync(path + name);
      parts.push(`${folder}${name} ${size} ${mtimeMs}`);
    }
  }
  return sha256(parts.join("\n"));
}

function packageVersion(): string {
  const { version }: { version: unknown } = JSON.parse(
    readFileSync(new URL("package.json", PACKAGE_ROOT), "utf8"),
  );
  return String(version);
}
