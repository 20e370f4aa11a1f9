import { describe, expect, it } from "vitest";
import type { ReconcileReport } from "../../src/reconcile/index.ts";
import { Echo } from "../../src/watch/echo.ts";

const report = (action: "update" | "unchanged"): ReconcileReport => ({
  ok: true,
  summary: { created: 0, updated: 1, unchanged: 0, archived: 0, restored: 0, invalid: 0 },
  connectors: [
    {
      slug: "shopify",
      outcome: "updated",
      digest: null,
      files: [{ path: "connectors/shopify/mcp.ts", action }],
      changes: [],
    },
  ],
  diagnostics: [],
});

function heard(...below: string[]): Echo {
  const echo = new Echo();
  echo.begin();
  for (const path of below) echo.heard("shopify", path);
  return echo;
}

describe("echo of our own writes", () => {
  it("is what the pass wrote and nothing else", () => {
    expect(heard("mcp.ts").end(report("update"))).toEqual(["shopify"]);
    expect(heard("mcp.ts", "manifest.yaml").end(report("update"))).toEqual([]);
    expect(heard("tools/mcp.ts").end(report("update"))).toEqual([]);
    expect(heard("").end(report("update"))).toEqual([]);
  });

  it("is not what somebody else wrote", () => {
    expect(heard("mcp.ts").end(report("unchanged"))).toEqual([]);
  });

  it("forgets what it heard with each pass", () => {
    const echo = heard("manifest.yaml");
    echo.end(null);
    echo.begin();
    echo.heard("shopify", "mcp.ts");
    expect(echo.end(report("update"))).toEqual(["shopify"]);
  });
});
