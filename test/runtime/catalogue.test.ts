import { describe, expect, it } from "vitest";
import { type Catalogue, createCatalogue } from "../../src/runtime/catalogue.ts";
import type { ToolData } from "../../src/runtime/index.ts";
import { connectorData, toolData } from "./connector.ts";

/** All pages of a list, as a client that follows cursors sees them. */
function pages(catalogue: Catalogue): (readonly ToolData[])[] {
  const found: (readonly ToolData[])[] = [];
  let cursor: string | undefined;
  do {
    const page = catalogue.page(cursor);
    if (!page) throw new Error(`the list refuses its own cursor ${cursor}`);
    found.push(page.tools);
    cursor = page.nextCursor;
  } while (cursor !== undefined && found.length < 1000);
  return found;
}

const names = (tools: readonly ToolData[]): string[] => tools.map(({ name }) => name);
const cursorAfter = (name: string): string => Buffer.from(`after:${name}`).toString("base64url");

describe("a list of tools", () => {
  it("is sorted by name, by code unit", () => {
    const tools = ["b", "a_b", "ab", "a1", "a"].map((name) => toolData({ name }));
    expect(pages(createCatalogue(connectorData({ tools }))).map(names)).toEqual([
      ["a", "a1", "a_b", "ab", "b"],
    ]);
  });

  it("is one empty page where there is no tool", () => {
    expect(createCatalogue(connectorData()).page(undefined)).toEqual({ tools: [] });
  });

  it("comes in pages of at most a megabyte that leave nothing out and say nothing twice", () => {
    for (const [length, description] of [
      [2000, "\u{1f600}".repeat(500)],
      [20_000, ""],
    ] as const) {
      const tools = Array.from({ length }, (_, at) =>
        toolData({ name: `tool_${String(at).padStart(5, "0")}`, description }),
      );
      const found = pages(createCatalogue(connectorData({ tools })));
      expect(found.length).toBeGreaterThan(1);
      expect(found.flat()).toEqual(tools);
      // What the protocol adds to a page is less than a kilobyte.
      for (const page of found) expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(999_000);
    }
  });

  it("gives a page of its own to a tool that is larger than a page", () => {
    const tools = ["a", "b", "c"].map((name) => toolData({ name, description: "x".repeat(1_500_000) }));
    expect(pages(createCatalogue(connectorData({ tools }))).map(names)).toEqual([["a"], ["b"], ["c"]]);
  });

  it("goes on after a tool that is gone", () => {
    const tools = ["a", "c"].map((name) => toolData({ name }));
    expect(createCatalogue(connectorData({ tools })).page(cursorAfter("b"))).toEqual({ tools: [tools[1]] });
  });

  it.each([
    "",
    "zzz",
    "a",
    cursorAfter(""),
    `${cursorAfter("a")}=`,
    `${cursorAfter("a")} `,
    "YWZ0ZXI6YQ==",
    "\ud800",
  ])("refuses the cursor %j", (cursor) => {
    expect(createCatalogue(connectorData({ tools: [toolData({ name: "b" })] })).page(cursor)).toBeNull();
  });
});

describe("shared definitions", () => {
  const $defs = {
    Address: { type: "object" },
    Customer: { properties: { address: { $ref: "#/$defs/Address" }, last: { $ref: "#/$defs/Order" } } },
    Order: { properties: { customer: { $ref: "#/$defs/Customer" } } },
    Unused: { type: "object" },
    constructor: { type: "string" },
  };
  const completed = (inputSchema: ToolData["inputSchema"]): unknown =>
    createCatalogue(connectorData({ $defs, tools: [toolData({ inputSchema })] })).find("list_orders")
      ?.inputSchema;

  it("go with a tool that reaches them, through cycles, and no other", () => {
    const { Address, Customer, Order } = $defs;
    const schema = { type: "object", properties: { order: { $ref: "#/$defs/Order" } } } as const;
    expect(completed(schema)).toEqual({ ...schema, $defs: { Address, Customer, Order } });
  });

  it("are reached by a place within them", () => {
    const schema = {
      type: "object",
      properties: { city: { $ref: "#/$defs/Address/properties/city" } },
    } as const;
    expect(completed(schema)).toEqual({ ...schema, $defs: { Address: $defs.Address } });
  });

  it("stand beside the tool's own", () => {
    const schema = {
      type: "object",
      properties: { own: { $ref: "#/$defs/Own" } },
      $defs: { Own: { $ref: "#/$defs/Address" } },
    } as const;
    expect(completed(schema)).toEqual({
      ...schema,
      $defs: { Address: $defs.Address, Own: schema.$defs.Own },
    });
  });

  it("may be named like what every object has", () => {
    const schema = { type: "object", properties: { a: { $ref: "#/$defs/constructor" } } } as const;
    expect(completed(schema)).toEqual({ ...schema, $defs: { constructor: { type: "string" } } });
    const unshared = { type: "object", properties: { a: { $ref: "#/$defs/toString" } } } as const;
    expect(completed(unshared)).toEqual(unshared);
  });

  it("are left out where a tool reaches none", () => {
    expect(completed({ type: "object" })).toEqual({ type: "object" });
  });
});

describe("what a connector is called", () => {
  it("says its version, or its content where it has none", () => {
    expect(createCatalogue(connectorData({ version: "1.2.3" })).version).toBe("1.2.3");
    expect(createCatalogue(connectorData()).version).toBe("0.0.0+5d41402abc4b");
  });

  it("finds no tool that every object has", () => {
    expect(createCatalogue(connectorData()).find("constructor")).toBeUndefined();
  });
});
