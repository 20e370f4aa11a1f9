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

/** A project whose `store` 1.0.0 was decided on and approved. */
async function approved(): Promise<{ shop: Project; ada: Reviewer; digest: string }> {
  const shop = project();
  const ada = new Reviewer(shop);
  shop.write("store", store({}));
  ok(await shop.run(["run"]));
  ok(await ada.firearm("store", ["write_orders"], "REFUND_ISSUE"));
  ok(await ada.firearm("store", ["read_orders"], "DATA_EXPORT"));
  ok(await ada.kpi("store", "total_sales", "aoa"));
  const { digest } = await show(shop);
  ok(await ada.approve("store", digest));
  return { shop, ada, digest };
}

describe("approval", () => {
  it("waits until every firearm is typed and every metric mapped, and names a digest", async () => {
    const shop = project();
    const ada = new Reviewer(shop);
    shop.write("store", store({}));
    ok(await shop.run(["run"]));

    const early = await ada.approve("store");
    expect(early.code).not.toBe(0);
    expect(early.stderr + early.stdout).toMatch(/write_orders/);
    expect(early.stderr + early.stdout).toMatch(/total_sales/);

    ok(await ada.firearm("store", ["write_orders"], "REFUND_ISSUE"));
    ok(await ada.kpi("store", "total_sales", "aoa"));
    const old = (await show(shop)).digest;
    shop.write("store", store({ read: "Read all orders" }));
    ok(await shop.run(["run"]));
    const stale = await ada.approve("store", old);
    expect(stale.code).not.toBe(0);
    expect(await show(shop)).toMatchObject({ status: "draft", is_approved: false, approved_digest: null });

    ok(await ada.approve("store"));
    const shown = await show(shop);
    expect(shown).toMatchObject({ status: "approved", is_approved: true, blockers: [] });
    expect(shown.approved_digest).toBe(shown.digest);
  });
});

describe("a decision", () => {
  let shop: Project;
  let digest: string;
  const decided = async (): Promise<void> => {
    const shown = await show(shop);
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
  beforeAll(async () => {
    ({ shop, digest } = await approved());
  });

  it("stays when the manifest proposes otherwise", async () => {
    const mild = "  - {name: write_orders, requires_firearm: false, description: Harmless}\n";
    shop.write("store", store({ version: "1.0.1", write: mild, read: "Other words" }));
    ok(await shop.run(["run"]));
    await decided();
  });

  it("stays when scope and metric go and come again", async () => {
    shop.write("store", store({ version: "1.0.2", write: null, metrics: [] }));
    ok(await shop.run(["run"]));
    const without = await show(shop);
    expect(without.status).toBe("draft");
    expect(without.manifest.kpis).toEqual([]);
    shop.write("store", store({ version: "1.0.3" }));
    ok(await shop.run(["run"]));
    await decided();
  });

  it("stays when the folder goes and comes again, and the approved content needs no new approval", async () => {
    shop.remove("store");
    const gone = await shop.json<RunJson>(["run", "--allow-archive", "1"]);
    expect(gone).toMatchObject({ ok: true, summary: { archived: 1 } });
    expect(await show(shop)).toMatchObject({ status: "archived" });

    shop.write("store", store({}));
    const back = await shop.json<RunJson>(["run"]);
    expect(back).toMatchObject({ ok: true, summary: { restored: 1 } });
    await decided();
    expect(await show(shop)).toMatchObject({
      status: "approved",
      is_approved: true,
      digest,
      approved_digest: digest,
    });
  });
});

describe("new content over an approved revision", () => {
  let shop: Project;
  let ada: Reviewer;
  let digest: string;
  beforeAll(async () => {
    ({ shop, ada, digest } = await approved());
    shop.write(
      "store",
      store({ version: "1.1.0", read: "Read every order", metrics: ["total_sales", "refunds"] }),
    );
    ok(await shop.run(["run"]));
  });

  it("waits as a draft while the approved one serves", async () => {
    const shown = await show(shop);
    expect(shown).toMatchObject({ status: "draft", version: "1.1.0", approved_digest: digest });
    expect(shown.digest).not.toBe(digest);
    expect(shown.blockers).toMatchObject([{ code: "metric_unmapped", key: "refunds" }]);
  });

  it("is told to people: what serves, what waits, what differs", async () => {
    const { code, stdout } = await shop.run(["show", "store"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/approved/i);
    expect(stdout).toMatch(/draft/i);
    expect(stdout).toMatch(/1\.0\.0/);
    expect(stdout).toMatch(/1\.1\.0/);
    expect(stdout).toContain("Read orders");
    expect(stdout).toContain("Read every order");
    expect(stdout).toContain("refunds");
    const diff = await ada.diff("store");
    ok(diff);
    expect(diff.stdout).toContain("Read every order");
  });

  it("needs no approval when the approved content comes back", async () => {
    shop.write("store", store({}));
    ok(await shop.run(["run"]));
    const shown = await show(shop);
    expect(shown).toMatchObject({ status: "approved", is_approved: true, digest, approved_digest: digest });
  });

  it("is refused under the approved version, and changes nothing", async () => {
    const before = await dumpOf(shop);
    const server = shop.read("store/mcp.ts");
    shop.write("store", store({ read: "Same version but other words" }));
    const report = await shop.json<RunJson>(["run"]);
    expect(report).toMatchObject({ ok: false, summary: { updated: 0, invalid: 1 } });
    expect(report.diagnostics).toMatchObject([
      { code: "registry.version_immutable", file: "connectors/store/manifest.yaml", line: 3 },
    ]);
    expect(report.diagnostics[0]?.message).toContain("1.0.0");
    const refused = await shop.run(["run"]);
    expect(refused.code).toBe(1);
    expect(await dumpOf(shop)).toBe(before);
    expect(shop.read("store/mcp.ts")).toBe(server);
  });
});

describe("a rejected draft", () => {
  it("stays rejected until its content changes", async () => {
    const shop = project();
    const ada = new Reviewer(shop);
    shop.write("store", store({ metrics: [] }));
    ok(await shop.run(["run"]));
    ok(await ada.reject("store", "The scopes are too wide."));
    shop.write("store", store({ metrics: [] }).replace("Store", "Store # a comment"));
    ok(await shop.run(["run"]));
    expect(await show(shop)).toMatchObject({ status: "rejected", is_approved: false });
    shop.write("store", store({ metrics: [], read: "Narrower" }));
    ok(await shop.run(["run"]));
    expect(await show(shop)).toMatchObject({ status: "draft", is_approved: false });
  });
});
