/**
 * Bundles src/ into dist/: a few chunks instead of hundreds of modules, because finding and compiling modules is most of
 * what a short command costs. Small libraries that every command needs go into the bundle (with their licences beside
 * it); what is loaded lazily stays a package of its own. Then the types of the public doors, and the embedded registry's image.
 * Runs as npm's `prepare`: after `npm ci` in a checkout, and before the package is packed.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Plugin, rolldown } from "rolldown";
import { writeRegistryImage } from "./registry-image.ts";

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Modules that are started by name: the command, the public doors, workers. */
const ENTRIES = [
  "cli/main",
  "cli/door",
  "manifest/worker",
  "reconcile/compare-worker",
  "registry/drivers/pglite-worker",
  "runtime/execution/mapping/child",
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
  "pg",
  "pg-connection-string",
  "pg-int8",
  "pg-pool",
  "pg-protocol",
  "pg-types",
  "pgpass",
  "postgres-array",
  "postgres-bytea",
  "postgres-date",
  "postgres-interval",
  "split2",
  "xtend",
  "picocolors",
  "zod",
];

const isBundled = (id: string): boolean => BUNDLED.some((name) => id === name || id.startsWith(`${name}/`));

/** What runs before it is known which Node this is: on an old one `getBuiltinModule` is missing. */
const LAUNCHER = /[\\/]cli[\\/](?:main|handover)\.ts$|rolldown[\\/]runtime/;

/**
 * Reads Node's own modules with `getBuiltinModule`. An ES import of one evaluates each of its exports, also those that load
 * streams and web APIs when they are first asked for.
 */
const builtins: Plugin = {
  name: "builtins",
  renderChunk(code, { name, moduleIds }) {
    if (moduleIds.some((id) => LAUNCHER.test(id))) return null;
    const imports = /^import (?:(?:\* as )?([\w$]+))?,? ?(?:\{([^}]*)\})? ?from "(node:[\w/]+)";$/gm;
    const told = code.replace(imports, (_, whole: string, named: string, id: string) => {
      const names = [whole, named && `{${named.replaceAll(" as ", ": ")}}`].filter(Boolean);
      return names.map((left) => `const ${left} = process.getBuiltinModule("${id}");`).join(" ");
    });
    if (/^import .* from "node:/m.test(told)) throw new Error(`${name} imports in a form that is not known`);
    return { code: told, map: null };
  },
};

async function bundle(into: string): Promise<void> {
  const build = await rolldown({
    cwd: at("."),
    platform: "node",
    input: Object.fromEntries(ENTRIES.map((name) => [name, at(`src/${name}.ts`)])),
    external: (id) => /^[@\w]/.test(id) && !isBundled(id),
    // Our modules do nothing by being imported: who names one thing of a room's index loads nothing else of the room.
    plugins: [builtins],
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

/** A name for all that was built: what the cache remembers was made by exactly this. */
function stamp(folder: string): string {
  const hash = createHash("sha256");
  for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    if (path.endsWith(".js")) hash.update(`${path}\n`).update(readFileSync(join(folder, path)));
  }
  return `${hash.digest("hex")}\n`;
}

/** @throws Error when the launcher needs more than an old Node has */
function checkLauncher(into: string): void {
  const handover = readdirSync(join(into, "chunks")).filter((name) => name.startsWith("handover-"));
  const seen = new Set(["cli/main.js", ...handover.map((name) => `chunks/${name}`)]);
  for (const path of seen) {
    const code = readFileSync(join(into, path), "utf8");
    if (code.includes("getBuiltinModule")) throw new Error(`${path} does not run on every Node`);
    for (const [, target = ""] of code.matchAll(/^import .*"(\.[^"]+)";$/gm)) {
      seen.add(join(dirname(path), target).replaceAll("\\", "/"));
    }
  }
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
    const path = join(folder, file ?? "README.md");
    const text = readFileSync(path, "utf8").trim();
    // Some keep it at the end of what they say about themselves.
    const licence = file === undefined ? /^#+ licen[sc]e\b[\s\S]*/im.exec(text)?.[0] : text;
    if (licence === undefined) throw new Error(`${name} has no licence`);
    return `${name}\n\n${licence}\n`;
  }).join(`\n${"-".repeat(80)}\n\n`);
}

// Built aside and moved into place, so that a process that starts meanwhile finds either the old or the new.
const aside = mkdtempSync(at(".dist-"));
await bundle(aside);
checkLauncher(aside);
writeFileSync(join(aside, "stamp"), stamp(aside));
declarations(aside);
writeFileSync(join(aside, "THIRD_PARTY_LICENCES.txt"), licences());
chmodSync(join(aside, "cli/main.js"), 0o755);
chmodSync(aside, 0o755);
rmSync(at("dist"), { recursive: true, force: true });
renameSync(aside, at("dist"));
await writeRegistryImage();
