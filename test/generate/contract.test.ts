import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { contractText } from "../../src/generate/index.ts";
import { contract } from "../../src/manifest/shape/contract.ts";
import { manifest } from "./manifest.ts";

const doc = readFileSync(fileURLToPath(new URL("../../docs/contract.md", import.meta.url)), "utf8");
const rows = [...doc.matchAll(/^\| `([^`]+)` \|/gm)].map(([, field = ""]) => field);

/** The own fields of a map. */
const entries = (map: unknown): [string, unknown][] => Object.entries(Object(map));

/** The fields of a JSON Schema of maps and lists, as docs/contract.md names them. */
function fieldsOf(schema: unknown, path = ""): string[] {
  const { properties, items, additionalProperties: names } = Object(schema);
  if (properties !== undefined) {
    return entries(properties).flatMap(([key, item]) => fieldsOf(item, path === "" ? key : `${path}.${key}`));
  }
  if (entries(names).length > 0) return fieldsOf(names, `${path}.*`);
  return entries(items).length > 0 ? fieldsOf(items, `${path}[]`) : [path];
}

it("docs/contract.md names every field that the shape has, in their order", async () => {
  const { toJSONSchema } = await import("zod");
  expect(rows).toEqual(fieldsOf(toJSONSchema(contract, { io: "input" })));
});

it("a contract has its fields in the order of docs/contract.md", () => {
  const top = [...new Set(rows.map((field) => field.replace(/[.[].*/, "")))];
  const text = JSON.parse(contractText(manifest()));
  expect(Object.keys(text)).toEqual(top);
  const sections = rows.flatMap((field) => /^sections\.([^.[]+)/.exec(field)?.[1] ?? []);
  expect(Object.keys(Object(text.sections))).toEqual([...new Set(sections)]);
});

it.each(
  [...doc.matchAll(/^\| `([^`[*]+)` \| "([^"]+)" \|/gm)].map(
    ([, field = "", value]) => [field, value] as const,
  ),
)("%s is %j", (field, value) => {
  const at = (here: unknown, key: string): unknown => Reflect.get(Object(here), key);
  expect(field.split(".").reduce(at, JSON.parse(contractText(manifest())))).toBe(value);
});
