import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/base/index.ts";
import { digestOf } from "../../../src/manifest/index.ts";
import { run, type Workspace } from "../../../src/reconcile/index.ts";
import { openPglite } from "../../../src/registry/drivers/pglite.ts";
import { createRegistry, type Registry } from "../../../src/registry/index.ts";
import { ApprovedConnectors } from "../../../src/runtime/gate/approved.ts";
import { approvedService } from "../../../src/runtime/gate/service.ts";

const CONNECTORS = fileURLToPath(new URL("../../../connectors", import.meta.url));
const SERVICE = "export function hold(input: { id: string }) {\n  return { held: input.id };\n}\n";
const MANIFEST = `provider_slug: "coded"
display_name: "Coded"
version: "1.0.0"
tools:
  - name: "hold"
    side_effecting: true
    input:
      type: "object"
      properties: { id: { type: "string" } }
      additionalProperties: false
    handler: "hold"
`;

describe("what is approved", () => {
  const cwd = mkdtempSync(join(tmpdir(), "sentinel-approved-"));
  const connectors = join(cwd, "connectors");
  const workspace: Workspace = { cwd, connectors, display: "connectors", cacheDir: join(cwd, "cache") };
  const registry: Registry = createRegistry(openPglite({ directory: join(cwd, "registry") }));
  const person = registry.human("jane");
  const approved = new ApprovedConnectors({ runtime: registry.runtime, digestOf, freshMs: 0 });
  const service = approvedService(registry.runtime, approved);

  async function register(): Promise<void> {
    const options = { source: "mine", allowArchive: 0, withChanges: false, clock: systemClock, holder: "me" };
    const { ok, diagnostics } = await run(workspace, registry, options);
    if (!ok) throw new Error(JSON.stringify(diagnostics.filter(({ severity }) => severity === "error")));
  }

  async function approve(slug: string): Promise<string> {
    await person.setScopes(slug, null, { requires_firearm: false, firearm_type: null });
    const { metrics, digest } = await person.show(slug);
    for (const metric of metrics) await person.mapKpi(slug, String(metric.raw_metric_name), "mer");
    await person.approve(slug, digest);
    return digest;
  }

  const coded = (file: string, text: string): void => writeFileSync(join(connectors, "coded", file), text);
  const served = async () => {
    const one = (await approved.current()).connectors.get("coded");
    if (one === undefined) throw new Error("coded is not served");
    return { digest: one.digest, service: await service(one.manifest), tool: one.tool("hold") };
  };

  beforeAll(async () => {
    mkdirSync(join(connectors, "coded"), { recursive: true });
    coded("manifest.yaml", MANIFEST);
    coded("service.ts", SERVICE);
    for (const entry of readdirSync(CONNECTORS, { withFileTypes: true }).filter((one) => one.isDirectory())) {
      cpSync(join(CONNECTORS, entry.name), join(connectors, entry.name), { recursive: true });
    }
    await register();
  });
  afterAll(async () => {
    await registry.close();
    rmSync(cwd, { recursive: true, force: true });
  });

  it("has the digest that its content gives, of every connector, after the way through the database", async () => {
    const slugs = (await person.list()).map(({ provider_slug }) => provider_slug);
    expect(slugs.length).toBeGreaterThan(8);
    const digests: Record<string, string> = {};
    for (const slug of slugs) digests[slug] = await approve(slug);
    const { connectors: found, refused } = await approved.refresh();
    expect([...refused]).toEqual([]);
    expect(Object.fromEntries([...found].map(([slug, { digest }]) => [slug, digest]))).toEqual(digests);
  });

  it.each([
    ["service.ts", SERVICE.replace("held", "kept")],
    ["manifest.yaml", MANIFEST.replace('"string"', '"number"').replace("1.0.0", "1.1.0")],
    ["manifest.yaml", MANIFEST.replace("Coded", "CodeD").replace("1.0.0", "1.2.0")],
  ])("goes on being served as it was when %s changes in the folder", async (file, text) => {
    const before = await served();
    expect(before.service).toBe(SERVICE);
    // An approved version never changes, so a new text needs a new version.
    if (file === "service.ts") coded("manifest.yaml", MANIFEST.replace("1.0.0", "1.0.1"));
    coded(file, text);
    await register();
    expect((await person.show("coded")).status).toBe("draft");
    expect(await served()).toEqual(before);
    coded("manifest.yaml", MANIFEST);
    coded("service.ts", SERVICE);
    await register();
    expect((await person.show("coded")).status).toBe("approved");
  });

  it("tells whoever listens when something else is served, and at no other time", async () => {
    const states: string[] = [];
    const stop = approved.onChange(({ connectors: list }) =>
      states.push([...list.keys()].includes("coded") ? "in" : "out"),
    );
    await approved.refresh();
    coded("service.ts", `${SERVICE}// A draft.\n`);
    coded("manifest.yaml", MANIFEST.replace("1.0.0", "1.3.0"));
    await register();
    await approved.refresh();
    expect(states).toEqual([]);
    const digest = await approve("coded");
    expect((await served()).service).toContain("A draft.");
    await person.deprecate("coded", "Old.");
    await approved.refresh();
    expect(states).toEqual(["in", "out"]);
    stop();
    await person.approve("coded", digest);
    await approved.refresh();
    expect(states.length).toBe(2);
    expect(readFileSync(join(connectors, "coded", "mcp.ts"), "utf8")).toContain(digest.slice(0, 12));
  });
});
