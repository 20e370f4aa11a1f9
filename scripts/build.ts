/**
 * Compiles src/ to dist/, file by file, so that a path relative to a module is the same in both.
 * Runs as npm's `prepare`: after `npm ci` in a checkout, and before the package is packed.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { writeRegistryImage } from "./registry-image.ts";

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

rmSync(at("dist"), { recursive: true, force: true });
const compiled = spawnSync(
  process.execPath,
  [at("node_modules/typescript/bin/tsc"), "-p", at("tsconfig.build.json")],
  {
    stdio: "inherit",
  },
);
if (compiled.status !== 0) process.exit(compiled.status ?? 1);
chmodSync(at("dist/cli/main.js"), 0o755);
await writeRegistryImage();
