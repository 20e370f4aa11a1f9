import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { GENERATED_PATHS, generate, isGenerated } from "../../src/generate/index.ts";
import type { Manifest } from "../../src/manifest/index.ts";
import { CASES } from "./cases.ts";
import { DIGEST, manifest, tool } from "./manifest.ts";

const large = manifest({
  tools: Array.from({ length: 600 }, (_, at) =>
    tool({ name: `tool_${String(at).padStart(4, "0")}`, description: "d".repeat(100) }),
  ),
});

describe("generate", () => {
  it.each(Object.entries(CASES))("%s", async (name, given) => {
    const files = generate(given, DIGEST);
    expect(Object.keys(files)).toEqual(["mcp.ts"]);
    await expect(files["mcp.ts"]).toMatchFileSnapshot(`../fixtures/generate/${name}/mcp.ts`);
  });

  it("writes schemas that are true or false as clients can read them", () => {
    const input = {
      type: "object",
      properties: { a: true, b: false, c: { type: "array", prefixItems: [true], items: false } },
      additionalProperties: false,
    };
    const text = generate(manifest({ tools: [tool({ name: "t", input })] }), DIGEST)["mcp.ts"] ?? "";
    const written = text.replaceAll(/\s+/g, "");
    expect(written).toContain(
      '"a":{},"b":{"not":{}},"c":{"items":{"not":{}},"prefixItems":[{}],"type":"array"}',
    );
    expect(written).toContain('"additionalProperties":false');
  });

  it("puts data over 200 KB into a file beside the module", () => {
    const files = generate(large, DIGEST);
    expect(Object.keys(files)).toEqual(["mcp.ts", "mcp.data.json"]);
    expect(Object.keys(files)).toEqual([...GENERATED_PATHS]);
    expect(files["mcp.ts"]).toContain('defineConnector(new URL("./mcp.data.json", import.meta.url))');
    const data: unknown = JSON.parse(files["mcp.data.json"] ?? "");
    expect(data).toMatchObject({ name: "shopify", digest: DIGEST });
    expect(data).toHaveProperty("tools.length", 600);
  });

  it("grows with the manifest where every tool reaches every shared schema", () => {
    const names = Array.from({ length: 200 }, (_, at) => `S${at}`);
    const schemas = Object.fromEntries(
      names.map((name, at) => [
        name,
        {
          type: "object",
          description: "x".repeat(500),
          properties: { n: { $ref: `#/schemas/S${(at + 1) % 200}` } },
        },
      ]),
    );
    const tools = Array.from({ length: 1000 }, (_, at) =>
      tool({ name: `t${at}`, output: { $ref: "#/schemas/S0" } }),
    );
    const files = generate(manifest({ schemas, tools }), DIGEST);
    expect(files["mcp.data.json"]?.length).toBeLessThan(1_000_000);
  });

  it("gives the same bytes whatever the order of keys", () => {
    const turned = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(turned);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, member]) => [key, turned(member)]),
      );
    };
    const given = CASES["shared-schemas"] ?? manifest();
    const other: Manifest = JSON.parse(JSON.stringify(turned(given)));
    expect(JSON.stringify(other)).not.toBe(JSON.stringify(given));
    expect(generate(other, DIGEST)).toEqual(generate(given, DIGEST));
  });

  it("gives the same bytes in any time zone and locale", () => {
    const script = fileURLToPath(new URL("print-cases.ts", import.meta.url));
    const print = (env: Record<string, string>): string => {
      const ran = spawnSync(process.execPath, [script], {
        env: { ...process.env, ...env },
        encoding: "utf8",
      });
      expect(ran.stderr).toBe("");
      return ran.stdout;
    };
    const here = print({});
    expect(here).toContain("defineConnector");
    expect(print({ TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" })).toBe(here);
    expect(print({ TZ: "America/St_Johns", LANG: "C", LC_ALL: "C" })).toBe(here);
  });

  it("refuses a digest that could end the comment it stands in", () => {
    expect(() => generate(manifest(), "0\nprocess.exit()")).toThrow("no digest");
  });
});

describe("isGenerated", () => {
  it("knows its own files, whatever a checkout did to their line ends", () => {
    for (const [path, text] of Object.entries(generate(large, DIGEST))) {
      expect(isGenerated(path, text), path).toBe(true);
      expect(isGenerated(path, text.replaceAll("\n", "\r\n")), path).toBe(true);
    }
  });

  it("leaves a file that somebody wrote", () => {
    expect(isGenerated("mcp.ts", "import { defineConnector } from 'connector-sentinel/runtime';\n")).toBe(
      false,
    );
    expect(isGenerated("mcp.ts", "")).toBe(false);
    expect(isGenerated("mcp.data.json", '{"name":"mine"}')).toBe(false);
    expect(isGenerated("service.ts", generate(manifest(), DIGEST)["mcp.ts"] ?? "")).toBe(false);
  });
});
