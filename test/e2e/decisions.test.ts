/** What a person has decided survives whatever the folders do; what was approved keeps serving until it is replaced. */
import { beforeAll, describe, expect, it } from "vitest";
import {
  dumpOf,
  type Finished,
  type Project,
  project,
  Reviewer,
  type RunJson,
  type ShowJson,
} from "./helpers.ts";

interface Parts {
  version?: string;
  read?: string;
  write?: string | null;
  metrics?: readonly string[];
}

const WRITE = "  - {name: write_orders, requires_firearm: true, description: Change orders}\n";

function store({
  version = "1.0.0",
  read = "Read orders",
  write = WRITE,
  metrics = ["total_sales"],
}: Parts): string {
  const kpis = metrics.map((raw) => `  - {raw: ${raw}, standard: gross_sales}\n`).join("");
  return `provider_slug: store
display_name: Store
version: ${version}
scopes:
  - {name: read_orders, description: ${read}}
${write ?? ""}${kpis === "" ? "" : `kpis:\n${kpis}`}`;
}

function ok(finished: Finished): void {
  expect(finished, finished.stderr + finished.stdout).toMatchObject({ code: 0 });
}

const show = (from: Project): Promise<ShowJson> => from.json<ShowJson>(["show", "store"]);

const scopeOf = (shown: ShowJson, name: string): Record<string, unknown> | undefined =>
  shown.scopes.find((scope) => scope.scope_name === name);

/** Runs, and gives the digest of the store's content. */
async function registered(shop: Project): Promise<string> {
  const ran = await shop.run(["run", "--format", "json"]);
  ok(ran);
  return ran.json<RunJson>().connectors.find(({ slug }) => slug === "store")?.digest ?? "";
}

describe("one connector's life", () => {
  let shop: Project;
  let ada: Reviewer;
  /** Of the approved content, version 1.0.0. */
  let digest: string;
  beforeAll(() => {
    shop = project();
    ada = new Reviewer(shop);
  });

  /** Every decision is as it was taken, and nothing is left to decide. */
  const decided = (shown: ShowJson): void => {
    expect(scopeOf(shown, "write_orders")).toMatchObject({
      requires_firearm: true,
      firearm_type_id: "REFUND_ISSUE",
    });
    expect(scopeOf(shown, "read_orders")).toMatchObject({
      requires_firearm: true,
      firearm_type_id: "DATA_EXPORT",
    });
    expect(shown.kpi_mappings).toMatchObject([{ raw_metric_name: "total_sales", core_kpi_slug: "aoa" }]);
    expect(shown.blockers).toEqual([]);
  };

  it("is not approved before every firearm is typed and every metric mapped", async () => {
    shop.write("store", store({ read: "Read some orders" }));
    const early = await ada.approve("store", await registered(shop));
    expect(early.code).not.toBe(0);
    expect(early.stderr + early.stdout).toMatch(/write_orders/);
    expect(early.stderr + early.stdout).toMatch(/total_sales/);
    ok(await ada.firearm("store", ["write_orders"], "REFUND_ISSUE"));
    ok(await ada.firearm("store", ["read_orders"], "DATA_EXPORT"));
    ok(await ada.kpi("store", "total_sales", "aoa"));
  });

  it("is approved under the digest that it has, and under no other", async () => {
    const seen = (await show(shop)).digest;
    shop.write("store", store({}));
    digest = await registered(shop);
    expect(digest).not.toBe(seen);
    const stale = await ada.approve("store", seen);
    expect(stale.code).not.toBe(0);
    expect(await show(shop)).toMatchObject({ status: "draft", is_approved: false, approved_digest: null });

    ok(await ada.approve("store", digest));
    const shown = await show(shop);
    expect(shown).toMatchObject({ status: "approved", is_approved: true, digest, approved_digest: digest });
    decided(shown);
  });

  it("keeps its decisions when the manifest proposes otherwise", async () => {
    const mild = "  - {name: write_orders, requires_firearm: false, description: Harmless}\n";
    shop.write("store", store({ version: "1.0.1", write: mild, read: "Other words" }));
    await registered(shop);
    decided(await show(shop));
  });

  it("keeps them when scope and metric go and come again", async () => {
    shop.write("store", store({ version: "1.0.2", write: null, metrics: [] }));
    await registered(shop);
    const without = await show(shop);
    expect(without.status).toBe("draft");
    expect(without.manifest.kpis).toEqual([]);
    shop.write("store", store({ version: "1.0.3" }));
    await registered(shop);
    decided(await show(shop));
  });

  it("keeps them when the folder goes and comes again; approved content needs no new approval", async () => {
    shop.remove("store");
    const gone = await shop.json<RunJson>(["run", "--allow-archive", "1"]);
    expect(gone).toMatchObject({ ok: true, summary: { archived: 1 } });
    expect(await show(shop)).toMatchObject({ status: "archived" });

    shop.write("store", store({}));
    const back = await shop.json<RunJson>(["run"]);
    expect(back).toMatchObject({ ok: true, summary: { restored: 1 } });
    const shown = await show(shop);
    decided(shown);
    expect(shown).toMatchObject({ status: "approved", is_approved: true, digest, approved_digest: digest });
  });

  it("serves what was approved while new content waits as a draft", async () => {
    shop.write(
      "store",
      store({ version: "1.1.0", read: "Read every order", metrics: ["total_sales", "refunds"] }),
    );
    await registered(shop);
    const shown = await show(shop);
    expect(shown).toMatchObject({ status: "draft", version: "1.1.0", approved_digest: digest });
    expect(shown.digest).not.toBe(digest);
    expect(shown.blockers).toMatchObject([{ code: "metric_unmapped", key: "refunds" }]);
  });

  it("tells people what serves, what waits and what differs", async () => {
    const { code, stdout } = await shop.run(["show", "store"]);
    expect(code).toBe(0);
    for (const word of [
      /approved/i,
      /draft/i,
      /1\.0\.0/,
      /1\.1\.0/,
      /Read orders/,
      /Read every order/,
      /refunds/,
    ]) {
      expect(stdout).toMatch(word);
    }
    const diff = await ada.diff("store");
    ok(diff);
    expect(diff.stdout).toContain("Read every order");
  });

  it("needs no approval when the approved content comes back", async () => {
    shop.write("store", store({}));
    await registered(shop);
    expect(await show(shop)).toMatchObject({
      status: "approved",
      is_approved: true,
      digest,
      approved_digest: digest,
    });
  });

  it("is refused other content under an approved version, and nothing changes", async () => {
    const before = await dumpOf(shop);
    const server = shop.read("store/mcp.ts");
    shop.write("store", store({ read: "Same version but other words" }));
    const ran = await shop.run(["run", "--format", "json"]);
    expect(ran.code).toBe(1);
    const report = ran.json<RunJson>();
    expect(report).toMatchObject({ ok: false, summary: { updated: 0, invalid: 1 } });
    expect(report.diagnostics).toMatchObject([
      { code: "registry.version_immutable", file: "connectors/store/manifest.yaml", line: 3 },
    ]);
    expect(report.diagnostics[0]?.message).toContain("1.0.0");
    expect(await dumpOf(shop)).toBe(before);
    expect(shop.read("store/mcp.ts")).toBe(server);
  });

  it("stays rejected until its content changes", async () => {
    shop.write("store", store({ version: "2.0.0" }));
    await registered(shop);
    ok(await ada.reject("store", "The scopes are too wide."));
    shop.write("store", store({ version: "2.0.0" }).replace("Store", "Store # a comment"));
    await registered(shop);
    // What was approved before keeps serving.
    expect(await show(shop)).toMatchObject({ status: "rejected", approved_digest: digest });
    shop.write("store", store({ version: "2.0.0", read: "Narrower" }));
    await registered(shop);
    expect(await show(shop)).toMatchObject({ status: "draft", approved_digest: digest });
  });
});
