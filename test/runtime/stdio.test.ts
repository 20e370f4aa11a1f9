import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { Client, ProtocolError } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, describe, expect, it } from "vitest";
import type { Json } from "../../src/base/index.ts";
import { CASES } from "../generate/cases.ts";
import { manifest, tool } from "../generate/manifest.ts";
import { workspace } from "./workspace.ts";

const place = workspace();
afterAll(() => place.remove());

const shopify = place.add(
  "shopify",
  manifest({
    version: "1.2.3",
    instructions: "Ask first.",
    schemas: {
      Order: { type: "object", properties: { parent: { $ref: "#/schemas/Order" } } },
      Unused: { type: "object" },
    },
    tools: [
      tool({ name: "cancel_order", side_effecting: true, destructive: true, scopes: ["write_orders"] }),
      tool({
        name: "get_order",
        title: "Get",
        description: "One order.",
        output: { $ref: "#/schemas/Order" },
      }),
    ],
  }),
);

/** Connects the SDK's client to a generated file that Node runs. */
async function connect(file: string, mode: "legacy" | { pin: string }): Promise<Client> {
  const client = new Client({ name: "test", version: "1.0.0" }, { versionNegotiation: { mode } });
  const command = { command: process.execPath, args: [file], cwd: place.path };
  await client.connect(new StdioClientTransport(command));
  return client;
}

describe.each([
  ["2025-11-25", "legacy" as const],
  ["2026-07-28", { pin: "2026-07-28" }],
])("a client of revision %s", (revision, mode) => {
  it("learns what the connector is and lists its tools", async () => {
    const client = await connect(shopify, mode);
    expect(client.getNegotiatedProtocolVersion()).toBe(revision);
    expect(client.getServerVersion()).toEqual({ name: "shopify", title: "Shopify", version: "1.2.3" });
    expect(client.getInstructions()).toBe("Ask first.");
    expect((await client.listTools()).tools).toEqual([
      {
        name: "cancel_order",
        description: "cancel_order",
        inputSchema: { type: "object" },
        annotations: {
          readOnlyHint: false,
          destructiveHint: true,
          idempotentHint: false,
          openWorldHint: true,
        },
        _meta: { "connector-sentinel/tool": { scopes: ["write_orders"] } },
      },
      {
        name: "get_order",
        title: "Get",
        description: "One order.",
        inputSchema: { type: "object" },
        outputSchema: {
          type: "object",
          $ref: "#/$defs/Order",
          $defs: { Order: { type: "object", properties: { parent: { $ref: "#/$defs/Order" } } } },
        },
        annotations: {
          readOnlyHint: true,
          destructiveHint: false,
          idempotentHint: false,
          openWorldHint: true,
        },
        _meta: { "connector-sentinel/tool": { scopes: [] } },
      },
    ]);
    await client.close();
  });

  it("is told that a call is not available yet", async () => {
    const client = await connect(shopify, mode);
    const result = await client.callTool({ name: "get_order", arguments: {} });
    expect(result.isError).toBe(true);
    expect(result._meta).toMatchObject({ "connector-sentinel/error": { code: "runtime.not_available" } });
    expect(result.content).toEqual([
      { type: "text", text: expect.stringMatching(/^runtime\.not_available: get_order can be listed/) },
    ]);
    await client.close();
  });

  it.each(["nope", "constructor", "__proto__"])("is told that there is no tool %s", async (name) => {
    const client = await connect(shopify, mode);
    const error: unknown = await client.callTool({ name, arguments: {} }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({ code: -32602, message: expect.stringContaining(`Unknown tool: ${name}`) });
    await client.close();
  });

  it("is told that a cursor is none of ours", async () => {
    const client = await connect(shopify, mode);
    const listed = client.request({ method: "tools/list", params: { cursor: "zzz" } });
    await expect(listed).rejects.toMatchObject({ code: -32602 });
    await client.close();
  });

  it("pages through 2,000 tools whose data stands beside the module", async () => {
    const tools = Array.from({ length: 2000 }, (_, at) =>
      tool({ name: `tool_${String(at).padStart(4, "0")}`, description: "d".repeat(1000) }),
    );
    const client = await connect(place.add("large", manifest({ provider_slug: "large", tools })), mode);
    const found: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await client.request({ method: "tools/list", params: cursor ? { cursor } : {} });
      found.push(...page.tools.map(({ name }) => name));
      cursor = page.nextCursor;
      pages += 1;
    } while (cursor && pages < 100);
    expect(found).toEqual(tools.map(({ name }) => name));
    expect(pages).toBeGreaterThan(2);
    await client.close();
  });

  it.each(Object.keys(CASES))("lists the tools of the case %s", async (name) => {
    const given = CASES[name] ?? manifest();
    const client = await connect(place.add(name, given), mode);
    expect((await client.listTools()).tools.map((one) => one.name)).toEqual(
      given.tools.map((one) => one.name),
    );
    await client.close();
  });
});

/** Starts a generated file with pipes, and what it wrote when it has ended. */
function start(file: string): {
  child: ChildProcessWithoutNullStreams;
  ended: Promise<{ code: number | null; signal: string | null; out: string; err: string }>;
} {
  const child = spawn(process.execPath, [file], { cwd: place.path });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  const ended = new Promise<{ code: number | null; signal: string | null; out: string; err: string }>(
    (resolve) => {
      child.on("close", (code, signal) => resolve({ code, signal, out, err }));
    },
  );
  return { child, ended };
}

const line = (message: Record<string, Json>): string => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`;
const initialize = line({
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
});

describe("the process", () => {
  it("ends with its input, cleanly and without a word", async () => {
    const { child, ended } = start(shopify);
    child.stdin.end();
    expect(await ended).toEqual({ code: 0, signal: null, out: "", err: "" });
  });

  it("answers what was piped in before the pipe closed, and writes nothing but the protocol", async () => {
    const { child, ended } = start(shopify);
    const list = line({ id: 2, method: "tools/list", params: {} });
    const call = line({ id: 3, method: "tools/call", params: { name: "get_order", arguments: {} } });
    child.stdin.end(`${initialize}${line({ method: "notifications/initialized" })}${list}not json\n${call}`);
    const { code, out, err } = await ended;
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const answers = out.trimEnd().split("\n");
    expect(answers.map((text) => JSON.parse(text).id)).toEqual([1, 2, 3]);
  });

  it.each(["SIGTERM", "SIGINT"] as const)("ends cleanly on %s", async (signal) => {
    const { child, ended } = start(shopify);
    child.stdin.write(initialize);
    await new Promise((resolve) => child.stdout.once("data", resolve));
    child.kill(signal);
    expect(await ended).toMatchObject({ code: 0, signal: null, err: "" });
  });

  it("says in two lines what is wrong with a file that was edited", async () => {
    const file = place.add("torn", manifest({ tools: [tool()] }));
    writeFileSync(
      file,
      'import { defineConnector } from "connector-sentinel/runtime";\ndefineConnector(new URL("./gone.json", import.meta.url));\n',
    );
    const { code, out, err } = await start(file).ended;
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("gone.json can't be read (ENOENT).\nRun `sentinel run` to generate the file again");
  });

  it("serves nothing when it is only imported", async () => {
    const file = `${place.path}/import.ts`;
    writeFileSync(
      file,
      'import { connector } from "./connectors/shopify/mcp.ts";\nconsole.log(connector.tools.length);\n',
    );
    expect(await start(file).ended).toMatchObject({ code: 0, out: "2\n", err: "" });
  });
});
