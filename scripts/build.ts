/**
 * Bundles src/ into dist/: a few chunks instead of hundreds of modules, because finding and compiling modules is most of
 * what a short command costs. Small libraries that every command needs go into the bundle (with their licences beside
 * it); what is loaded lazily stays a package of its own. Then the types of the public doors, and the embedded registry's image.
 * Runs as npm's `prepare`: after `npm ci` in a checkout, and before the package is packed.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { writeRegistryImage } from "./registry-image.ts";

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Modules that are started by name: the command, the public doors, workers. */
const ENTRIES = [
  "cli/main",
  "cli/door",
  "manifest/worker",
  "registry/drivers/pglite-worker",
  "runtime/execution/mapping/worker",
  "runtime/execution/sql/sqlite-child",
  "runtime/execution/handler/child",
  "sdk/index",
  "cli/building/child",
];

/** Packages that go into the bundle. */
const BUNDLED = [
  "@babel/parser",
  "a-sync-waterfall",
  "asap",
  "canonicalize",
  "commander",
  "fastest-levenshtein",
  "js-yaml",
  "nunjucks",
  "picocolors",
  "zod",
];

const isBundled = (id: string): boolean => BUNDLED.some((name) => id === name || id.startsWith(`${name}/`));

async function bundle(into: string): Promise<void> {
  const build = await rolldown({
    cwd: at("."),
    platform: "node",
    input: Object.fromEntries(ENTRIES.map((name) => [name, at(`src/${name}.ts`)])),
    external: (id) => /^[@\w]/.test(id) && !isBundled(id),
    // Our modules do nothing by being imported: who names one thing of a room's index loads nothing else of the room.
    treeshake: { moduleSideEffects: (id) => !id.startsWith(at("src/")) },
  });
  await build.write({
    dir: into,
    format: "esm",
    entryFileNames: "[name].js",
    // As deep as the modules of src, so that base/module.ts finds the package's folder from both.
    chunkFileNames: "chunks/[name]-[hash].js",
    // The small parts of the room that everything needs, apart from the shapes, whose library takes long to start.
    codeSplitting: {
      groups: [
        {
          name: "basics",
          test: /src\/manifest\/(?:limits|secrets|rules\/pattern|source\/(?:name|open))\.ts$/,
        },
      ],
    },
  });
  await build.close();
}

function declarations(into: string): void {
  const tsc = at("node_modules/typescript/bin/tsc");
  const { status } = spawnSync(process.execPath, [tsc, "-p", at("tsconfig.build.json"), "--outDir", into], {
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
}

function licences(): string {
  return BUNDLED.map((name) => {
    const folder = at(`node_modules/${name}`);
    const file = readdirSync(folder).find((entry) => /^licen[sc]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} has no licence file`);
    return `${name}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  }).join(`\n${"-".repeat(80)}\n\n`);
}

// Built aside and moved into place, so that a process that starts meanwhile finds either the old or the new.
const aside = mkdtempSync(at(".dist-"));
await bundle(aside);
declarations(aside);
writeFileSync(join(aside, "THIRD_PARTY_LICENCES.txt"), licences());
chmodSync(join(aside, "cli/main.js"), 0o755);
chmodSync(aside, 0o755);
rmSync(at("dist"), { recursive: true, force: true });
renameSync(aside, at("dist"));
await writeRegistryImage();
