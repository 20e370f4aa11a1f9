import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plan, run } from "../../src/reconcile/index.ts";
import { openPglite } from "../../src/registry/drivers/pglite.ts";
import { createRegistry, type Registry } from "../../src/registry/index.ts";
import { findings, manifest, outcomes, Tree } from "./workspace.ts";

/** The embedded registry takes a moment to open, so the tests share one, each with slugs and a source of its own. */
describe("on the embedded registry", () => {
  let directory: string;
  let registry: Registry;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "sentinel-reconcile-registry-"));
    registry = createRegistry(openPglite({ directory: join(directory, "registry") }));
    await registry.driver.migrate();
  });
  afterAll(async () => {
    await registry.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it("run creates, updates, archives and restores, and says what changed when asked", async () => {
    const tree = new Tree();
    const options = tree.options({ source: "life", withChanges: true });
    const slugs = ["life-1", "life-2", "life-3", "life-4", "life-5"];
    tree.fill(slugs);
    expect((await run(tree.workspace, registry, options)).summary).toMatchObject({ created: 5 });
    expect(await run(tree.workspace, registry, options)).toMatchObject({
      summary: { unchanged: 5 },
      connectors: [],
    });

    tree.fill(["life-1"], "products");
    const planned = await plan(tree.workspace, registry, options);
    const updated = await run(tree.workspace, registry, options);
    expect(updated).toEqual(planned);
    expect(outcomes(updated)).toEqual({ "life-1": "updated" });
    const scopes = updated.connectors[0]?.changes.filter(({ table }) => table === "connector_scopes");
    expect(new Set(scopes?.map(({ key }) => key))).toEqual(new Set(["read_orders", "read_products"]));

    tree.remove("life-2");
    const going = await plan(tree.workspace, registry, options);
    expect(going.connectors).toMatchObject([{ slug: "life-2", outcome: "archived" }]);
    expect(outcomes(await run(tree.workspace, registry, options))).toEqual({ "life-2": "archived" });
    tree.fill(["life-2"]);
    expect(outcomes(await run(tree.workspace, registry, options))).toEqual({ "life-2": "restored" });
    expect((await registry.human("me").show("life-2")).status).toBe("draft");
  });

  it("run keeps an approved version as it is", async () => {
    const tree = new Tree();
    const options = tree.options({ source: "versions" });
    tree.write("store/manifest.yaml", manifest("store", "orders", "1.0.0"));
    await run(tree.workspace, registry, options);
    const admin = registry.human("ada");
    await admin.approve("store", (await admin.show("store")).digest);

    tree.write("store/manifest.yaml", manifest("store", "products", "1.0.0"));
    const refused = await run(tree.workspace, registry, options);
    expect(findings(refused)).toEqual(["registry.version_immutable connectors/store/manifest.yaml:3"]);
    tree.write("store/manifest.yaml", manifest("store", "products", "1.1.0"));
    expect(outcomes(await run(tree.workspace, registry, options))).toEqual({ store: "updated" });
    await admin.approve("store", (await admin.show("store")).digest);

    // Of the versions approved before the last only the registry knows: it says the same in the same words.
    tree.write("store/manifest.yaml", manifest("store", "customers", "1.0.0"));
    const again = await run(tree.workspace, registry, options);
    expect(again.diagnostics).toEqual(refused.diagnostics);
  });

  it("run refuses what another source has, by slug and by vault prefix", async () => {
    const tree = new Tree();
    tree.fill(["their-shop", "their-store"]);
    await run(tree.workspace, registry, tree.options({ source: "theirs" }));
    const other = new Tree();
    other.fill(["their-shop", "their_store", "own-shop"]);
    const report = await run(other.workspace, registry, other.options({ source: "ours" }));
    expect(outcomes(report)).toEqual({
      "own-shop": "created",
      "their-shop": "invalid",
      their_store: "invalid",
    });
    expect(findings(report)).toEqual([
      "registry.slug_taken connectors/their-shop/manifest.yaml:1",
      "registry.vault_prefix_taken connectors/their_store/manifest.yaml:1",
    ]);
  });

  it("a pass over one folder says the same as a pass over all", async () => {
    const tree = new Tree();
    const options = tree.options({ source: "some" });
    tree.fill(["some-1", "some-2", "their-shop"]);
    const one = await run(tree.workspace, registry, { ...options, slugs: ["some-1", "their-shop"] });
    expect(outcomes(one)).toEqual({ "some-1": "created", "their-shop": "invalid" });
    const all = await run(tree.workspace, registry, options);
    expect(outcomes(all)).toEqual({ "some-2": "created", "their-shop": "invalid" });
    expect(all.diagnostics).toEqual(one.diagnostics);
  });
});
