import { createServer as createHttpServer, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { CallToolResult } from "@modelcontextprotocol/server";
import { createCatalogue } from "../../src/runtime/catalogue.ts";
import { serveHttp } from "../../src/runtime/serve/http.ts";
import { IDLE } from "../../src/runtime/serve/serving.ts";
import { type CallTool, failure } from "../../src/runtime/server.ts";
import { manifest, tool } from "../generate/manifest.ts";
import { workspace } from "./workspace.ts";

// One pixel, and no sound at all.
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const WAV = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=";

const text = { type: "text", text: "This is a simple text response for testing." } as const;
const image = { type: "image", data: PNG, mimeType: "image/png" } as const;
const resource = (uri: string, mimeType: string, content: string) =>
  ({ type: "resource", resource: { uri, mimeType, text: content } }) as const;

/** What the conformance suite wants from the tools that it calls by name. */
const ANSWERS: Record<string, CallToolResult> = {
  test_simple_text: { content: [text] },
  test_image_content: { content: [image] },
  test_audio_content: { content: [{ type: "audio", data: WAV, mimeType: "audio/wav" }] },
  test_embedded_resource: {
    content: [resource("test://embedded-resource", "text/plain", "This is an embedded resource content.")],
  },
  test_multiple_content_types: {
    content: [
      { type: "text", text: "Multiple content types test:" },
      image,
      resource("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
    ],
  },
  test_error_handling: failure("test.intended", "This tool intentionally returns an error for testing"),
};

/** Every keyword that the suite wants to find again in the list. */
const SCHEMA_2020 = tool({
  name: "json_schema_2020_12_tool",
  input: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    $defs: { address: { $anchor: "address", type: "object", properties: { city: { type: "string" } } } },
    properties: {
      name: { type: "string" },
      address: { $ref: "#/$defs/address" },
      contact: { enum: ["phone", "email"] },
      phone: { type: "string" },
      email: { type: "string" },
    },
    allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
    if: { properties: { contact: { const: "phone" } }, required: ["contact"] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { required: ["phone"] },
    else: { required: ["email"] },
    additionalProperties: false,
  },
});

const CONNECTOR = manifest({
  provider_slug: "conformance",
  tools: [
    SCHEMA_2020,
    ...Object.keys(ANSWERS).map((name) => tool({ name, description: "Answers what the suite expects." })),
  ],
});

const callTool: CallTool = async ({ tool }) => {
  await sleep(1);
  return ANSWERS[tool.name] ?? failure("test.unknown", "No such answer.");
};

/**
 * Serves a generated connector with the suite's tools over Streamable HTTP on a free port of this machine, as
 * `sentinel serve` does. The suite sends no token, so something in front of it adds one.
 */
export async function serve(): Promise<{ url: string; close(): Promise<void> }> {
  const place = workspace();
  const { connector } = await import(pathToFileURL(place.add("conformance", CONNECTOR)).href);
  place.remove();
  const face = { catalogue: createCatalogue(connector), call: callTool };
  const front = createHttpServer();
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  const address = front.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const own = [`127.0.0.1:${address.port}`, `localhost:${address.port}`];
  const server = await serveHttp({
    serving: {
      current: () => face,
      state: { ...IDLE, answeredAt: 0 },
      onCall: () => {},
      drain: async () => {},
    },
    runtime: { agent: async () => "suite" },
    host: "127.0.0.1",
    port: 0,
    doors: { hosts: own, origins: own.map((name) => `http://${name}`) },
  });
  front.on("request", (incoming, response) => {
    const { method, url, headers } = incoming;
    const sent = request(
      {
        host: "127.0.0.1",
        port: server.port,
        method,
        path: url,
        headers: { ...headers, authorization: "Bearer suite" },
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    sent.on("error", () => response.destroy());
    response.on("close", () => sent.destroy());
    incoming.pipe(sent);
  });
  return {
    url: `http://127.0.0.1:${address.port}/mcp`,
    close: async () => {
      await server.close();
      front.closeAllConnections();
      await new Promise((resolve) => front.close(resolve));
    },
  };
}
