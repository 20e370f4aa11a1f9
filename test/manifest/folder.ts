import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import type { Diagnostic } from "../../src/base/index.ts";
import { openReader, type Reader, type Reading } from "../../src/manifest/index.ts";

/** A folder of connectors for one test file, and a reader of it; both go away at the file's end. */
export interface Tree {
  readonly root: string;
  readonly reader: Reader;
  /** Writes a connector's files and reads it. A text is its manifest.yaml. */
  read(slug: string, files: string | Readonly<Record<string, string | Buffer>>): Promise<Reading>;
}

/** Makes a tree. */
export function makeTree(): Tree {
  const root = mkdtempSync(join(tmpdir(), "manifest-"));
  const reader = openReader({ root, display: "connectors" });
  afterAll(async () => {
    await reader.close();
    rmSync(root, { recursive: true, force: true });
  });
  return {
    root,
    reader,
    read: (slug, files) => {
      const given = typeof files === "string" ? { "manifest.yaml": files } : files;
      rmSync(join(root, slug), { recursive: true, force: true });
      for (const [path, content] of Object.entries(given)) {
        mkdirSync(dirname(join(root, slug, path)), { recursive: true });
        writeFileSync(join(root, slug, path), content);
      }
      return reader.read(slug);
    },
  };
}

/** `line:column code` of each diagnostic, with the file where it is not manifest.yaml. */
export function places(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ file, line, column, code }) => {
    const name = file.split("/").slice(2).join("/");
    const prefix = name === "manifest.yaml" ? "" : `${name === "" ? "." : name} `;
    return `${prefix}${line}:${column} ${code}`;
  });
}

/** A reading that must be good. */
export function good(reading: Reading): Extract<Reading, { ok: true }> {
  if (!reading.ok) throw new Error(`not good: ${JSON.stringify(reading.diagnostics, null, 1)}`);
  return reading;
}

/** The smallest manifest of all. */
export const SMALLEST = `provider_slug: "shopify"
display_name: "Shopify"
scopes:
  - name: "read_orders"
    description: "Read access to orders"
    requires_firearm: false
  - name: "write_products"
    requires_firearm: true
kpis:
  - raw: "total_sales"
    standard: "gross_sales"
utm_capabilities:
  - "email"
  - "social"
`;
