import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generate } from "../../src/generate/index.ts";
import type { Manifest } from "../../src/manifest/index.ts";
import { DIGEST } from "../generate/manifest.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A folder of connectors as somebody has it who installed the package, which here is the sources of this tree. */
export interface Workspace {
  readonly path: string;
  /** Writes what a manifest generates to `connectors/<slug>/`; returns the path of its `mcp.ts`. */
  add(slug: string, manifest: Manifest): string;
  remove(): void;
}

/** Makes one. It stands in the tree, so that compilers find the tree's types; git ignores it. */
export function workspace(): Workspace {
  const path = mkdtempSync(join(root, "test", ".tmp-"));
  const installed = join(path, "node_modules", "connector-sentinel");
  mkdirSync(installed, { recursive: true });
  const write = (file: string, value: unknown): void => writeFileSync(file, JSON.stringify(value));
  // A workspace without a registry: without this mark the one of the tree above would be found, if somebody has run there.
  mkdirSync(join(path, ".sentinel"));
  // Without a package of its own the folder would belong to this one, and the import would lead to dist/.
  write(join(path, "package.json"), { name: "workspace", private: true, type: "module" });
  write(join(installed, "package.json"), {
    name: "connector-sentinel",
    type: "module",
    exports: { "./runtime": "./src/cli/door.ts", "./sdk": "./src/sdk/index.ts" },
  });
  // Node strips types by the real path, which a link keeps out of node_modules.
  symlinkSync(join(root, "src"), join(installed, "src"), "dir");
  return {
    path,
    add: (slug, manifest) => {
      const folder = join(path, "connectors", slug);
      mkdirSync(folder, { recursive: true });
      for (const [name, text] of Object.entries(generate(manifest, DIGEST)))
        writeFileSync(join(folder, name), text);
      return join(folder, "mcp.ts");
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
