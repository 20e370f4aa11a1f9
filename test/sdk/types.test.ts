import { readFileSync } from "node:fs";
import { parse } from "@babel/parser";
import { describe, expect, it } from "vitest";
import type { Json } from "../../src/base/index.ts";
import { get, isMap, listAt } from "../../src/import/json.ts";
import { jsonSchema } from "../../src/manifest/index.ts";

const file = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** The members of each interface of a file: its fields, and its methods with the names of their parameters. */
function interfacesOf(path: string): ReadonlyMap<string, readonly string[]> {
  const { program } = parse(file(path), { sourceType: "module", plugins: ["typescript"] });
  return new Map(
    program.body.flatMap((statement) => {
      const node = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
      if (node?.type !== "TSInterfaceDeclaration") return [];
      const names = node.body.body.flatMap((member) => {
        if (member.type !== "TSPropertySignature" && member.type !== "TSMethodSignature") return [];
        if (member.key.type !== "Identifier") return [];
        if (member.type === "TSPropertySignature") return [member.key.name];
        const given = member.params.map((one) =>
          one.type === "Identifier" ? `${one.name}${one.optional ? "?" : ""}` : "…",
        );
        return [`${member.key.name}(${given.join(", ")})`];
      });
      return [[node.id.name, names.sort()] as const];
    }),
  );
}

const interfaces = interfacesOf("src/sdk/types.ts");

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

describe("docs/runtime.md", () => {
  const [, handlers = ""] = /^## Handlers$([\s\S]*?)^## /m.exec(file("docs/runtime.md")) ?? [];
  const context = interfacesOf("src/sdk/context.ts");

  it("has the methods of http with their parameters", () => {
    const calls = [...handlers.matchAll(/^http\.(.*)$/gm)].map(([, call]) => call);
    expect(calls.sort()).toEqual(context.get("HttpCalls"));
  });

  it.each(["HandlerContext", "HttpOptions", "HttpAnswer"])("names what %s has", (name) => {
    const members = context.get(name) ?? [];
    expect(members.length).toBeGreaterThan(2);
    for (const member of members) expect(handlers).toMatch(new RegExp(`\\b${member.replace(/\W.*/, "")}\\b`));
  });
});
