import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { check, plan } from "../../src/reconcile/index.ts";
import { findings, manifest, outcomes, Tree } from "./workspace.ts";

/** Every file below a directory with its bytes and time. */
function snapshot(directory: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const path of readdirSync(directory, { recursive: true, encoding: "utf8" }).sort()) {
    const stats = statSync(join(directory, path));
    files[path] = `${stats.ctimeMs} ${stats.isFile() ? readFileSync(join(directory, path), "base64") : ""}`;
  }
  return files;
}

describe("check", () => {
  it("finds nothing after a run", async () => {
    const tree = new Tree();
    tree.fill(["c1", "c2"]);
    await tree.run();
    const fine = { ok: true, summary: { connectors: 2, errors: 0, warnings: 0 }, diagnostics: [] };
    expect(await check(tree.workspace)).toEqual(fine);
    expect(await check(tree.workspace, ["c2"])).toMatchObject({ ok: true, summary: { connectors: 1 } });
  });

  it("warns of what was never generated, and is fine with it", async () => {
    const tree = new Tree();
    tree.fill(["c1"]);
    const report = await check(tree.workspace);
    expect(report).toMatchObject({ ok: true, summary: { connectors: 1, errors: 0, warnings: 1 } });
    expect(findings(report)).toEqual(["generated.missing connectors/c1/mcp.ts:1"]);
  });

  it("finds a generated file that is not what the manifest gives", async () => {
    const tree = new Tree();
    tree.fill(["c1", "c2", "c3"]);
    await tree.run();
    tree.write("c1/manifest.yaml", manifest("c1", "products"));
    tree.write("c2/mcp.ts", `${tree.read("c2/mcp.ts")}// more\n`);
    tree.write("c3/mcp.ts", "// by hand\n");
    expect(findings(await check(tree.workspace))).toEqual([
      "generated.stale connectors/c1/mcp.ts:1",
      "generated.stale connectors/c2/mcp.ts:1",
      "generated.foreign_file connectors/c3/mcp.ts:1",
    ]);
  });

  it("says what is wrong with a manifest and nothing of what follows from it", async () => {
    const tree = new Tree();
    tree.write("c1/manifest.yaml", "provider_slug: c1\n");
    expect(findings(await check(tree.workspace))).toEqual([
      "manifest.missing_key connectors/c1/manifest.yaml:1",
    ]);
  });

  it("sees across folders even when asked for one", async () => {
    const tree = new Tree();
    tree.fill(["a-b", "a_b"]);
    expect(findings(await check(tree.workspace, ["a_b"]))).toEqual([
      "folder.vault_collision connectors/a_b/manifest.yaml:1",
    ]);
    expect((await check(tree.workspace)).summary).toMatchObject({ connectors: 2, errors: 2 });
  });

  it("does not know every name, but a similar one", async () => {
    const tree = new Tree();
    tree.fill(["shopify"]);
    await expect(check(tree.workspace, ["shopfy"])).rejects.toMatchObject({
      code: "check.unknown_connector",
      hint: 'Did you mean "shopify"?',
    });
  });

  it.each(["", "..", ".", "Shopify", "../connectors/shopify", "shopify/"])(
    "is not taken in by %j",
    async (name) => {
      const tree = new Tree();
      tree.fill(["shopify"]);
      await expect(check(tree.workspace, [name])).rejects.toMatchObject({ code: "check.unknown_connector" });
    },
  );

  it("names every one that it does not know", async () => {
    const tree = new Tree();
    tree.fill(["shopify"]);
    await expect(check(tree.workspace, ["a", "shopify", "b"])).rejects.toMatchObject({
      message: expect.stringContaining('no connector "a", "b" in'),
    });
  });

  it("says that there is no folder of connectors", async () => {
    const tree = new Tree();
    const workspace = { ...tree.workspace, connectors: join(tree.cwd, "nothing") };
    expect(await check(workspace, ["shop"])).toMatchObject({
      ok: false,
      diagnostics: [{ code: "root.missing" }],
    });
  });

  it("writes nothing", async () => {
    const tree = new Tree();
    tree.fill(["c1", "c2"]);
    await tree.run();
    tree.fill(["c1", "c3"], "products");
    tree.write("c2/.sentinel-77770.tmp", "left");
    const before = snapshot(tree.cwd);
    await check(tree.workspace);
    expect(snapshot(tree.cwd)).toEqual(before);
  });
});

describe("plan", () => {
  it("says what run would do, and does nothing", async () => {
    const tree = new Tree();
    tree.fill(["c1", "c2", "c3", "c4", "c5"]);
    await tree.run();
    tree.fill(["c1", "c6"], "products");
    tree.remove("c2");
    tree.remove("c3/mcp.ts");
    const files = snapshot(tree.cwd);
    const rows = JSON.stringify([...tree.memory.providers]);

    const planned = await plan(tree.workspace, tree.memory.registry, tree.options());
    expect(snapshot(tree.cwd)).toEqual(files);
    expect(JSON.stringify([...tree.memory.providers])).toBe(rows);
    expect(tree.memory.lent.size).toBe(0);

    const done = await tree.run();
    expect(outcomes(done)).toEqual({ c1: "updated", c2: "archived", c3: "unchanged", c6: "created" });
    const bare = ({ connectors, ...rest }: typeof done): unknown => ({
      ...rest,
      connectors: connectors.map((one) => ({ ...one, changes: [] })),
    });
    expect(bare(planned)).toEqual(bare(done));
  });
});
