import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { assertNode } from "../../src/runtime/define.ts";
import { defineConnector } from "../../src/runtime/index.ts";
import { connectorData, toolData } from "./connector.ts";

const folder = mkdtempSync(join(tmpdir(), "define-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The URL of a data file with this text. */
function dataFile(text: string): URL {
  const path = join(folder, "mcp.data.json");
  writeFileSync(path, text);
  return pathToFileURL(path);
}

describe("defineConnector", () => {
  it("gives back what it was given, frozen", () => {
    const connector = defineConnector(connectorData({ tools: [toolData()] }));
    expect(connector).toMatchObject(connectorData({ tools: [toolData()] }));
    expect([connector, connector.tools, connector.tools[0]].every(Object.isFrozen)).toBe(true);
  });

  it("reads the data from a file beside", () => {
    const url = dataFile(JSON.stringify({ "//": "Generated", ...connectorData({ tools: [toolData()] }) }));
    expect(defineConnector(url).tools).toEqual([toolData()]);
  });

  it("accepts tools that are named like what every object has", () => {
    const tools = ["constructor", "to_string", "valueof"].map((name) => toolData({ name }));
    expect(defineConnector(connectorData({ tools })).tools).toHaveLength(3);
  });

  it.each([
    ["a file that is torn", '{"name":"shopify","tools":[', "it is not JSON"],
    ["a list instead of a connector", "[]", "The connector is no object"],
    ["no name", JSON.stringify({ ...connectorData(), name: 1 }), "The connector's name is no text"],
    ["no tools", JSON.stringify({ ...connectorData(), tools: {} }), "The connector has no list of tools"],
    ["definitions that are none", JSON.stringify({ ...connectorData(), $defs: [] }), "$defs are no object"],
    [
      "a tool twice",
      JSON.stringify(connectorData({ tools: [toolData(), toolData()] })),
      "list_orders is there twice",
    ],
    ["a tool without a name", JSON.stringify({ ...connectorData(), tools: [{}] }), "A tool has no name"],
    [
      "a tool with no input",
      JSON.stringify({ ...connectorData(), tools: [{ name: "a" }] }),
      "The input of the tool a",
    ],
  ])("refuses %s in plain words", (_what, text, message) => {
    const define = (): unknown => defineConnector(dataFile(text));
    expect(define).toThrow(message);
    expect(define).toThrow(expect.objectContaining({ code: "runtime.bad_connector" }));
    expect(define).toThrow(
      expect.objectContaining({ stack: expect.stringMatching(/^[^\n]+\.\nRun `sentinel run`/) }),
    );
  });

  it("says which file is missing", () => {
    const url = pathToFileURL(join(folder, "gone.json"));
    expect(() => defineConnector(url)).toThrow(/gone\.json can't be read \(ENOENT\)/);
  });
});

describe("assertNode", () => {
  it.each(["22.22.0", "22.30.1", "24.0.0", "25.1.0-nightly2026"])("accepts %s", (version) => {
    expect(() => assertNode(version)).not.toThrow();
  });

  it.each(["22.21.9", "20.20.2", "18.0.0"])("refuses %s and says what is needed", (version) => {
    expect(() => assertNode(version)).toThrow(`needs Node 22.22 or newer, and this is Node ${version}`);
  });
});
