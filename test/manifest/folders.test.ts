import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { WHOLE_FILE } from "../../src/base/index.ts";
import { crossFolder } from "../../src/manifest/index.ts";
import { makeTree, places, SMALLEST } from "./folder.ts";

const tree = makeTree();

describe("the name of a folder", () => {
  it.each([
    ...[
      "Shopify",
      "1shop",
      "shop shop",
      "shop.",
      "-shop",
      "shop-",
      "a--b",
      "a_-b",
      "..",
      ".",
      "",
      "a/b",
      "ünï",
    ],
    ...["a".repeat(65), "shop\u202ey", "shop\ny", "%2e%2e", "shop\0y", "a".repeat(5000), "сhop"],
  ])("may not be %j", async (slug) => {
    const reading = await tree.reader.read(slug);
    expect(places(reading.diagnostics)).toEqual([expect.stringMatching(/1:1 folder\.name$/)]);
    expect(reading.diagnostics[0]?.file).not.toMatch(/\p{Cc}|\u202e/u);
    expect(reading.diagnostics[0]?.file.length).toBeLessThan(300);
  });

  it.each(["con", "nul", "aux", "com1", "lpt9"])("may not be that of the device %s", async (slug) => {
    const reading = await tree.read(slug, SMALLEST);
    expect(places(reading.diagnostics)).toEqual([". 1:1 folder.reserved_name"]);
  });

  it("may not lead elsewhere by a link, or be a file", async () => {
    await tree.read("real", SMALLEST);
    symlinkSync(join(tree.root, "real"), join(tree.root, "linked"));
    writeFileSync(join(tree.root, "plain"), SMALLEST);
    for (const slug of ["linked", "plain", "absent"]) {
      expect(places((await tree.reader.read(slug)).diagnostics)).toEqual([". 1:1 folder.not_a_folder"]);
    }
  });
});

/** Puts something that is no plain file at a path of a fresh folder, and reads it. */
async function placed(path: string, put: (at: string) => void): Promise<string[]> {
  await tree.read("shopify", path === "manifest.yaml" ? { "x.txt": "x" } : SMALLEST);
  mkdirSync(join(tree.root, "shopify", "tools"), { recursive: true });
  put(join(tree.root, "shopify", path));
  return places((await tree.reader.read("shopify")).diagnostics);
}

describe("a file", () => {
  const outside = join(tree.root, "outside.yaml");
  writeFileSync(outside, SMALLEST);
  const kinds: [string, string, (at: string) => void][] = [
    ["a link", "file.not_regular", (at) => symlinkSync(outside, at)],
    ["a link to nothing", "file.not_regular", (at) => symlinkSync("/nowhere", at)],
    ["a link to an endless device", "file.not_regular", (at) => symlinkSync("/dev/zero", at)],
    ["a pipe", "file.not_regular", (at) => void execFileSync("mkfifo", [at])],
    ["a hard link", "file.linked", (at) => linkSync(outside, at)],
    ["huge", "file.too_large", (at) => writeFileSync(at, "a: b\n".repeat(300_000))],
  ];
  for (const path of ["manifest.yaml", "tools/a.yaml", "service.ts"]) {
    it.each(kinds)(`${path} may not be %s`, async (_, code, put) => {
      const found = await placed(path, put);
      expect(found.map((place) => place.replace(/^.* /, ""))).toEqual([code]);
      expect(found[0]).toContain(path === "manifest.yaml" ? "1:1" : `${path} 1:1`);
    });
  }

  it("manifest.yaml may not be a folder", async () => {
    expect(await placed("manifest.yaml", (at) => mkdirSync(at))).toEqual(["1:1 file.not_regular"]);
  });

  it("may not be a .env", async () => {
    const reading = await tree.read("shopify", { "manifest.yaml": SMALLEST, ".env": "A=b" });
    expect(places(reading.diagnostics)).toEqual([".env 1:1 file.env"]);
  });

  it("is not minded when an editor keeps its lock beside it", async () => {
    expect(await placed(".#manifest.yaml", (at) => symlinkSync("me@host.1:2", at))).toEqual([]);
  });

  it("is not read when the Sentinel writes it itself", async () => {
    const reading = await tree.read("shopify", {
      "manifest.yaml": SMALLEST,
      "mcp.ts": "x",
      "mcp.data.json": "x",
    });
    expect(reading.inputs.map((input) => input.path)).toEqual(["manifest.yaml"]);
  });
});

describe("a folder", () => {
  it("has a manifest.yaml, and is told of one that is misnamed", async () => {
    const { diagnostics } = await tree.read("shopify", { "manifest.yml": SMALLEST });
    expect(places(diagnostics)).toEqual([". 1:1 folder.no_manifest"]);
    expect(diagnostics[0]?.hint).toBe("Rename manifest.yml to manifest.yaml.");
  });

  it("holds no other connector", async () => {
    const reading = await tree.read("shopify", {
      "manifest.yaml": SMALLEST,
      "sub/deep/manifest.yaml": SMALLEST,
    });
    expect(places(reading.diagnostics)).toEqual(["sub/deep/manifest.yaml 1:1 folder.nested"]);
  });

  it("loses no tools silently", async () => {
    const files = {
      "manifest.yaml": SMALLEST,
      "manifest.yml": SMALLEST,
      "tools.yaml": "[]",
      "tools/a.yml": "[]",
      "tools/b/c.yaml": "[]",
    };
    expect(places((await tree.read("shopify", files)).diagnostics)).toEqual([
      "manifest.yml 1:1 folder.not_read",
      "tools.yaml 1:1 folder.not_read",
      "tools/a.yml 1:1 folder.not_read",
      "tools/b/c.yaml 1:1 folder.not_read",
    ]);
  });

  it("has at most 64 files of tools, and 500 files", async () => {
    const tools = Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`tools/${n}.yaml`, "[]\n"]));
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`data/${n}.txt`, "x"]));
    const code = "1:1 folder.too_many_files";
    expect(places((await tree.read("shopify", { "manifest.yaml": SMALLEST, ...tools })).diagnostics)).toEqual(
      [`tools ${code}`],
    );
    const flooded = await tree.read("shopify", { "manifest.yaml": SMALLEST, ...many });
    expect(places(flooded.diagnostics)).toContain(`. ${code}`);
    rmSync(join(tree.root, "shopify"), { recursive: true });
  });
});

it("refuses two slugs that would share vault keys, and names both", () => {
  const connectors = ["a-b", "x", "a_b"].map((slug) => ({
    slug,
    file: `c/${slug}/manifest.yaml`,
    span: WHOLE_FILE,
  }));
  const found = crossFolder(connectors);
  expect(found.map(({ file, code, message }) => [file, code, message])).toEqual([
    ["c/a-b/manifest.yaml", "folder.vault_collision", "a-b would share the vault keys of A_B with a_b."],
    ["c/a_b/manifest.yaml", "folder.vault_collision", "a_b would share the vault keys of A_B with a-b."],
  ]);
  expect(crossFolder(connectors.toReversed())).toEqual(found);
});
