import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { load } from "js-yaml";
import { afterAll, describe, expect, it } from "vitest";
import type { Json } from "../../src/base/index.ts";
import { importOpenapi } from "../../src/import/index.ts";
import { get, isMap } from "../../src/import/json.ts";
import { DATA, importable, makeWorkbench } from "./workbench.ts";

const bench = makeWorkbench();
const cwd = mkdtempSync(join(tmpdir(), "register-"));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));
const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

function sentinel(...args: string[]) {
  const command = [main, "--cwd", cwd, "--connectors", bench.root, ...args, "--format", "json"];
  const { status, stdout } = spawnSync(process.execPath, command, { encoding: "utf8", maxBuffer: 1 << 28 });
  return { status, report: JSON.parse(stdout) };
}

/** A document whose paths and methods stand the other way round; null where it is no map. */
function reversed(text: string): string | null {
  let document: Json;
  try {
    // Through JSON, which has no dates.
    document = JSON.parse(JSON.stringify(load(text) ?? null));
  } catch {
    return null;
  }
  const paths = get(document, "paths");
  if (!isMap(document) || !isMap(paths)) return null;
  const turned = Object.entries(paths).map(([path, item]): [string, Json] => [
    path,
    isMap(item) ? Object.fromEntries(Object.entries(item).reverse()) : item,
  ]);
  return JSON.stringify({ ...document, paths: Object.fromEntries(turned.reverse()) });
}

// Reason to skip: the documents belong to others and are not in the repository (SENTINEL_TEST_DATA names their folder).
describe.skipIf(DATA === null)("documents of real APIs in one tree", () => {
  const read = (file: string): Buffer => readFileSync(join(DATA ?? "", "openapi", file));

  it("pass check and are registered, all at once, and a second run finds nothing to do", async () => {
    for (const [index, file] of importable().entries()) {
      const { slug, files } = await importOpenapi(read(file), { slug: `api-${index}` });
      bench.write(slug, files);
    }
    const count = importable().length;
    const check = sentinel("check");
    expect(check).toMatchObject({ status: 0, report: { summary: { connectors: count, errors: 0 } } });
    const codes: readonly { code: string }[] = check.report.diagnostics;
    expect(new Set(codes.map(({ code }) => code))).toEqual(new Set(["generated.missing"]));
    expect(sentinel("run")).toMatchObject({ status: 0, report: { summary: { created: count, invalid: 0 } } });
    expect(sentinel("run")).toMatchObject({
      status: 0,
      report: { summary: { unchanged: count, updated: 0 } },
    });
  });

  it.each(importable())("%s gives each operation the same name in any order", async (file) => {
    const text = reversed(read(file).toString("utf8"));
    if (text === null) return;
    const names = async (source: string | Buffer): Promise<string[]> => {
      const { manifest } = await bench.importDocument(source);
      return manifest.tools.map(({ name, rest }) => `${name} ${rest?.method} ${rest?.url ?? rest?.path}`);
    };
    expect(await names(text)).toEqual(await names(read(file)));
  });
});
