import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import * as z from "zod";
import { CODES, type Json } from "../../src/base/index.ts";
import { jsonSchema } from "../../src/manifest/index.ts";
import { authShapes } from "../../src/manifest/shape/auth.ts";
import { manifest } from "../../src/manifest/shape/manifest.ts";
import { RULE_FAULTS, SHAPE_FAULTS } from "./faults.ts";
import { SMALLEST } from "./folder.ts";

const file = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** The names of all fields of a shape, at any depth. */
function fieldsOf(shape: z.core.$ZodType, seen = new Set<string>()): Set<string> {
  if (shape instanceof z.ZodOptional) fieldsOf(shape.unwrap(), seen);
  else if (shape instanceof z.ZodArray) fieldsOf(shape.element, seen);
  else if (shape instanceof z.ZodRecord) fieldsOf(shape.valueType, seen);
  else if (shape instanceof z.ZodObject) {
    for (const [name, field] of Object.entries(shape.shape)) {
      seen.add(name);
      fieldsOf(field, seen);
    }
  }
  return seen;
}

describe("docs/manifest.md", () => {
  const text = file("docs/manifest.md");
  const fields = new Set([
    ...fieldsOf(manifest),
    ...Object.values(authShapes).flatMap((shape) => [...fieldsOf(shape)]),
  ]);

  it.each([...fields])("names the field %s", (field) => {
    expect(text).toContain(`\`${field}\``);
  });
});

it("docs/diagnostics.md has a row for every code", () => {
  const text = file("docs/diagnostics.md");
  const rows = [...text.matchAll(/^\| `([a-z_.0-9]+)` \|/gm)].map((match) => match[1]);
  expect(rows.toSorted()).toEqual(Object.keys(CODES).toSorted());
});

describe("the JSON Schema", () => {
  const validate = new Ajv({ strict: false }).compile(jsonSchema());
  const read = (text: string): Json => parseDocument(text).toJS();
  const textOf = (files: string | Record<string, string | Buffer>): string =>
    typeof files === "string" ? files : String(files["manifest.yaml"]);

  it("in the repo is the one that the shapes give", () => {
    expect(JSON.parse(file("connectors/manifest.schema.json"))).toEqual(jsonSchema());
  });

  const accepted: [string, string][] = [
    ["the smallest", SMALLEST],
    ["every field", file("test/fixtures/manifest/everything/manifest.yaml")],
    ["a folded summary", `${SMALLEST}summary: >\n  Sells.\n`],
    ...["bearer", "{type: basic}", "{basic: {}}", "{api_key: {name: a}}", "{bearer: null}"].map(
      (auth): [string, string] => [`auth ${auth}`, `${SMALLEST}auth: ${auth}\n`],
    ),
  ];
  it.each(accepted)("accepts %s", (_, text) => {
    validate(read(text));
    expect(validate.errors).toBeNull();
  });

  it.each(RULE_FAULTS)("accepts what only a rule refuses: %s", (_, files) => {
    validate(read(textOf(files)));
    expect(validate.errors).toBeNull();
  });

  it.each(SHAPE_FAULTS.filter(([, files]) => typeof files === "string"))("refuses %s", (_, files) => {
    expect(validate(read(textOf(files)))).toBe(false);
  });
});
