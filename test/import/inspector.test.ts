import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/base/index.ts";
import { workspace } from "../runtime/workspace.ts";
import { DATA, documentOf, importable, makeWorkbench } from "./workbench.ts";

const bench = makeWorkbench();
const place = workspace();
afterAll(() => place.remove());
const inspector = join(
  dirname(createRequire(import.meta.url).resolve("@modelcontextprotocol/inspector/package.json")),
  "clients/launcher/build/index.js",
);

/** The names of the tools that the MCP Inspector lists of an imported document's generated server, under --strict. */
async function listed(document: JsonObject | Buffer) {
  const { manifest } = await bench.importDocument(document);
  const file = place.add("acme", manifest);
  const args = [inspector, "--cli", process.execPath, file, "--method", "tools/list", "--strict"];
  const env = { ...process.env, HOME: place.path };
  const ran = spawnSync(process.execPath, args, { encoding: "utf8", env, maxBuffer: 64 * 1024 * 1024 });
  // Warnings are about what some clients can't read, and what the document leaves open; they are counted at the end.
  const errors = ran.stderr === "" ? "0 errors" : /\d+ errors/.exec(ran.stderr)?.[0];
  expect({ status: ran.status, errors }, ran.stderr).toEqual({ status: 0, errors: "0 errors" });
  const { tools }: { tools: { name: string }[] } = JSON.parse(ran.stdout);
  return {
    names: tools.map(({ name }) => name),
    wanted: manifest.tools.map(({ name }) => name),
    bytes: ran.stdout.length,
  };
}

it("the MCP Inspector accepts the tools of an imported document, circles and odd names included", async () => {
  const schemas: JsonObject = {
    "A.b": { type: "object", properties: { next: { $ref: "#/components/schemas/A.b" }, constructor: {} } },
  };
  const content = { "application/json": { schema: { $ref: "#/components/schemas/A.b" } } };
  const operation = { operationId: "constructor", requestBody: { content } };
  const { names } = await listed(documentOf(operation, { components: { schemas } }, "/things", "post"));
  expect(names).toEqual(["constructor"]);
});

// Reason to skip: the documents belong to others and are not in the repository (SENTINEL_TEST_DATA names their folder).
describe.skipIf(DATA === null)("the MCP Inspector accepts the tools of", () => {
  it.each(importable())("%s", async (file) => {
    const { names, wanted, bytes } = await listed(readFileSync(join(DATA ?? "", "openapi", file)));
    expect(names).toEqual(wanted);
    expect(bytes).toBeLessThan(2 * 1024 * 1024);
  });
});
