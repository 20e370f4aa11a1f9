import type { Manifest } from "../../src/manifest/index.ts";
import { manifest, tool } from "./manifest.ts";

/** One small manifest per feature; what it generates stands in test/fixtures/generate/<name>/. */
export const CASES: Record<string, Manifest> = {
  "no-tools": manifest(),
  "version-and-instructions": manifest({
    version: "1.2.3",
    instructions: "Ask for a date range first.\nAmounts are in cents.",
  }),
  annotations: manifest({
    tools: [
      tool({ name: "cancel_order", side_effecting: true, destructive: true }),
      tool({
        name: "find_local",
        sql: {
          database: "local_path",
          file: null,
          query: "select 1",
          query_field: null,
          params: {},
          response: null,
        },
      }),
      tool({ name: "list_orders" }),
      tool({ name: "put_order", side_effecting: true, idempotent: true }),
      tool({ name: "send_order", side_effecting: true }),
    ],
  }),
  "texts-and-scopes": manifest({
    tools: [
      tool({
        title: "List orders",
        description: "Lists orders, newest first.",
        capability: "order.list",
        scopes: ["read_customers", "read_orders"],
        input: {
          type: "object",
          properties: { status: { type: "string", enum: ["open", "closed"], default: "open" } },
          required: ["status"],
          additionalProperties: false,
        },
        output: { type: "object", properties: { orders: { type: "array", items: { type: "object" } } } },
      }),
    ],
  }),
  "shared-schemas": manifest({
    schemas: {
      Address: { type: "object", properties: { city: { type: "string" } } },
      Customer: {
        type: "object",
        properties: {
          address: { $ref: "#/schemas/Address" },
          orders: { type: "array", items: { $ref: "#/schemas/Order" } },
        },
      },
      Order: {
        type: "object",
        properties: {
          customer: { $ref: "#/schemas/Customer" },
          parent: { $ref: "#" },
          line: { $ref: "#/$defs/Line" },
        },
        $defs: { Line: { type: "object" } },
      },
      Unused: { type: "object" },
    },
    tools: [
      tool({
        name: "get_city",
        input: { type: "object", properties: { city: { $ref: "#/schemas/Address/properties/city" } } },
      }),
      tool({ name: "get_order", output: { $ref: "#/schemas/Order" } }),
      tool({
        name: "name_taken",
        input: {
          type: "object",
          properties: { own: { $ref: "#/$defs/Customer" }, shared: { $ref: "#/schemas/Customer" } },
          $defs: { Customer: { type: "string" } },
        },
      }),
    ],
  }),
  "ref-that-is-none": manifest({
    schemas: { Order: { type: "object" } },
    tools: [
      tool({
        input: {
          type: "object",
          properties: { $ref: { type: "string" }, default: { $ref: "#/schemas/Order" } },
          default: { $ref: "#/schemas/Order" },
          examples: [{ $ref: "#/schemas/Order" }],
        },
      }),
    ],
  }),
  "names-of-object-prototype": manifest({
    schemas: { constructor: { type: "object" } },
    tools: [
      tool({
        name: "constructor",
        input: JSON.parse(
          '{"type":"object","properties":{"__proto__":{"type":"string"},"toString":{"type":"string"},"ctor":{"$ref":"#/schemas/constructor"}},"required":["__proto__"]}',
        ),
      }),
    ],
  }),
  "hostile-texts": manifest({
    display_name: `*/ import fs from 'node:fs' // \${process.env} \``,
    instructions:
      "</script><!-- {{ range.constructor('return 1')() }} {% raw %} \\u0041 \u2028 \u202e \u001b[31m \u00e9 \u{1f600}",
    tools: [tool({ description: '\\"; process.exit(1); //\r\n' })],
  }),
};
