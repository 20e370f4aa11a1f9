import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findings, manifest, outcomes, Tree } from "./workspace.ts";

const five = ["c1", "c2", "c3", "c4", "c5"];

describe("run", () => {
  it("generates and registers what is new, then has nothing to do", async () => {
    const tree = new Tree();
    tree.fill(five);
    const first = await tree.run();
    expect(first).toMatchObject({ ok: true, summary: { created: 5, unchanged: 0 }, diagnostics: [] });
    expect(first.connectors[0]).toMatchObject({
      slug: "c1",
      outcome: "created",
      files: [{ path: "connectors/c1/mcp.ts", action: "create" }],
    });
    expect(tree.list("c1")).toEqual(["manifest.yaml", "mcp.ts"]);
    expect([...tree.memory.providers.keys()]).toEqual(five);

    const second = await tree.run();
    expect(second).toMatchObject({ ok: true, summary: { created: 0, unchanged: 5 }, connectors: [] });
  });

  it("has nothing to do either when the cache is gone", async () => {
    const tree = new Tree();
    tree.fill(five);
    await tree.run();
    rmSync(tree.workspace.cacheDir, { recursive: true });
    expect(await tree.run()).toMatchObject({ ok: true, summary: { unchanged: 5 }, connectors: [] });
  });

  it("registers what the cache knows when the registry is new", async () => {
    const tree = new Tree();
    tree.fill(five);
    await tree.run();
    tree.memory.providers.clear();
    const report = await tree.run();
    expect(report.summary).toMatchObject({ created: 5 });
    expect(report.connectors[0]?.files).toEqual([{ path: "connectors/c1/mcp.ts", action: "unchanged" }]);
  });

  it("updates what changed and leaves its neighbours alone", async () => {
    const tree = new Tree();
    tree.fill(five);
    await tree.run();
    tree.write("c2/manifest.yaml", manifest("c2", "products"));
    const report = await tree.run();
    expect(outcomes(report)).toEqual({ c2: "updated" });
    expect(report.summary).toMatchObject({ updated: 1, unchanged: 4 });
    expect(tree.read("c2/mcp.ts")).toContain(report.connectors[0]?.digest);
  });

  it("sees nothing in a file that was only touched", async () => {
    const tree = new Tree();
    tree.fill(five);
    await tree.run();
    tree.touch("c2/manifest.yaml");
    expect(await tree.run()).toMatchObject({ summary: { unchanged: 5 }, connectors: [] });
  });

  it.each([
    ["deleted", (tree: Tree) => tree.remove("c3/mcp.ts"), "create"],
    ["edited", (tree: Tree) => tree.write("c3/mcp.ts", `${tree.read("c3/mcp.ts")}\n// mine\n`), "update"],
  ])("makes a generated file again that was %s", async (_how, harm, action) => {
    const tree = new Tree();
    tree.fill(five);
    await tree.run();
    const before = tree.read("c3/mcp.ts");
    harm(tree);
    const report = await tree.run();
    expect(report.connectors).toMatchObject([
      { slug: "c3", outcome: "unchanged", files: [{ path: "connectors/c3/mcp.ts", action }] },
    ]);
    expect(tree.read("c3/mcp.ts")).toBe(before);
    expect(await tree.run()).toMatchObject({ connectors: [] });
  });

  it("sees a change that keeps size and time, made right after a run", async () => {
    const tree = new Tree();
    tree.fill(["shop"], "aaaa");
    await tree.run();
    // However fast: same size, same mtime, same inode, and over and over.
    for (const what of ["bbbb", "cccc", "dddd", "eeee"]) {
      writeFileSync(tree.path("shop/manifest.yaml"), manifest("shop", what));
      expect(outcomes(await tree.run())).toEqual({ shop: "updated" });
    }
  });

  it("archives a folder that is gone and restores it with its return", async () => {
    const tree = new Tree();
    tree.fill(five);
    await tree.run();
    tree.remove("c4");
    expect(outcomes(await tree.run())).toEqual({ c4: "archived" });
    expect(await tree.run()).toMatchObject({ summary: { unchanged: 4, archived: 0 } });
    tree.fill(["c4"]);
    expect(outcomes(await tree.run())).toEqual({ c4: "restored" });
  });

  it("keeps the last good revision of a folder that turned bad, and registers the neighbours", async () => {
    const tree = new Tree();
    tree.fill(five);
    await tree.run();
    const before = tree.memory.providers.get("c1")?.digest;
    tree.write("c1/manifest.yaml", "provider_slug: [\n");
    tree.fill(["c6"]);
    const report = await tree.run();
    expect(report.ok).toBe(false);
    expect(outcomes(report)).toEqual({ c1: "invalid", c6: "created" });
    expect(tree.memory.providers.get("c1")).toMatchObject({ digest: before, status: "draft" });
    expect(await tree.run()).toMatchObject({ ok: false, summary: { invalid: 1, unchanged: 5 } });
  });

  it("asks the registry for no rows while a bad folder stays as it is", async () => {
    const tree = new Tree();
    tree.fill(five);
    await tree.run();
    tree.write("c1/manifest.yaml", "provider_slug: [\n");
    await tree.run();
    const state = (await tree.memory.fingerprints("mine")).state;
    const known: (string | undefined)[] = [];
    const ask = tree.memory.fingerprints.bind(tree.memory);
    tree.memory.fingerprints = (source, state) => {
      known.push(state);
      return ask(source, state);
    };
    await tree.run();
    expect(known).toEqual([state]);
  });

  it("refuses two slugs with one vault prefix at the place of their names, and registers the others", async () => {
    const tree = new Tree();
    tree.fill(["a-b", "a_b", "c1"]);
    const report = await tree.run();
    expect(outcomes(report)).toEqual({ "a-b": "invalid", a_b: "invalid", c1: "created" });
    expect(findings(report)).toEqual([
      "folder.vault_collision connectors/a-b/manifest.yaml:1",
      "folder.vault_collision connectors/a_b/manifest.yaml:1",
    ]);
    expect(tree.list("a-b")).toEqual(["manifest.yaml"]);
  });

  it("refuses other content under an approved version, at its line, and writes nothing", async () => {
    const tree = new Tree();
    tree.write("shop/manifest.yaml", manifest("shop", "orders", "1.0.0"));
    await tree.run();
    const shop = tree.memory.providers.get("shop");
    if (shop) {
      const approved = {
        status: "approved" as const,
        approved_version: "1.0.0",
        approved_digest: shop.digest,
      };
      tree.memory.providers.set("shop", { ...shop, ...approved });
    }
    const server = tree.read("shop/mcp.ts");
    tree.write("shop/manifest.yaml", manifest("shop", "products", "1.0.0"));
    const report = await tree.run();
    expect(findings(report)).toEqual(["registry.version_immutable connectors/shop/manifest.yaml:3"]);
    expect(outcomes(report)).toEqual({ shop: "invalid" });
    expect(tree.read("shop/mcp.ts")).toBe(server);

    tree.write("shop/manifest.yaml", manifest("shop", "products", "1.0.1"));
    expect(outcomes(await tree.run())).toEqual({ shop: "updated" });
  });

  it("leaves the slug of another source to it", async () => {
    const tree = new Tree();
    tree.fill(["shop", "c1"]);
    await tree.run({ source: "theirs" });
    const report = await tree.run();
    expect(findings(report)).toEqual([
      "registry.slug_taken connectors/c1/manifest.yaml:1",
      "registry.slug_taken connectors/shop/manifest.yaml:1",
    ]);
    expect(tree.memory.providers.get("shop")?.source).toBe("theirs");
  });

  it("registers and reports the same in whatever order the folders came", async () => {
    const forth = new Tree();
    const back = new Tree();
    const slugs = Array.from({ length: 30 }, (_, at) => `c${(at * 7) % 30}`);
    forth.fill(slugs);
    back.fill([...slugs].reverse());
    forth.write("c3/manifest.yaml", "provider_slug: [");
    back.write("c3/manifest.yaml", "provider_slug: [");
    expect(JSON.stringify(await forth.run())).toBe(JSON.stringify(await back.run()));
    for (const slug of slugs.filter((one) => one !== "c3")) {
      expect(forth.read(`${slug}/mcp.ts`)).toBe(back.read(`${slug}/mcp.ts`));
    }
  });

  it("tells how far it is", async () => {
    const tree = new Tree();
    tree.fill(five);
    const seen: string[] = [];
    await tree.run({ onProgress: (done, total) => seen.push(`${done}/${total}`) });
    expect(seen).toEqual(["1/5", "2/5", "3/5", "4/5", "5/5"]);
  });
});

describe("the folder of connectors", () => {
  const registered = async (): Promise<Tree> => {
    const tree = new Tree();
    tree.fill(five);
    await tree.run();
    return tree;
  };
  const live = (tree: Tree): number =>
    [...tree.memory.providers.values()].filter(({ status }) => status !== "archived").length;

  it("may be missing: everything stays, and the way out is named", async () => {
    const tree = await registered();
    renameSync(tree.workspace.connectors, `${tree.workspace.connectors}-away`);
    const report = await tree.run();
    expect(findings(report)).toEqual(["plan.archive_budget connectors:1", "root.missing connectors:1"]);
    expect(report.diagnostics[0]?.hint).toContain("--allow-archive 5");
    expect(report).toMatchObject({ ok: false, connectors: [] });
    expect(live(tree)).toBe(5);
    expect(await tree.run({ allowArchive: 5 })).toMatchObject({ ok: true, summary: { archived: 5 } });
  });

  it("may be empty: everything stays, and the way out is named", async () => {
    const tree = await registered();
    for (const slug of five) tree.remove(slug);
    const report = await tree.run();
    expect(findings(report)).toEqual(["plan.archive_budget connectors:1", "root.empty connectors:1"]);
    expect(live(tree)).toBe(5);
  });

  it("may be a file: everything stays, whatever was allowed", async () => {
    const tree = await registered();
    rmSync(tree.workspace.connectors, { recursive: true });
    writeFileSync(tree.workspace.connectors, "");
    expect(findings(await tree.run({ allowArchive: 5 }))).toEqual(["root.not_a_folder connectors:1"]);
    expect(live(tree)).toBe(5);
  });

  it("may have lost more than a fifth: nothing at all is changed", async () => {
    const tree = await registered();
    tree.remove("c1");
    tree.remove("c2");
    tree.fill(["c6"]);
    const report = await tree.run();
    expect(findings(report)).toEqual(["plan.archive_budget connectors:1"]);
    expect(tree.memory.providers.has("c6")).toBe(false);
    expect(tree.list("c6")).toEqual(["manifest.yaml"]);
    expect(live(tree)).toBe(5);
    expect(outcomes(await tree.run({ allowArchive: 2 }))).toEqual({
      c1: "archived",
      c2: "archived",
      c6: "created",
    });
  });

  it("is empty at first, which is no error", async () => {
    expect(await new Tree().run()).toMatchObject({ ok: true, diagnostics: [{ code: "root.empty" }] });
  });

  it("may hold files, hidden folders and the odd stranger", async () => {
    const tree = new Tree();
    tree.fill(["c1", ".git", "Upper", "..evil"]);
    tree.write("README.md", "");
    tree.write("manifest.schema.json", "{}");
    symlinkSync(tree.path("c1"), tree.path("linked"));
    mkdirSync(Buffer.concat([Buffer.from(`${tree.workspace.connectors}/`), Buffer.from([0x62, 0xff])]));
    // Hidden, and not UTF-8.
    mkdirSync(Buffer.concat([Buffer.from(`${tree.workspace.connectors}/.`), Buffer.from([0xff])]));
    mkdirSync(tree.path("bi\u202edi"));
    const report = await tree.run();
    expect(outcomes(report)).toMatchObject({ c1: "created", linked: "invalid", Upper: "invalid" });
    expect(report.summary).toMatchObject({ created: 1, invalid: 5 });
    expect(new Set(report.diagnostics.map(({ code }) => code))).toEqual(
      new Set(["folder.name", "folder.not_a_folder"]),
    );
    expect(JSON.stringify(report.diagnostics)).not.toMatch(/\u202e|\ufffd/);
  });

  // The superuser may read everything.
  it.skipIf(process.getuid?.() === 0)("may hold a folder that can't be read: it is not gone", async () => {
    const tree = await registered();
    chmodSync(tree.path("c1"), 0);
    const report = await tree.run();
    chmodSync(tree.path("c1"), 0o755);
    expect(outcomes(report)).toEqual({ c1: "invalid" });
    expect(live(tree)).toBe(5);
  });
});
