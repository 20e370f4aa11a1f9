import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tool } from "../../../src/manifest/index.ts";
import { type CallAnswer, type Engine, ToolFailure } from "../../../src/runtime/index.ts";
import { ENGINES, type Fixture, stopEngines } from "../../contract/engines.ts";
import { connector, getter, house } from "../serve/house.ts";

const folder = mkdtempSync(join(tmpdir(), "sentinel-reads-"));
const file = join(folder, "app.db");
let fixture: Fixture;
let engine: Engine;

/** A tool that runs an agent's own SQL. */
const query = (name: string, changes: Partial<Tool>): Tool =>
  getter(name, {
    input: { type: "object", properties: { sql: { type: "string" } }, required: ["sql"] },
    rest: null,
    sql: { database: "local_path", file, query: null, query_field: "sql", params: {}, response: null },
    ...changes,
  });

beforeAll(async () => {
  new DatabaseSync(file).exec("create table t (v)");
  const [embedded] = ENGINES;
  if (embedded === undefined) throw new Error("no engine");
  fixture = await embedded.open();
  const made = house(fixture.registry);
  const tools = [
    query("change", { side_effecting: true }),
    query("armed_change", { side_effecting: true, scopes: ["armed"] }),
  ];
  const auth = { type: "none", whoami: null } as const;
  const armed = {
    ...{ name: "armed", type: null, category: null, description: null, source: null, since: null },
    ...{ requires_firearm: true, firearm_type: "PRICING_UPDATE" },
  };
  await made.approve({ ...connector("files", "example.com", tools), auth, scopes: [armed] });
  engine = made.engine();
});

afterAll(async () => {
  await engine?.close();
  await fixture?.close();
  await stopEngines();
  rmSync(folder, { recursive: true });
});

async function run(sql: string, tool = "change"): Promise<CallAnswer | string> {
  const request = { agent: "ann", connector: "files", tool, account: null, input: { sql }, key: null };
  return engine.gate
    .call({ ...request, signal: AbortSignal.timeout(10_000) })
    .catch((error: unknown) => (error instanceof ToolFailure ? error.code : String(error)));
}

const rows = (...values: number[]) => ({
  value: { items: values.map((n) => ({ n })) },
  receipt: null,
  replayed: false,
});

describe("an agent's own query on a tool that may write", () => {
  it("sees what was written since it was last made, as it only reads", async () => {
    const count = "select count(*) as n from t";
    expect(await run(count)).toMatchObject(rows(0));
    expect(await run("insert into t values (1)")).toMatchObject({ receipt: { outcome: "succeeded" } });
    expect(await run(count)).toMatchObject(rows(1));
    expect(await run("\n VALUES (3)")).toMatchObject({ receipt: null });
    expect(await run("pragma table_info(t)")).toMatchObject({ receipt: null });
  });

  it("is made once where it may write, and is held to reading where it says so", async () => {
    const insert = "insert into t values (2)";
    expect(await run(insert)).toMatchObject({ replayed: false });
    expect(await run(insert)).toMatchObject({ replayed: true });
    expect(await run("with two(n) as (select 2) insert into t select n from two")).toMatchObject({
      receipt: { outcome: "succeeded" },
    });
    expect(await run("pragma user_version = 5")).toBe("sql.refused");
    expect(await run("explain delete from t")).toBe("sql.refused");
    expect(await run("select count(*) as n from t")).toMatchObject(rows(3));
  });

  it("is refused by a read-only runtime as its tool is, and the plan says so", async () => {
    const reader = house(fixture.registry).engine({ mode: "readonly" });
    const request = { agent: "ann", connector: "files", tool: "change", account: null, key: null };
    const asked = { ...request, input: { sql: "select 1 as n" }, signal: AbortSignal.timeout(10_000) };
    expect(await reader.gate.plan(asked)).toMatchObject({ side_effecting: false, refused: "mode.readonly" });
    await expect(reader.gate.call(asked)).rejects.toMatchObject({ code: "mode.readonly" });
    await reader.close();
  });

  it("spends a firearm as any call of its tool does", async () => {
    expect(await run("select 1 as n", "armed_change")).toBe("firearms.missing_grant");
  });
});
