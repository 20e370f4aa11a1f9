import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { openReader, readYamlFile } from "../../src/manifest/index.ts";
import { good, makeTree, places, SMALLEST } from "./folder.ts";

const root = mkdtempSync(join(tmpdir(), "reader-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Writes a connector. */
function write(slug: string, path: string, text: string): void {
  mkdirSync(join(root, slug), { recursive: true });
  writeFileSync(join(root, slug, path), text);
}

/** Writes as many tools as the limits of files and bytes let through: far more than a reading has time or memory for. */
function writeTooMuch(slug: string): void {
  mkdirSync(join(root, slug, "tools"), { recursive: true });
  const text = "- {a: b, c: d}\n".repeat(17_000);
  for (let n = 0; n < 64; n++) writeFileSync(join(root, slug, "tools", `${n}.yaml`), text);
}

describe("a reader", () => {
  it("gives the same readings from its own thread and from workers, each to who asked", async () => {
    const slugs = Array.from({ length: 700 }, (_, n) => `c${n}`);
    for (const slug of slugs) write(slug, "manifest.yaml", SMALLEST.replace("shopify", slug));
    write("c13", "manifest.yaml", "a: [\n");
    write("c600", "manifest.yaml", "b: }\n");
    const many = openReader({ root, display: "connectors" });
    const together = await Promise.all(slugs.map((slug) => many.read(slug)));
    await many.close();
    expect(together.map((reading) => reading.slug)).toEqual(slugs);
    expect(together.filter((reading) => !reading.ok).map((reading) => reading.slug)).toEqual(["c13", "c600"]);
    const one = openReader({ root, display: "connectors" });
    for (const slug of ["c0", "c13", "c600", "c699"]) {
      expect(together[slugs.indexOf(slug)]).toEqual(await one.read(slug));
    }
    await one.close();
  });

  it("stops at a folder that takes too long, and goes on with the others", async () => {
    const slugs = Array.from({ length: 400 }, (_, n) => `d${n}`);
    for (const slug of slugs) write(slug, "manifest.yaml", SMALLEST.replace("shopify", slug));
    for (const slug of ["d0", "d200", "d399"]) writeTooMuch(slug);
    const reader = openReader({ root, display: "connectors", threads: 1 });
    const readings = await Promise.all(slugs.map((slug) => reader.read(slug)));
    await reader.close();
    const stopped = readings.filter((reading) => !reading.ok);
    expect(stopped.map((reading) => [reading.slug, places(reading.diagnostics)])).toEqual([
      ["d0", ["1:1 yaml.too_complex"]],
      ["d200", ["1:1 yaml.too_complex"]],
      ["d399", ["1:1 yaml.too_complex"]],
    ]);
  });

  it("tells of each file what it was when it was read", async () => {
    write("e", "manifest.yaml", SMALLEST.replace("shopify", "e"));
    const reader = openReader({ root, display: "connectors" });
    const [input] = good(await reader.read("e")).inputs;
    await reader.close();
    expect(input).toMatchObject({ path: "manifest.yaml", size: Buffer.byteLength(SMALLEST) - 6 });
    expect(input?.ino).toBeGreaterThan(0);
  });
});

describe("readYamlFile", () => {
  const shape = z.strictObject({ source: z.string().optional(), depth: z.number().int().max(9).optional() });
  const read = async (text: string): ReturnType<typeof readYamlFile<z.infer<typeof shape>>> => {
    writeFileSync(join(root, "config.yaml"), text);
    return readYamlFile(join(root, "config.yaml"), "config.yaml", shape);
  };

  it("gives what a good file says", async () => {
    expect(await read("source: a\ndepth: 3\n")).toEqual({
      value: { source: "a", depth: 3 },
      diagnostics: [],
    });
  });

  it("takes a file that is not there for nothing said", async () => {
    expect(await readYamlFile(join(root, "none.yaml"), "none.yaml", shape)).toEqual({
      value: null,
      diagnostics: [],
    });
  });

  it("is as strict as with a manifest", async () => {
    const { value, diagnostics } = await read("sourc: a\ndepth: 10\nx: *y\n");
    expect(value).toBeNull();
    expect(diagnostics.map(({ file, line, column, code }) => `${file}:${line}:${column} ${code}`)).toEqual([
      "config.yaml:1:1 manifest.unknown_key",
      "config.yaml:2:8 manifest.bad_format",
      "config.yaml:3:1 manifest.unknown_key",
      "config.yaml:3:4 yaml.alias",
    ]);
  });
});

const tree = makeTree();

it("an input of a scope's name with white space around it is that scope", async () => {
  const { manifest } = good(await tree.read("shopify", SMALLEST.replace('"read_orders"', '" read_orders "')));
  expect(manifest.scopes.map((scope) => scope.name)).toEqual(["read_orders", "write_products"]);
});
