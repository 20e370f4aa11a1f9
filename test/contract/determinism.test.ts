import { afterAll, expect, it } from "vitest";
import type { BatchEntry } from "../../src/registry/index.ts";
import { dumpRegistry } from "../helpers/dump.ts";
import { describeEach } from "../helpers/ways.ts";
import { ENGINES, type Fixture, stopEngines } from "./engines.ts";
import { archive, entry, kpi, register, scope, tool } from "./manifests.ts";

afterAll(stopEngines);

async function dump(fixture: Fixture): Promise<string> {
  return fixture.sql((sql) =>
    dumpRegistry(async (statement) => {
      const [row] = await sql(statement);
      const value = row && Object.values(row)[0];
      return typeof value === "string" ? value : null;
    }),
  );
}

const full = (n: number, summary: string | null = null): BatchEntry =>
  entry(`conn-${n}`, {
    summary,
    version: "1.0.0",
    auth: {
      type: "oauth2",
      authorization_url: null,
      token_url: "https://x.example/t",
      refresh_url: null,
      grant: "client_credentials",
      pkce: false,
      scopes: {},
      whoami: null,
    },
    scopes: [
      scope("read", { category: "b" }),
      scope("write", { category: "a", requires_firearm: true, firearm_type: "system" }),
    ],
    kpis: [kpi("total"), kpi("count", { standard: "orders" })],
    budgets: [{ name: "ads", description: null }],
    utm_capabilities: ["email", "social"],
    tools: [tool("one"), tool("two")],
  });

const edited = (n: number): BatchEntry =>
  entry(`conn-${n}`, {
    scopes: [scope("other", { category: "c" })],
    kpis: [kpi("passing")],
    budgets: [{ name: "gone", description: null }],
    utm_capabilities: ["print"],
    tools: [tool("three")],
  });

async function decide({ registry }: Fixture): Promise<void> {
  await registry
    .human("jane")
    .setScopes("conn-3", ["read"], { requires_firearm: true, firearm_type: "DATA_EXPORT" });
  await registry.human("jane").mapKpi("conn-3", "total", "mer");
  await registry.human("jane").mapKpi("conn-3", "count", "aoa");
}

/** The parts of a manifest that have tables of their own. */
const PARTS = ["kpis", "scopes", "utm_capabilities", "auth", "tools", "budgets"];

/** One manifest with some parts of another. */
function mixed(one: BatchEntry, other: BatchEntry, parts: readonly string[]): BatchEntry {
  const taken = Object.fromEntries(parts.map((part) => [part, other.manifest[part] ?? null]));
  return entry("conn-3", { ...one.manifest, ...taken });
}

describeEach(ENGINES.slice(0, 2), "determinism on", ({ open }) => {
  it("parts that change one after the other give the same bytes as all at once", async () => {
    const [once, stepwise] = [await open(), await open()];
    try {
      for (const fixture of [once, stepwise]) {
        await register(fixture.registry, "s", full(3));
        await decide(fixture);
        await fixture.registry.human("jane").approve("conn-3", full(3).digest);
      }
      const there = mixed(full(3), edited(3), PARTS);
      await register(once.registry, "s", there);
      for (const [at] of PARTS.entries()) {
        await register(stepwise.registry, "s", mixed(full(3), edited(3), PARTS.slice(0, at + 1)));
      }
      expect(await dump(stepwise)).toBe(await dump(once));
      await register(once.registry, "s", full(3));
      for (const [at] of PARTS.entries()) {
        await register(stepwise.registry, "s", mixed(there, full(3), PARTS.slice(0, at + 1)));
      }
      expect(await dump(stepwise)).toBe(await dump(once));
    } finally {
      await once.close();
      await stepwise.close();
    }
  });

  it("any order and any number of edits on the way give the same bytes", async () => {
    const [straight, winding] = [await open(), await open()];
    try {
      const all = [1, 2, 3, 4, 5].map((n) => full(n));
      await register(straight.registry, "s", ...all);
      await decide(straight);
      await straight.registry.human("jane").approve("conn-3", full(3).digest);

      const { registry } = winding;
      for (const n of [5, 3, 1]) await register(registry, "s", full(n, "First."));
      await decide(winding);
      await register(registry, "s", edited(1), edited(5), edited(3));
      await archive(registry, "s", "conn-5");
      await register(registry, "s", full(4), full(2));
      await register(registry, "s", full(3), full(1));
      await registry.human("joe").approve("conn-3", full(3).digest);
      await register(registry, "s", edited(2), edited(3));
      await register(registry, "s", full(5), full(2), full(3));

      const [a, b] = [await dump(straight), await dump(winding)];
      expect(a).toContain('"is_approved": true');
      expect(b).toBe(a);
    } finally {
      await straight.close();
      await winding.close();
    }
  });
});
