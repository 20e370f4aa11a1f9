import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../src/base/index.ts";
import { type Manifest, openReader } from "../../../src/manifest/index.ts";
import { createExecutor } from "../../../src/runtime/execution/executor.ts";
import type { Runnable } from "../../../src/runtime/seams.ts";
import { account } from "./workbench.ts";

const root = fileURLToPath(new URL("../../../connectors", import.meta.url));
const slugs = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const reader = openReader({ root, display: "connectors" });
const executor = createExecutor();

afterAll(async () => {
  await reader.close();
  await executor.close();
});

const isMap = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Something that a schema describes, as far as a request cares. */
function sample(schema: Json | undefined, shared: JsonObject): Json {
  if (!isMap(schema)) return "x1";
  if (typeof schema.$ref === "string") return sample(shared[schema.$ref.replace("#/schemas/", "")], shared);
  if (Array.isArray(schema.enum)) return schema.enum[0] ?? null;
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "integer" || type === "number") return schema.minimum ?? 1;
  if (type === "boolean") return true;
  if (type === "array") return [sample(schema.items, shared)];
  if (type !== "object") return "x1";
  const fields = isMap(schema.properties) ? schema.properties : {};
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, sample(field, shared)]));
}

function inputsOf(input: JsonObject, shared: JsonObject): JsonObject[] {
  const fields = Object.entries(isMap(input.properties) ? input.properties : {});
  const required = Array.isArray(input.required) ? input.required : [];
  const filled = (some: typeof fields) =>
    Object.fromEntries(some.map(([name, field]) => [name, sample(field, shared)]));
  return [filled(fields), filled(fields.filter(([name]) => required.includes(name)))];
}

function runnables({ tools, auth }: Manifest): (Runnable & { readonly input: JsonObject })[] {
  const whoami = auth.whoami && {
    ...auth.whoami,
    name: "whoami",
    side_effecting: false,
    idempotent: true,
    input: {},
  };
  return whoami === null ? tools : [...tools, whoami];
}

it.each(slugs)(
  "each tool of %s makes a request, with all of its input and with what it must have",
  async (slug) => {
    const reading = await reader.read(slug);
    if (!("manifest" in reading) || !reading.manifest) throw new Error(`${slug} has no manifest`);
    const { manifest } = reading;
    const connection = account(
      { ACCESS_TOKEN: "t", API_KEY: "k" },
      { connector: slug, fields: { shop: "example" } },
    );
    for (const tool of runnables(manifest)) {
      for (const input of inputsOf(tool.input, manifest.schemas)) {
        const planned = await executor.preview(manifest, tool, input, connection);
        expect(planned.length).toBeGreaterThan(0);
        expect([tool.name, JSON.stringify(planned)]).not.toEqual([
          tool.name,
          expect.stringMatching(/\{\{|undefined|\[object/),
        ]);
      }
    }
  },
);
