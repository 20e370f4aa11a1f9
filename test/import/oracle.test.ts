import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { importOpenapi } from "../../src/import/index.ts";
import { DATA, makeWorkbench } from "./workbench.ts";

const index = z.object({
  documents: z.array(
    z.object({
      file: z.string(),
      operations: z.number(),
      expect: z.string(),
      scopes_by_scheme: z.record(z.string(), z.record(z.string(), z.string().nullable())).optional(),
    }),
  ),
});
const operations = z.record(z.string(), z.array(z.tuple([z.string(), z.string(), z.string().nullable()])));

const read = (path: string): Buffer => readFileSync(join(DATA ?? "", "openapi", path));
const json = (path: string): unknown => JSON.parse(read(path).toString("utf8"));

// Reason to skip: the documents belong to others and are not in the repository (SENTINEL_TEST_DATA names their folder).
describe.skipIf(DATA === null)("documents of real APIs", () => {
  const bench = makeWorkbench();
  const documents = DATA === null ? [] : index.parse(json("index.json")).documents;
  const known = DATA === null ? {} : operations.parse(json("operations.json"));
  const imported = documents.filter((document) => document.expect !== "reject");
  const rejected = [
    ...documents.filter((document) => document.expect === "reject").map(({ file }) => file),
    ...(DATA === null ? [] : readdirSync(join(DATA, "openapi", "reject")).map((file) => `reject/${file}`)),
  ];

  it.each(imported.map((document) => [document.file, document] as const))("%s", async (file, document) => {
    const { manifest } = await bench.importDocument(read(file));
    expect(manifest.tools).toHaveLength(document.operations);
    const methods = manifest.tools.map(({ rest }) => rest?.method).sort();
    expect(methods).toEqual((known[file] ?? []).map(([method]) => method).sort());
    const scopes = new Set(Object.values(document.scopes_by_scheme ?? {}).flatMap(Object.keys));
    expect(new Set(manifest.scopes.map(({ name }) => name))).toEqual(scopes);
    for (const { name, description } of manifest.scopes) {
      const texts = Object.values(document.scopes_by_scheme ?? {}).flatMap((scheme) => scheme[name] ?? []);
      expect(description?.replaceAll(/\s+/g, " ") ?? "").toBe(
        (texts[0] ?? "").replaceAll(/\s+/g, " ").trim(),
      );
    }
  });

  it.each(rejected)("%s is refused in one sentence", async (file) => {
    await expect(importOpenapi(read(file))).rejects.toMatchObject({
      code: "import.not_openapi",
      message: expect.stringMatching(
        /^The document is [^.]+(?:\.\d[^.]*)*, not Swagger 2\.0 or OpenAPI 3\.0 to 3\.2\.$/,
      ),
    });
  });
});
