/** Gone is only what was seen to go: an accident with the folders must not empty the registry. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import {
  dumpOf,
  makeConnectors,
  type Project,
  project,
  type RunJson,
  type ShowJson,
  tiny,
} from "./helpers.ts";

const TEN = makeConnectors(10, 3);
const SLUGS = Object.keys(TEN);

/** Runs and expects a refusal that names the way out. */
async function refused(from: Project, says: RegExp): Promise<void> {
  const ran = await from.run(["run", "--format", "json"]);
  expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 1 });
  const report = ran.json<RunJson>();
  expect(report).toMatchObject({ ok: false, summary: { archived: 0, created: 0, updated: 0 } });
  expect(report.diagnostics.map((one) => `${one.message} ${one.hint}`).join("\n")).toMatch(says);
}

describe("a source of ten connectors", () => {
  let tree: Project;
  let before: string;
  const aside = (): string => join(tree.dir, "aside");
  beforeAll(async () => {
    tree = project();
    tree.writeAll(TEN);
    expect((await tree.run(["run"])).code).toBe(0);
    before = await dumpOf(tree);
  });

  it("keeps them when the root is missing", async () => {
    renameSync(tree.connectors, aside());
    await refused(tree, /connectors.*(missing|no folder)[\s\S]*--allow-archive 10/i);
    renameSync(aside(), tree.connectors);
  });

  it("keeps them when the root is empty, as an unmounted one is", async () => {
    renameSync(tree.connectors, aside());
    mkdirSync(tree.connectors);
    await refused(tree, /empty[\s\S]*--allow-archive 10/i);
    rmSync(tree.connectors, { recursive: true });
    renameSync(aside(), tree.connectors);
  });

  it("keeps them when the root is a file", async () => {
    renameSync(tree.connectors, aside());
    writeFileSync(tree.connectors, "not a folder\n");
    await refused(tree, /not a folder/i);
    rmSync(tree.connectors);
    renameSync(aside(), tree.connectors);
  });

  it("keeps them when 40 % of the folders are gone, and even new ones wait", async () => {
    for (const slug of SLUGS.slice(0, 4)) tree.remove(slug);
    tree.write("newcomer", tiny("newcomer"));
    await refused(tree, /4 of 10[\s\S]*--allow-archive 4/);
    expect(tree.has("newcomer/mcp.ts")).toBe(false);
    tree.remove("newcomer");
  });

  it("does not take a smaller number for leave", async () => {
    const ran = await tree.run(["run", "--allow-archive", "3"]);
    expect(ran.code).toBe(1);
    expect(ran.stdout + ran.stderr).toMatch(/4 of 10[\s\S]*--allow-archive 4/);
  });

  it("has not changed a row in any of this", async () => {
    expect(await dumpOf(tree)).toBe(before);
  });

  it("archives as many as it was told, and brings them back as they were", async () => {
    const report = await tree.json<RunJson>(["run", "--allow-archive", "4"]);
    expect(report).toMatchObject({ ok: true, summary: { archived: 4 } });
    expect(await tree.json<ShowJson>(["show", "made-0"])).toMatchObject({ status: "archived" });

    tree.writeAll(TEN);
    const back = await tree.json<RunJson>(["run"]);
    expect(back).toMatchObject({ ok: true, summary: { restored: 4, created: 0 } });
    expect(await dumpOf(tree)).toBe(before);
  });

  it("archives a fifth without being told", async () => {
    for (const slug of SLUGS.slice(0, 2)) tree.remove(slug);
    const report = await tree.json<RunJson>(["run"]);
    expect(report).toMatchObject({ ok: true, summary: { archived: 2 } });
    const plain = await tree.run(["status"]);
    expect(plain.stdout).toMatch(/made-0.*archived|archived.*made-0/s);
  });
});

describe("a folder that can't be read", () => {
  it("keeps its last good revision, whatever is wrong with it", async () => {
    const tree = project();
    tree.writeAll({ ...TEN, aa: tiny("aa"), bb: tiny("bb"), cc: tiny("cc"), dd: tiny("dd") });
    expect((await tree.run(["run"])).code).toBe(0);
    const before = await dumpOf(tree);
    const servers = ["aa", "bb", "cc", "dd"].map((slug) => tree.read(`${slug}/mcp.ts`));

    tree.write("aa", "provider_slug: [");
    tree.write("bb", tiny("bb", "    danger_level: 5\n"));
    rmSync(join(tree.connectors, "cc/manifest.yaml"));
    tree.remove("dd");
    writeFileSync(join(tree.connectors, "dd"), ""); // a file where a folder was: gone
    const ran = await tree.json<RunJson>(["run"]);
    expect(ran).toMatchObject({ ok: false, summary: { invalid: 3, archived: 1 } });
    expect(new Set(ran.diagnostics.map((one) => one.file.split("/")[1]))).toEqual(
      new Set(["aa", "bb", "cc"]),
    );

    tree.remove("dd");
    tree.writeAll({ aa: tiny("aa"), bb: tiny("bb"), cc: tiny("cc"), dd: tiny("dd") });
    expect((await tree.run(["run"])).code).toBe(0);
    expect(await dumpOf(tree)).toBe(before);
    expect(["aa", "bb", "cc", "dd"].map((slug) => tree.read(`${slug}/mcp.ts`))).toEqual(servers);
  });
});

describe("two claims on one name", () => {
  it("refuses a slug that another source has registered, and names both", async () => {
    const tree = project();
    tree.write("shop", tiny("shop"));
    expect((await tree.run(["run", "--source", "first"])).code).toBe(0);
    tree.write("other", tiny("other"));
    const ran = await tree.run(["run", "--source", "second", "--format", "json"]);
    expect(ran.code).toBe(1);
    const report = ran.json<RunJson>();
    expect(report.diagnostics).toMatchObject([
      { code: "registry.slug_taken", file: "connectors/shop/manifest.yaml" },
    ]);
    expect(await tree.json<ShowJson>(["show", "shop"])).toMatchObject({ source: "first" });
    expect(await tree.json<ShowJson>(["show", "other"])).toMatchObject({ source: "second" });
  });

  it("refuses two slugs with one vault prefix, and names both", async () => {
    const tree = project();
    tree.writeAll({
      "google-ads": tiny("google-ads"),
      google_ads: tiny("google_ads"),
      tiktok: tiny("tiktok"),
    });
    const report = await tree.json<RunJson>(["run"]);
    expect(report).toMatchObject({ ok: false, summary: { created: 1, invalid: 2 } });
    expect(report.diagnostics.map((one) => [one.code, one.file, one.line])).toEqual([
      ["folder.vault_collision", "connectors/google-ads/manifest.yaml", 1],
      ["folder.vault_collision", "connectors/google_ads/manifest.yaml", 1],
    ]);
    for (const one of report.diagnostics) {
      expect(one.message).toContain("google-ads");
      expect(one.message).toContain("google_ads");
    }
    const check = await tree.run(["check"]);
    expect(check.code).toBe(1);
  });

  it("refuses a vault prefix that another source has", async () => {
    const tree = project();
    tree.write("google-ads", tiny("google-ads"));
    expect((await tree.run(["run", "--source", "first"])).code).toBe(0);
    tree.remove("google-ads");
    tree.write("google_ads", tiny("google_ads"));
    const report = await tree.json<RunJson>(["run", "--source", "second"]);
    expect(report).toMatchObject({ ok: false, summary: { created: 0, invalid: 1 } });
    expect(report.diagnostics[0]?.message).toMatch(/google_ads.*google-ads|google-ads.*google_ads/s);
  });
});
