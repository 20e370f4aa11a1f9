import type { CallToolResult } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import { connectorData } from "../../../src/generate/index.ts";
import type { Manifest } from "../../../src/manifest/index.ts";
import { connectorDataOf } from "../../../src/runtime/define.ts";
import type { Approved, Snapshot } from "../../../src/runtime/gate/approved.ts";
import { failureOf } from "../../../src/runtime/gate/refusals.ts";
import type { CallRequest } from "../../../src/runtime/gate/types.ts";
import { capabilitiesFace } from "../../../src/runtime/serve/capabilities.ts";
import { type FaceParts, toolsFace } from "../../../src/runtime/serve/faces.ts";
import { searchFace } from "../../../src/runtime/serve/search.ts";
import { choices, type Selection } from "../../../src/runtime/serve/selection.ts";
import { ListedTools } from "../../../src/runtime/serve/tools.ts";
import type { Face } from "../../../src/runtime/server.ts";
import { connector, getter, setter } from "./house.ts";

const ALL: Selection = { connectors: null, tools: null, readOnly: false };

function snapshot(...contents: Manifest[]): Snapshot {
  const approved = contents.map((content): [string, Approved] => [
    content.provider_slug,
    {
      slug: content.provider_slug,
      digest: "d",
      manifest: content,
      files: {},
      tool: (name) => content.tools.find((one) => one.name === name),
      armed: () => false,
    },
  ]);
  return { state: "s", connectors: new Map(approved), refused: new Map() };
}

/** A gate that lets everything through and remembers it. */
function parts(
  value: object = {},
): FaceParts & { readonly asked: CallRequest[]; readonly refused: CallRequest[] } {
  const tools = new ListedTools((content) => connectorDataOf(connectorData(content, "")));
  const asked: CallRequest[] = [];
  const refused: CallRequest[] = [];
  return {
    ...{ asked, refused },
    tools,
    identity: { name: "s", title: "S", version: "1", instructions: undefined },
    gate: {
      call: async (request) => {
        asked.push(request);
        const account = request.account ?? "default";
        const origin = { connector: request.connector, account };
        return { value: { ...value, ...origin }, ...origin, receipt: null, replayed: false };
      },
      refuse: (request, error) => {
        refused.push(request);
        return failureOf(error);
      },
    },
  };
}

const names = (face: Face): string[] => face.catalogue.page(undefined)?.tools.map(({ name }) => name) ?? [];

async function call(face: Face, name: string, args: object = {}) {
  const tool = face.catalogue.find(name);
  if (tool === undefined) throw new Error(`${name} is not listed`);
  const { signal } = new AbortController();
  return face.call({ tool, arguments: { ...args }, signal, agent: "ann" });
}

/** Code and message of a failure. */
function refusal({ _meta }: CallToolResult): unknown[] {
  const { code, message } = Object(_meta?.["connector-sentinel/error"]);
  return [code, message];
}

const shop = connector("shop", "shop.example", [
  getter("get_order", { capability: "order.read", title: "Order" }),
  setter("hold_order", { capability: "order.hold" }),
]);
const mart = connector("mart", "mart.example", [
  getter("fetch_order", { capability: "order.read" }),
  getter("ping", { description: "Says whether the market is open." }),
]);

describe("which tools are offered", () => {
  it.each([
    ["all", ALL, ["mart__fetch_order", "mart__ping", "shop__get_order", "shop__hold_order"]],
    ["those of one connector", { ...ALL, connectors: ["mart"] }, ["mart__fetch_order", "mart__ping"]],
    ["those that read", { ...ALL, readOnly: true }, ["mart__fetch_order", "mart__ping", "shop__get_order"]],
    ["those named as listed", { ...ALL, tools: ["mart__*"] }, ["mart__fetch_order", "mart__ping"]],
    [
      "those named as declared",
      { ...ALL, tools: ["*_order"] },
      ["mart__fetch_order", "shop__get_order", "shop__hold_order"],
    ],
    ["none where nothing fits", { ...ALL, tools: ["order"] }, []],
  ])("%s", (_what, selection, expected) => {
    expect(names(toolsFace(parts(), choices(snapshot(shop, mart), selection)))).toEqual(expected);
  });
});

describe("tools by themselves", () => {
  it("take the account and the idempotency key beside their own arguments", async () => {
    const made = parts();
    const face = toolsFace(made, choices(snapshot(shop), ALL));
    expect(Object.keys(Object(face.catalogue.find("shop__get_order")?.inputSchema.properties))).toEqual([
      "id",
      "account",
    ]);
    await call(face, "shop__hold_order", { id: "1", account: "eu", idempotency_key: "k" });
    expect(made.asked).toMatchObject([
      { agent: "ann", connector: "shop", tool: "hold_order", account: "eu", key: "k", input: { id: "1" } },
    ]);
  });

  it("keep an argument of their own that is called account", async () => {
    const made = parts();
    const own = getter("get_posts", {
      input: { type: "object", properties: { account: { type: "string" } } },
    });
    const face = toolsFace(made, choices(snapshot(connector("social", "s.example", [own])), ALL));
    await call(face, "social__get_posts", { account: "@ann", call_account: "work" });
    expect(made.asked).toMatchObject([{ account: "work", input: { account: "@ann" } }]);
  });

  it.each([
    ["account", "shop__get_order", { account: 5 }],
    ["idempotency_key", "shop__hold_order", { idempotency_key: null }],
  ])("refuse the gate's %s where it is no text, whatever else the tool takes", async (name, tool, wrong) => {
    const made = parts();
    const open = { type: "object", properties: { id: { type: "string" } } };
    const content = connector("shop", "shop.example", [
      getter("get_order", { input: open }),
      setter("hold_order", { input: open }),
    ]);
    const result = await call(toolsFace(made, choices(snapshot(content), ALL)), tool, { id: "1", ...wrong });
    expect(refusal(result)).toEqual([
      "call.invalid_input",
      `The arguments do not fit ${tool}: ${name} must be string.`,
    ]);
    expect(made.asked).toEqual([]);
    expect(made.refused).toMatchObject([{ agent: "ann", connector: "shop", tool: tool.slice(6) }]);
  });

  it("say where an answer is not what they declare, and keep it", async () => {
    const output = {
      type: "object",
      properties: { id: { type: "string" } },
      required: ["id"],
      additionalProperties: false,
    };
    const content = connector("shop", "shop.example", [getter("get_order", { output })]);
    const good = await call(
      toolsFace(parts({ id: "1" }), choices(snapshot(content), ALL)),
      "shop__get_order",
      { id: "1" },
    );
    expect(good).toMatchObject({ structuredContent: { id: "1", connector: "shop", account: "default" } });
    const bad = await call(toolsFace(parts({ id: 1 }), choices(snapshot(content), ALL)), "shop__get_order", {
      id: "1",
    });
    expect(bad).toMatchObject({
      isError: true,
      _meta: { "connector-sentinel/error": { code: "output.unexpected" } },
    });
    expect(JSON.stringify(bad.content)).toContain('\\"id\\":1');
  });

  it("list a schema of a result that is one shared schema with connector and account in it", () => {
    const content = connector(
      "shop",
      "shop.example",
      [getter("get_order", { output: { $ref: "#/schemas/Order" } })],
      {
        schemas: {
          Order: { type: "object", properties: { id: { type: "string" } }, additionalProperties: false },
        },
      },
    );
    const face = toolsFace(parts(), choices(snapshot(content), ALL));
    expect(face.catalogue.find("shop__get_order")?.outputSchema).toMatchObject({
      properties: { id: { type: "string" }, connector: { type: "string" }, account: { type: "string" } },
    });
  });

  it("list no schema of a result that has an account of its own, as it stands one level deeper", () => {
    const output = { type: "object", properties: { account: { type: "object" } } };
    const content = connector("shop", "shop.example", [getter("get_order", { output })]);
    const face = toolsFace(parts(), choices(snapshot(content), ALL));
    expect(face.catalogue.find("shop__get_order")).toBeDefined();
    expect(face.catalogue.find("shop__get_order")?.outputSchema).toBeUndefined();
  });
});

describe("search", () => {
  const face = (made: FaceParts = parts()): Face => searchFace(made, choices(snapshot(shop, mart), ALL));

  it("shows three tools", () => {
    expect(names(face())).toEqual(["call_tool", "describe_tool", "search_tools"]);
  });

  it.each([
    ["order", ["mart__fetch_order", "shop__get_order", "shop__hold_order"]],
    ["hold order", ["shop__hold_order", "mart__fetch_order", "shop__get_order"]],
    ["MARKET", ["mart__ping"]],
    ["refund", []],
  ])("finds by %s", async (query, expected) => {
    const { structuredContent } = await call(face(), "search_tools", { query });
    expect(
      Object(structuredContent)
        .tools.map(({ name }: { name: string }) => name)
        .slice(0, 3),
    ).toEqual(expected);
  });

  it("tells all of a tool, and calls it under its own name", async () => {
    const made = parts();
    const { structuredContent } = await call(face(made), "describe_tool", { name: "shop__hold_order" });
    expect(structuredContent).toMatchObject({ name: "shop__hold_order", inputSchema: { required: ["id"] } });
    await call(face(made), "call_tool", {
      name: "shop__hold_order",
      arguments: { id: "1", idempotency_key: "k" },
    });
    expect(made.asked).toMatchObject([
      { connector: "shop", tool: "hold_order", key: "k", input: { id: "1" } },
    ]);
  });

  it.each([
    ["call_tool", { name: "shop__hold_order", arguments: "id=1" }, "arguments must be object"],
    [
      "call_tool",
      { name: "shop__hold_order", args: { id: "1" } },
      "it must NOT have additional properties (args)",
    ],
    ["describe_tool", {}, "it must have required property 'name'"],
    ["search_tools", { limit: 1000 }, "limit must be <= 100"],
    ["search_tools", { limit: "5" }, "limit must be integer"],
    ["search_tools", { foo: 1 }, "it must NOT have additional properties (foo)"],
  ])("refuses what %s does not list: %j", async (name, given, why) => {
    const made = parts();
    const result = await call(face(made), name, given);
    expect(refusal(result)).toEqual(["call.invalid_input", `The arguments do not fit ${name}: ${why}.`]);
    expect(made.asked).toEqual([]);
  });

  it("knows nothing that is not offered", async () => {
    const hidden = searchFace(parts(), choices(snapshot(shop, mart), { ...ALL, readOnly: true }));
    const result = await call(hidden, "call_tool", { name: "shop__hold_order", arguments: { id: "1" } });
    expect(result).toMatchObject({
      isError: true,
      _meta: { "connector-sentinel/error": { code: "call.unknown_tool" } },
    });
  });
});

describe("capabilities", () => {
  const offered = choices(snapshot(shop, mart), ALL);

  it("are one tool each, and tools without one are left out", () => {
    expect(names(capabilitiesFace(parts(), offered))).toEqual(["order_hold", "order_read"]);
  });

  it("need a connector where several provide them", async () => {
    const made = parts();
    const face = capabilitiesFace(made, offered);
    expect(face.catalogue.find("order_read")?.inputSchema).toMatchObject({
      required: ["connector", "input"],
    });
    const unclear = await call(face, "order_read", { input: { id: "1" } });
    expect(unclear).toMatchObject({ isError: true });
    expect(JSON.stringify(unclear.content)).toContain("shop, mart");
    await call(face, "order_read", { connector: "mart", account: "eu", input: { id: "1" } });
    expect(made.asked).toMatchObject([
      { connector: "mart", tool: "fetch_order", account: "eu", input: { id: "1" } },
    ]);
  });

  it("change their provider with the configuration, for the same call", async () => {
    const asked: string[] = [];
    for (const preferred of ["shop", "mart"]) {
      const made = parts();
      const face = capabilitiesFace(made, offered, { "order.read": preferred });
      await call(face, "order_read", { input: { id: "1" } });
      asked.push(...made.asked.map((one) => `${one.connector} ${one.tool}`));
    }
    expect(asked).toEqual(["shop get_order", "mart fetch_order"]);
  });

  it("take a key where they change something", async () => {
    const made = parts();
    await call(capabilitiesFace(made, offered), "order_hold", { idempotency_key: "k", input: { id: "1" } });
    expect(made.asked).toMatchObject([{ connector: "shop", tool: "hold_order", key: "k" }]);
  });

  it.each([
    [{ id: "1" }, "it must have required property 'input'; it must NOT have additional properties (id)"],
    [{ input: "1" }, "input must be object"],
    [{ input: ["1"] }, "input must be object"],
    [{ input: { id: "1" }, idempotency_key: 5 }, "idempotency_key must be string"],
    [{ input: { id: "1" }, account: 5 }, "account must be string"],
  ])("refuse what they do not list: %j", async (given, why) => {
    const made = parts();
    const result = await call(capabilitiesFace(made, offered), "order_hold", given);
    expect(refusal(result)).toEqual(["call.invalid_input", `The arguments do not fit order_hold: ${why}.`]);
    expect(made.asked).toEqual([]);
    expect(made.refused).toMatchObject([{ agent: "ann", connector: "shop", tool: "hold_order" }]);
  });

  it.each([
    ["account", { account: "eu" }],
    ["idempotency key", { idempotency_key: "k" }],
  ])("refuse an %s that is given both in the arguments and beside them", async (what, given) => {
    const made = parts();
    const both = { ...given, input: { id: "1", ...given } };
    const result = await call(capabilitiesFace(made, offered), "order_hold", both);
    expect(refusal(result)).toEqual([
      "call.invalid_input",
      `The ${what} is given twice: in the arguments and beside them.`,
    ]);
    expect(made.asked).toEqual([]);
  });
});
