import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Workspace } from "./workspace.ts";

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

/** Type-checks every connector of a workspace as strictly as there is; returns what the compiler has to say. */
export function typeCheck(place: Workspace): string {
  const config = {
    compilerOptions: {
      target: "es2024",
      module: "nodenext",
      types: ["node"],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      verbatimModuleSyntax: true,
      erasableSyntaxOnly: true,
      // The workspace's package is this tree's sources.
      rewriteRelativeImportExtensions: true,
      skipLibCheck: true,
      noEmit: true,
    },
    include: ["connectors"],
  };
  const path = join(place.path, "tsconfig.json");
  writeFileSync(path, JSON.stringify(config));
  const ran = spawnSync(process.execPath, [tsc, "-p", path], { encoding: "utf8" });
  return ran.stdout + ran.stderr;
}
