import { linkSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RegistryUnavailable } from "../../src/base/index.ts";
import { Reconciler } from "../../src/reconcile/index.ts";
import { findings, manifest, outcomes, Tree } from "./workspace.ts";

const away = (): RegistryUnavailable => new RegistryUnavailable("registry.unavailable", "gone", "wait");

describe("a generated file", () => {
  it("that somebody wrote is left alone, and nothing is registered", async () => {
    const tree = new Tree();
    tree.fill(["shop", "c1"]);
    tree.write("shop/mcp.ts", "// my own\n");
    const report = await tree.run();
    expect(findings(report)).toEqual(["generated.foreign_file connectors/shop/mcp.ts:1"]);
    expect(outcomes(report)).toEqual({ c1: "created", shop: "invalid" });
    expect(tree.read("shop/mcp.ts")).toBe("// my own\n");
  });

  it.each([
    ["a link", (path: string, other: string) => symlinkSync(other, path)],
    ["a link to nothing", (path: string) => symlinkSync("/nowhere/at/all", path)],
    ["a folder", (path: string) => mkdirSync(path)],
  ])("that is %s is never written through", async (_what, make) => {
    const tree = new Tree();
    tree.fill(["shop"]);
    const other = join(tree.cwd, "other.txt");
    writeFileSync(other, "precious");
    make(tree.path("shop/mcp.ts"), other);
    const report = await tree.run();
    expect(outcomes(report)).toEqual({ shop: "invalid" });
    expect(report.diagnostics.map(({ code }) => code)).toContain("generated.foreign_file");
    expect(readFileSync(other, "utf8")).toBe("precious");
  });

  it("with a second name is replaced, and the other name keeps its content", async () => {
    const tree = new Tree();
    tree.fill(["shop"]);
    await tree.run();
    const old = tree.read("shop/mcp.ts");
    const other = join(tree.cwd, "other.ts");
    linkSync(tree.path("shop/mcp.ts"), other);
    tree.write("shop/manifest.yaml", manifest("shop", "products"));
    expect(outcomes(await tree.run())).toEqual({ shop: "updated" });
    expect(readFileSync(other, "utf8")).toBe(old);
  });

  it("that can't be written leaves the old one and the old revision, and the neighbours go on", async () => {
    const tree = new Tree();
    tree.fill(["shop", "c1"]);
    await tree.run();
    const old = tree.read("shop/mcp.ts");
    tree.fill(["shop", "c1"], "products");
    // A folder where the unfinished file would be: nobody can write that, not even the superuser.
    tree.write(`shop/.sentinel-${process.pid}0.tmp/full`, "");
    const report = await tree.run();
    expect(findings(report)).toEqual(["generated.not_written connectors/shop/mcp.ts:1"]);
    expect(outcomes(report)).toEqual({ c1: "updated", shop: "invalid" });
    expect(tree.read("shop/mcp.ts")).toBe(old);
    tree.remove(`shop/.sentinel-${process.pid}0.tmp`);
    expect(outcomes(await tree.run())).toEqual({ shop: "updated" });
  });

  it("that a killed process left unfinished is cleared away", async () => {
    const tree = new Tree();
    tree.fill(["shop"]);
    await tree.run();
    tree.write("shop/.sentinel-123450.tmp", "half a fi");
    expect(await tree.run()).toMatchObject({ summary: { unchanged: 1 } });
    expect(tree.list("shop")).toEqual(["manifest.yaml", "mcp.ts"]);
  });

  it("of data that is not needed any more goes", async () => {
    const tree = new Tree();
    const tools = Array.from(
      { length: 100 },
      (_, at) => `  - name: tool_${at}\n    description: ${"x".repeat(1900)}\n    scopes: [scope_0]\n`,
    );
    const text = (short: boolean): string =>
      `provider_slug: big\ndisplay_name: Big\nscopes:\n  - name: scope_0\n${short ? "" : `tools:\n${tools.join("")}`}`;
    tree.write("big/manifest.yaml", text(false));
    expect((await tree.run()).diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    const before = tree.list("big");
    tree.write("big/manifest.yaml", text(true));
    const report = await tree.run();
    expect(before).toContain("mcp.data.json");
    expect(report.connectors[0]?.files).toEqual([
      { path: "connectors/big/mcp.ts", action: "update" },
      { path: "connectors/big/mcp.data.json", action: "delete" },
    ]);
    expect(tree.list("big")).toEqual(["manifest.yaml", "mcp.ts"]);
  });
});

describe("the registry", () => {
  it("may lose replies: each call is made again, and the report says what was done", async () => {
    const tree = new Tree();
    tree.fill(["c1", "c2"]);
    const lost = new Set<string>();
    tree.memory.after = (call) => {
      if (lost.has(call)) return;
      lost.add(call);
      throw away();
    };
    expect(await tree.run()).toMatchObject({ ok: true, summary: { created: 2 } });
    expect(lost).toEqual(new Set(["fingerprints", "lease", "apply", "release"]));
  });

  it("may be away for good: the run ends with that, and the next one does the work", async () => {
    const tree = new Tree();
    tree.fill(["c1", "c2"]);
    tree.memory.before = (call) => {
      if (call === "apply") throw away();
    };
    await expect(tree.run()).rejects.toBeInstanceOf(RegistryUnavailable);
    expect(tree.memory.lent.size).toBe(0);
    tree.memory.before = () => {};
    expect(await tree.run()).toMatchObject({ ok: true, summary: { created: 2 } });
  });

  it("may refuse what the planner could not know of", async () => {
    const tree = new Tree();
    tree.fill(["c1", "c2"]);
    tree.memory.before = async (call) => {
      if (call !== "apply") return;
      tree.memory.before = () => {};
      const { token } = await tree.memory.lease("theirs", "them", 1);
      await tree.memory.apply("theirs", token, [
        { digest: "d", manifest: { provider_slug: "c1" }, files: {} },
      ]);
    };
    const report = await tree.run();
    expect(outcomes(report)).toEqual({ c1: "invalid", c2: "created" });
    expect(findings(report)).toEqual(["registry.slug_taken connectors/c1/manifest.yaml:1"]);
  });

  it("may be written by another: who does not get the lease changes no file", async () => {
    const tree = new Tree();
    tree.fill(["c1"]);
    await tree.memory.lease("mine", "host:1", 10);
    let now = 0;
    const clock = { now: () => (now += 4000) };
    await expect(tree.run({ clock })).rejects.toMatchObject({
      code: "registry.lease_held",
      message: expect.stringContaining("host:1"),
    });
    expect(tree.list("c1")).toEqual(["manifest.yaml"]);
  });

  it("is waited for a moment while another writes", async () => {
    const tree = new Tree();
    tree.fill(["c1"]);
    const { token } = await tree.memory.lease("mine", "host:1", 10);
    setTimeout(() => tree.memory.release("mine", token), 400);
    expect(await tree.run()).toMatchObject({ summary: { created: 1 } });
    expect(tree.memory.lent.size).toBe(0);
  });

  it("gets large trees in batches, each under one lease", async () => {
    const tree = new Tree();
    tree.fill(Array.from({ length: 1100 }, (_, at) => `c${at}`));
    const calls: string[] = [];
    tree.memory.before = (call) => {
      calls.push(call);
    };
    expect(await tree.run()).toMatchObject({ ok: true, summary: { created: 1100 } });
    expect(calls.filter((call) => call === "apply")).toHaveLength(3);
    expect(new Set([...tree.memory.providers.values()].map(({ slug }) => slug)).size).toBe(1100);
    expect(await tree.run()).toMatchObject({ summary: { unchanged: 1100 }, connectors: [] });
  });
});

describe("the cache", () => {
  it.each([
    ["garbage", () => "garbage"],
    ["nothing", () => ""],
    ["cut", (whole: Buffer) => whole.subarray(0, whole.length - 9)],
    ["flipped", (whole: Buffer) => Buffer.from(whole).fill(0x31, 200, 201)],
    ["flipped at its end", (whole: Buffer) => Buffer.from(whole).fill(0x31, whole.length - 1)],
  ])("may be %s: the run is the same", async (_what, damage) => {
    const tree = new Tree();
    tree.fill(["c1", "c2"]);
    await tree.run();
    const path = join(tree.workspace.cacheDir, "folders.bin");
    const whole = readFileSync(path);
    writeFileSync(path, damage(whole));
    expect(await tree.run()).toMatchObject({ ok: true, summary: { unchanged: 2 }, diagnostics: [] });
    expect(readFileSync(path).equals(whole)).toBe(true);
  });

  it("may not be writable: a warning says so, and all else is done", async () => {
    const tree = new Tree();
    tree.fill(["c1"]);
    mkdirSync(join(tree.cwd, ".sentinel"));
    writeFileSync(tree.workspace.cacheDir, "a file where the folder should be");
    const report = await tree.run();
    expect(report).toMatchObject({ ok: true, summary: { created: 1 } });
    expect(findings(report)).toEqual(["cache.not_written .sentinel/cache:1"]);
  });

  it("is not written through a link", async () => {
    const tree = new Tree();
    tree.fill(["c1"]);
    const other = join(tree.cwd, "precious");
    writeFileSync(other, "precious");
    mkdirSync(tree.workspace.cacheDir, { recursive: true });
    symlinkSync(other, join(tree.workspace.cacheDir, "folders.bin"));
    await tree.run();
    expect(readFileSync(other, "utf8")).toBe("precious");
    expect(() => readlinkSync(join(tree.workspace.cacheDir, "folders.bin"))).toThrow();
  });

  it("of another tree is of no use", async () => {
    const tree = new Tree();
    tree.fill(["c1"]);
    await tree.run();
    const other = new Tree();
    other.fill(["c1"], "products");
    mkdirSync(other.workspace.cacheDir, { recursive: true });
    const bytes = readFileSync(join(tree.workspace.cacheDir, "folders.bin"));
    writeFileSync(join(other.workspace.cacheDir, "folders.bin"), bytes);
    expect(outcomes(await other.run())).toEqual({ c1: "created" });
  });

  it("gives the warnings again that reading gave", async () => {
    const tree = new Tree();
    tree.write(
      "shop/manifest.yaml",
      `${manifest("shop")}tools:\n  - name: look\n    scopes: [read_orders]\n`,
    );
    const first = await tree.run();
    expect(findings(first)).toEqual(["tool.no_executor connectors/shop/manifest.yaml:7"]);
    const second = await tree.run();
    expect(second.connectors).toEqual([]);
    expect(second.diagnostics).toEqual(first.diagnostics);
  });
});

describe("a pass over some folders", () => {
  const reconciler = (tree: Tree): Reconciler =>
    new Reconciler(tree.workspace, tree.memory.registry, tree.options());
  const pass = { allowArchive: 0, withChanges: false };
  const ten = Array.from({ length: 10 }, (_, at) => `c${at}`);

  it("registers those, and nothing of the others", async () => {
    const tree = new Tree();
    tree.fill(ten);
    const daemon = reconciler(tree);
    const report = await daemon.run({ ...pass, slugs: ["c3", "c1"] });
    expect(outcomes(report)).toEqual({ c1: "created", c3: "created" });
    tree.write("c1/manifest.yaml", manifest("c1", "products"));
    expect(outcomes(await daemon.run({ ...pass, slugs: ["c1"] }))).toEqual({ c1: "updated" });
    await daemon.close();
  });

  it("archives those that are gone, but not the tree bit by bit", async () => {
    const tree = new Tree();
    tree.fill(ten);
    const daemon = reconciler(tree);
    await daemon.run(pass);
    tree.remove("c0");
    expect(outcomes(await daemon.run({ ...pass, slugs: ["c0"] }))).toEqual({ c0: "archived" });
    tree.remove("c1");
    expect(outcomes(await daemon.run({ ...pass, slugs: ["c1"] }))).toEqual({ c1: "archived" });
    tree.remove("c2");
    const third = await daemon.run({ ...pass, slugs: ["c2", "c9"] });
    expect(findings(third)).toEqual(["plan.archive_budget connectors:1"]);
    expect(tree.memory.providers.get("c2")?.status).toBe("draft");
    await daemon.close();
  });

  it("counts what else is gone", async () => {
    const tree = new Tree();
    tree.fill(ten);
    await tree.run();
    for (const slug of ten.slice(0, 5)) tree.remove(slug);
    const report = await tree.run({ slugs: ["c0"] });
    expect(findings(report)).toEqual(["plan.archive_budget connectors:1"]);
  });

  it("changes nothing while the whole folder is gone", async () => {
    const tree = new Tree();
    tree.fill(ten);
    await tree.run();
    rmSync(tree.workspace.connectors, { recursive: true });
    expect(findings(await tree.run({ slugs: ["c0"] }))).toEqual(["root.missing connectors:1"]);
    expect(tree.memory.providers.get("c0")?.status).toBe("draft");
  });

  it("sees that a folder's vault prefix is taken by one that was not asked for", async () => {
    const tree = new Tree();
    tree.fill(["a-b"]);
    const daemon = reconciler(tree);
    await daemon.run(pass);
    tree.fill(["a_b"]);
    const report = await daemon.run({ ...pass, slugs: ["a_b"] });
    expect(findings(report)).toEqual(["folder.vault_collision connectors/a_b/manifest.yaml:1"]);
    expect(tree.memory.providers.has("a_b")).toBe(false);
    await daemon.close();
  });
});
