import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/base/index.ts";
import { build } from "../../src/cli/building/build.ts";
import { runSource } from "../../src/cli/building/source.ts";
import { createExecutor } from "../../src/runtime/execution/executor.ts";
import { account, json, upstream } from "../runtime/execution/workbench.ts";
import { typeCheck } from "../runtime/typecheck.ts";
import { workspace } from "../runtime/workspace.ts";
import { documented, fileOf, project } from "./workbench.ts";

const [example = "", exampleService = ""] = documented();
const FOLDER = "connectors/acme-wms";

describe("the example of docs/sdk.md", () => {
  it("becomes a folder that passes check and is registered, with the service.ts that is shown", () => {
    const place = project();
    const { status, report } = place.build(example);
    expect([status, report.diagnostics]).toEqual([0, []]);
    expect(report.files).toEqual([
      { path: `${FOLDER}/manifest.yaml`, action: "created" },
      { path: `${FOLDER}/service.ts`, action: "created" },
    ]);
    expect(place.read(`${FOLDER}/service.ts`)).toBe(exampleService);
    expect(place.sentinel("run")).toMatchObject({
      status: 0,
      report: { summary: { created: 1, invalid: 0 } },
    });
    expect(place.sentinel("check")).toMatchObject({
      status: 0,
      report: { summary: { errors: 0, warnings: 0 } },
    });
    expect(place.sentinel("show", "acme-wms").report.digest).toBe(report.digest);
  });

  it("does its work with the credential, by its function and by its request", async () => {
    const provider = await upstream(json([{ id: "7", placed: "today", positions: [1, 2] }]));
    const place = project();
    place.build(example.replace("https://api.acme.example/v1", `https://${provider.host}`));
    const reading = await place.reading("acme-wms");
    if (!reading.ok) throw new Error("not good");
    const { manifest } = reading;
    const service = place.read(`${FOLDER}/service.ts`);
    const executor = createExecutor({
      allowedHosts: [`http://${provider.host}`],
      service: async () => service,
    });
    const work = (name: string, input: JsonObject) => {
      const tool = manifest.tools.find((one) => one.name === name);
      if (tool === undefined) throw new Error(`no tool ${name}`);
      const connection = account({ API_KEY: "k-1" }, { connector: "acme-wms" });
      return executor.execute(manifest, tool, input, connection, {}, new AbortController().signal);
    };
    try {
      const { value } = await work("list_open_orders", { limit: 20 });
      expect(value).toMatchObject({ connector: "acme-wms", orders: [{ id: "7", placed: "today" }] });
      expect(JSON.stringify(value)).not.toContain("positions");
      await work("hold_order", { id: "7", reason: "it is late" });
      const sent = provider.received.map(({ method, url, headers, body }) => [
        method,
        url,
        headers["x-acme-key"],
        body,
      ]);
      expect(sent).toEqual([
        ["GET", "/orders?status=open&limit=20", "k-1", ""],
        ["POST", "/orders/7/hold", "k-1", '{"reason":"it is late"}'],
      ]);
    } finally {
      await executor.close();
      await provider.close();
    }
  });

  it("has the digest of a folder that somebody wrote by hand, in other words and another order", async () => {
    const built = project().build(example).report.digest;
    const place = project();
    place.write(`${FOLDER}/service.ts`, exampleService);
    place.write(
      `${FOLDER}/manifest.yaml`,
      `tools:
  # The write first.
  - handler: list_open_orders
    name: list_open_orders
    scopes: [read_orders]
    description: Open orders, newest first.
    capability: order.read
    input:
      additionalProperties: false
      properties:
        limit: {maximum: 100, minimum: 1, type: integer, default: 20}
      type: object
  - name: hold_order
    description: Keeps one order from being shipped.
    capability: order.hold
    idempotent: true
    side_effecting: true
    scopes: ['write_orders']
    rest:
      path: /orders/{{ params.id }}/hold
      method: POST
      body: {reason: '{{ params.reason }}'}
    input:
      type: object
      required: [id, reason]
      properties:
        reason: {type: string, minLength: 8}
        id: {type: string}
      additionalProperties: false
scopes:
  - {name: write_orders, firearm_type: INVENTORY_ORDER, requires_firearm: true}
  - {name: read_orders, description: Read orders}
auth:
  type: api_key
  name: X-Acme-Key
version: 1.2.0
summary: Acme warehouse management system.
base_url: https://api.acme.example/v1
display_name: Acme WMS
provider_slug: acme-wms
`,
    );
    const reading = await place.reading("acme-wms");
    expect(reading.diagnostics).toEqual([]);
    expect(reading).toMatchObject({ ok: true, digest: built });
  });

  it("gives the same bytes twice, and anywhere", () => {
    const [here, there] = [project(), project()];
    here.build(example);
    const before = [here.read(`${FOLDER}/manifest.yaml`), here.read(`${FOLDER}/service.ts`)];
    expect(here.build(example).report).toMatchObject({ ok: true, files: [] });
    there.build(`\ufeff${example.replaceAll("\n", "\r\n")}`, "deep/down/acme.ts");
    expect([there.read(`${FOLDER}/manifest.yaml`), there.read(`${FOLDER}/service.ts`)]).toEqual(before);
  });

  it("is good TypeScript, as strict as there is", () => {
    const place = workspace();
    try {
      const slip = "tool({ name: 'a', input: z.object({ n: z.int() }), handler: ({ n }) => n.length })";
      writeConnector(place.path, "acme.ts", example);
      expect(typeCheck(place)).toBe("");
      writeConnector(place.path, "wrong.ts", fileOf(slip));
      expect(typeCheck(place)).toMatch(/wrong\.ts.*Property 'length' does not exist on type 'number'/);
    } finally {
      place.remove();
    }
  });
});

function writeConnector(path: string, name: string, text: string): void {
  mkdirSync(join(path, "connectors"), { recursive: true });
  writeFileSync(join(path, "connectors", name), text);
}

describe("a folder", () => {
  it("keeps what people wrote, loses what is no longer built, and is left alone on a dry run", () => {
    const place = project();
    const withHandler = fileOf(`tool({ name: "a", handler: () => 1 })`);
    const without = fileOf(`tool({ name: "a", rest: { method: "GET", path: "/" } })`);
    place.build(withHandler);
    place.write("connectors/acme/README.md", "Mine.");
    const dry = place.build(without, "acme.ts", "--dry-run");
    expect(dry.report.files).toEqual([
      { path: "connectors/acme/manifest.yaml", action: "updated" },
      { path: "connectors/acme/service.ts", action: "deleted" },
    ]);
    expect(existsSync(join(place.cwd, "connectors/acme/service.ts"))).toBe(true);
    expect(place.build(without).report).toMatchObject({ digest: dry.report.digest, files: dry.report.files });
    expect(readdirSync(join(place.cwd, "connectors/acme")).sort()).toEqual(["README.md", "manifest.yaml"]);
  });

  it("that was not built is refused", () => {
    const place = project();
    place.write("connectors/acme/manifest.yaml", "provider_slug: acme\n");
    expect(place.build(fileOf(""))).toMatchObject({
      status: 2,
      report: { error: { code: "build.not_built" } },
    });
    expect(place.read("connectors/acme/manifest.yaml")).toBe("provider_slug: acme\n");
  });

  it("may hold more tools than one file does", async () => {
    const place = project();
    const many = `...Array.from({ length: 1500 }, (_, index) => tool({
      name: "tool_" + index, description: "x".repeat(300), rest: { method: "GET", path: "/" + index } }))`;
    expect(place.build(fileOf(many)).status).toBe(0);
    expect(readdirSync(join(place.cwd, "connectors/acme/tools")).length).toBeGreaterThan(1);
    const reading = await place.reading("acme");
    expect(reading.ok && reading.manifest.tools.length).toBe(1500);
  });
});

/** What is wrong, with the text of the file that it is found at. */
const WRONG: readonly (readonly [what: string, file: string, code: string, at: string, message: RegExp])[] = [
  ["throws", `${fileOf("")}\nthrow new Error("no luck");`, "build.failed", "new Error(", /no luck/],
  ["is no module", "export default {", "build.failed", "export", /can't be run/],
  [
    "has an enum",
    fileOf("", "", "const a = 1; export enum Color { red }"),
    "build.failed",
    "enum Color",
    /^An enum is more than a type/,
  ],
  ["imports what is not there", `import "./gone.ts";\n${fileOf("")}`, "build.failed", "import", /gone/],
  ["exports no connector", "export default {};", "build.no_connector", "export", /no connector/],
  [
    "has a tool that is none",
    fileOf("{ name: 'a' }"),
    "build.no_connector",
    "defineConnector({",
    /tools\[0\]/,
  ],
  [
    "holds a date",
    fileOf("", "summary: new Date(0),"),
    "build.not_data",
    "defineConnector({",
    /summary is a Date/,
  ],
  [
    "holds itself",
    fileOf(
      `tool({ name: "a", rest: { method: "POST", path: "/", body: loop } })`,
      "",
      "const loop = {}; loop.loop = loop;",
    ),
    "build.not_data",
    "tool({",
    /nested too deep/,
  ],
  [
    "has characters that can't be seen",
    fileOf(`tool({ name: "a", description: "a\\u200bb", rest: { method: "GET", path: "/" } })`),
    "build.not_data",
    "tool({",
    /a\.description holds characters/,
  ],
  [
    "asks for more than JSON Schema",
    fileOf(`tool({ name: "a", input: z.object({ d: z.date() }), handler: () => 1 })`),
    "build.schema",
    "tool({",
    /a\.input\.properties\.d holds a Date/,
  ],
  [
    "has a default that nobody fills in",
    fileOf(`tool({ name: "a", input: z.object({ n: z.int().default(1).nullable() }), handler: () => 1 })`),
    "build.schema",
    "tool({",
    /a\.input\.properties\.n\.anyOf\.0 has a default within a union/,
  ],
  [
    "has a handler made elsewhere",
    fileOf(`tool({ name: "a", handler: make() })`, "", "const make = () => () => 1;"),
    "build.handler",
    "handler:",
    /no function of this file/,
  ],
  [
    "has a handler that uses an import",
    fileOf(`tool({ name: "a", handler: (input) => z.string().parse(input) })`),
    "build.handler",
    "z.string().parse",
    /uses z of "zod"/,
  ],
  [
    "has what no manifest may hold",
    fileOf(
      `tool({ name: "ok", rest: { method: "GET", path: "/" } }), tool({ name: "Bad", rest: { method: "GET", path: "/" } })`,
    ),
    "manifest.bad_format",
    "defineConnector({",
    /tools\[1\]\.name/,
  ],
  [
    "has a tool without work",
    fileOf(`tool({ name: "a", rest: { method: "get", path: "/" } })`),
    "manifest.bad_format",
    "tool({",
    /method/,
  ],
];

describe("a file that", () => {
  it.each(WRONG)("%s is refused where that stands", (_what, file, code, at, message) => {
    const place = project();
    const { status, report } = place.build(file);
    expect(status).toBe(1);
    const [found] = report.diagnostics;
    expect(found).toMatchObject({ code, file: "acme.ts", message: expect.stringMatching(message) });
    const line: string = file.split("\n")[found.line - 1] ?? "";
    expect(line.slice(found.column - 1)).toMatch(new RegExp(`^${at.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&")}`));
    expect(existsSync(join(place.cwd, "connectors"))).toBe(false);
  });
});

describe("the process that runs a file", () => {
  it("has no environment, and can't write or start another", async () => {
    const place = project();
    const named = `display_name: JSON.stringify(Object.keys(process.env)),`;
    place.write("env.ts", fileOf("", named).replace(/^ {2}display_name: "Acme",$/m, ""));
    const { files } = await build(join(place.cwd, "env.ts"), "env.ts", place.cwd);
    expect(files["manifest.yaml"]).toContain('display_name: "[]"');
    for (const deed of [`writeFileSync("x", "x")`, `readFileSync("/etc/passwd")`, `spawnSync("id")`]) {
      const from = deed.startsWith("spawn") ? "child_process" : "fs";
      const name = deed.split("(")[0];
      const text = `import { ${name} } from "node:${from}";\nconst done = ${deed};\nif (done?.error) throw done.error;\n`;
      place.write("deed.ts", text + fileOf(""));
      const { diagnostics } = await build(join(place.cwd, "deed.ts"), "deed.ts", place.cwd);
      expect(diagnostics).toMatchObject([
        { code: "build.failed", message: expect.stringContaining("restricted") },
      ]);
    }
  });

  it("is ended when its time is over", async () => {
    const place = project();
    place.write("loop.ts", "for (;;);");
    const thrown = await runSource(join(place.cwd, "loop.ts"), place.cwd, 1500);
    expect(thrown).toEqual({ message: "It took longer than 1.5 s.", place: null });
  });
});
