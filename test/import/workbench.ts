import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import type { Json, JsonObject } from "../../src/base/index.ts";
import { type Imported, importOpenapi, type OpenapiOptions } from "../../src/import/index.ts";
import { type Manifest, openReader, type Reading, type Tool } from "../../src/manifest/index.ts";

/** What an import gave, read back. */
export interface ReadBack {
  readonly imported: Imported;
  readonly manifest: Manifest;
  readonly digest: string;
  readonly warnings: readonly string[];
  /** The tool of a name. */
  tool(name: string): Tool;
  /** What could not be carried over, one line each. */
  readonly lost: readonly string[];
}

/** Imports documents and reads the folders that they make, in a temporary tree that goes away at the file's end. */
export interface Workbench {
  readonly root: string;
  write(slug: string, files: Readonly<Record<string, string>>): void;
  read(slug: string): Promise<Reading>;
  importDocument(document: Json | Uint8Array, options?: OpenapiOptions): Promise<ReadBack>;
}

/** Makes a workbench. */
export function makeWorkbench(): Workbench {
  const root = mkdtempSync(join(tmpdir(), "import-"));
  const reader = openReader({ root, display: "connectors" });
  afterAll(async () => {
    await reader.close();
    rmSync(root, { recursive: true, force: true });
  });
  const write = (slug: string, files: Readonly<Record<string, string>>): void => {
    rmSync(join(root, slug), { recursive: true, force: true });
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, slug, path)), { recursive: true });
      writeFileSync(join(root, slug, path), text);
    }
  };
  return {
    root,
    write,
    read: (slug) => reader.read(slug),
    importDocument: async (document, options = {}) => {
      const source =
        document instanceof Uint8Array || typeof document === "string" ? document : JSON.stringify(document);
      const imported = await importOpenapi(source, { slug: "acme", ...options });
      write(imported.slug, imported.files);
      const reading = await reader.read(imported.slug);
      if (!reading.ok) throw new Error(`not good: ${JSON.stringify(reading.diagnostics, null, 1)}`);
      const { manifest, digest } = reading;
      return {
        imported,
        manifest,
        digest,
        warnings: reading.diagnostics.map(({ code }) => code),
        tool: (name) => {
          const tool = manifest.tools.find((one) => one.name === name);
          if (tool === undefined)
            throw new Error(`no tool ${name} among ${manifest.tools.map((one) => one.name)}`);
          return tool;
        },
        lost: imported.report.notCarried.map(({ what, where, why }) => `${where}: ${what}: ${why}`),
      };
    },
  };
}

/** A document of one operation, with whatever is to be looked at. */
export function documentOf(
  operation: JsonObject,
  more: JsonObject = {},
  at = "/things/{id}",
  method = "get",
): JsonObject {
  return {
    openapi: "3.0.3",
    info: { title: "Acme", version: "1" },
    servers: [{ url: "https://api.acme.example/v1" }],
    paths: { [at]: { [method]: { operationId: "theThing", responses: {}, ...operation } } },
    ...more,
  };
}

/** Where the documents of other people's APIs are, or null: they are not part of the repository. */
export const DATA: string | null = (() => {
  const folder =
    process.env.SENTINEL_TEST_DATA ?? fileURLToPath(new URL("../../../shared/data", import.meta.url));
  return existsSync(join(folder, "openapi", "index.json")) ? folder : null;
})();

/** The documents of other people's APIs that can be imported, by their paths below `openapi/`. */
export function importable(): string[] {
  if (DATA === null) return [];
  const { documents }: { documents: { file: string; expect: string }[] } = JSON.parse(
    readFileSync(join(DATA, "openapi", "index.json"), "utf8"),
  );
  return documents.filter(({ expect }) => expect !== "reject").map(({ file }) => file);
}
