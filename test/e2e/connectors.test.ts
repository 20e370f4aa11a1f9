import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Manifest, openReader, type Reader } from "../../src/manifest/index.ts";
import { check } from "../../src/reconcile/index.ts";

const cwd = fileURLToPath(new URL("../..", import.meta.url));
const root = join(cwd, "connectors");
const folders = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

let reader: Reader;
let cacheDir: string;
beforeAll(() => {
  reader = openReader({ root, display: "connectors" });
  // A cache of its own: what stands in the tree's cache must not answer for the tree.
  cacheDir = mkdtempSync(join(tmpdir(), "sentinel-connectors-"));
});
afterAll(async () => {
  await reader.close();
  rmSync(cacheDir, { recursive: true, force: true });
});

async function manifestOf(slug: string): Promise<Manifest> {
  const reading = await reader.read(slug);
  expect(reading.diagnostics).toEqual([]);
  if (!reading.ok) throw new Error(`${slug} can't be read`);
  return reading.manifest;
}

describe("the connectors in the repository", () => {
  it("are those that the README names, at least", () => {
    const named = ["github", "linear", "open-meteo", "shopify", "slack", "stripe", "todoist", "youtube"];
    expect(folders).toEqual(expect.arrayContaining(named));
  });

  // A generated file that is missing is a warning and one that is not current an error: neither may be there.
  it("pass check without a finding, their generated files being current", async () => {
    const report = await check({ cwd, connectors: root, display: "connectors", cacheDir });
    expect(report.diagnostics).toEqual([]);
    expect(report).toMatchObject({ ok: true, summary: { connectors: folders.length } });
  });

  describe.each(folders)("%s", (slug) => {
    it("says what it is, where it is documented, and how an AI uses it", async () => {
      const manifest = await manifestOf(slug);
      for (const field of ["summary", "version", "homepage", "docs_url", "icon", "instructions"] as const) {
        expect(manifest[field], field).not.toBeNull();
      }
    });

    it("gives each scope a description and the official page that it is from", async () => {
      const { scopes, auth } = await manifestOf(slug);
      expect(scopes.length > 0).toBe(auth.type !== "none");
      for (const { name, type, category, description, source } of scopes) {
        expect(source, name).toMatch(/^https:\/\//);
        expect([type, category, description], name).not.toContain(null);
        expect(description, name).toMatch(/^[A-Z].*\.$/);
      }
    });

    it("proposes no firearm: a person decides", async () => {
      const { scopes } = await manifestOf(slug);
      expect(scopes.filter((scope) => scope.requires_firearm || scope.firearm_type !== null)).toEqual([]);
    });

    it("asks in OAuth only for scopes that it declares", async () => {
      const { scopes, auth } = await manifestOf(slug);
      const declared = new Set(scopes.map(({ name }) => name));
      const asked = auth.type === "oauth2" ? Object.values(auth.scopes).flat() : [];
      expect(asked.filter((name) => !declared.has(name))).toEqual([]);
    });

    it("has at least five tools, each described, with a capability and a request", async () => {
      const { tools } = await manifestOf(slug);
      expect(tools.length).toBeGreaterThanOrEqual(5);
      for (const { name, title, description, capability, rest, graphql } of tools) {
        expect([title, description, capability], name).not.toContain(null);
        expect(
          [rest, graphql].filter((request) => request !== null),
          name,
        ).toHaveLength(1);
      }
    });

    it("marks as side-effecting what writes, and only that", async () => {
      const { tools } = await manifestOf(slug);
      for (const { name, side_effecting, rest, graphql } of tools) {
        const writes = rest === null ? /^\s*mutation\b/.test(graphql?.query ?? "") : rest.method !== "GET";
        expect(side_effecting, name).toBe(writes);
      }
    });

    it("uses every input of a tool, and no other", async () => {
      const { tools } = await manifestOf(slug);
      for (const { name, input, rest, graphql } of tools) {
        const request = JSON.stringify(rest === null ? graphql : { ...rest, response: null });
        const used = new Set([...request.matchAll(/\bparams\.([a-z_]+)/g)].map((match) => match[1]));
        expect([...used].sort(), name).toEqual(Object.keys(Object(input.properties)).sort());
      }
    });
  });
});
