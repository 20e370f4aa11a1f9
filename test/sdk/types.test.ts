import { readFileSync } from "node:fs";
import { parse } from "@babel/parser";
import { describe, expect, it } from "vitest";
import type { Json } from "../../src/base/index.ts";
import { get, isMap, listAt } from "../../src/import/json.ts";
import { jsonSchema } from "../../src/manifest/index.ts";

const text = readFileSync(new URL("../../src/sdk/types.ts", import.meta.url), "utf8");

/** The fields of each interface of src/sdk/types.ts. */
const interfaces = new Map(
  parse(text, { sourceType: "module", plugins: ["typescript"] }).program.body.flatMap((statement) => {
    const node = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (node?.type !== "TSInterfaceDeclaration") return [];
    const names = node.body.body.flatMap((member) =>
      member.type === "TSPropertySignature" && member.key.type === "Identifier" ? [member.key.name] : [],
    );
    return [[node.id.name, names.sort()] as const];
  }),
);

/** The fields of a part of the manifest's own JSON Schema. */
function fieldsOf(path: string): string[] {
  const root: Json = JSON.parse(JSON.stringify(jsonSchema()));
  const resolve = (schema: Json | undefined): Json | undefined => {
    const [only] = listAt(schema, "allOf");
    if (only !== undefined) return resolve(only);
    const ref = get(schema, "$ref");
    if (typeof ref !== "string") return schema;
    return resolve(
      ref
        .slice(2)
        .split("/")
        .reduce<Json | undefined>((here, step) => get(here, step), root),
    );
  };
  const steps = path.split(".").filter((step) => step !== "");
  const found = steps.reduce<Json | undefined>(
    (here, step) => resolve(step === "[]" ? get(here, "items") : get(get(here, "properties"), step)),
    resolve(root),
  );
  const properties = get(found, "properties");
  return isMap(properties) ? Object.keys(properties).sort() : [];
}

describe("the types of the SDK", () => {
  it.each([
    ["ConnectorDefinition", "", []],
    ["Scope", "scopes.[]", []],
    ["Kpi", "kpis.[]", []],
    ["ToolFields", "tools.[]", ["applescript", "graphql", "handler", "rest", "sql", "steps"]],
    ["Rest", "tools.[].rest", []],
    ["Graphql", "tools.[].graphql", []],
    ["Sql", "tools.[].sql", []],
    ["Applescript", "tools.[].applescript", []],
    ["Response", "tools.[].rest.response", []],
    ["Step", "tools.[].steps.[]", []],
  ])("%s has the fields of the manifest", (name, path, apart) => {
    const fields = fieldsOf(path);
    expect(fields.length).toBeGreaterThan(1);
    expect([...(interfaces.get(name) ?? []), ...apart].sort()).toEqual(fields);
  });
});
