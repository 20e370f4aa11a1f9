import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../src/base/index.ts";
import type { FieldStyle, Rest } from "../../../src/manifest/index.ts";
import { encodeBody } from "../../../src/runtime/execution/body.ts";
import { formFields, queryFields } from "../../../src/runtime/execution/fields.ts";
import { failureOf, rest } from "./workbench.ts";

function query(value: Json, style?: FieldStyle): string {
  return queryFields({ f: value }, style === undefined ? {} : { f: style })
    .map(([name, text]) => `${name}=${text}`)
    .join("&");
}

function form(fields: JsonObject, styles: Record<string, FieldStyle> = {}): string {
  return formFields(fields, styles)
    .map(([name, text]) => `${name}=${text}`)
    .join("&");
}

describe("fields", () => {
  const map = { a: 1, b: [2, 3] };
  it.each<[FieldStyle | undefined, Json, string]>([
    [undefined, [1, 2], "f=1&f=2"],
    ["form", [1, 2], "f=1&f=2"],
    ["form", { a: 1, b: 2 }, "a=1&b=2"],
    ["comma", [1, 2], "f=1,2"],
    ["comma", { a: 1, b: 2 }, "f=a,1,b,2"],
    ["space", [1, 2], "f=1 2"],
    ["pipe", ["a", "b"], "f=a|b"],
    ["tab", ["a", "b"], "f=a\tb"],
    ["deep_object", map, "f[a]=1&f[b][0]=2&f[b][1]=3"],
    ["deep_object", ["a"], "f[0]=a"],
    ["json", map, 'f={"a":1,"b":[2,3]}'],
    ["json", "text", "f=text"],
    ["comma", "text", "f=text"],
    ["comma", [], ""],
    ["form", null, ""],
    ["form", [null, 1], "f=1"],
    ["form", false, "f=false"],
    ["deep_object", { a: null }, ""],
  ])("of a query in style %s: %j is %s", (style, value, expected) => {
    expect(query(value, style)).toBe(expected);
  });

  it("of a form nest in brackets unless they have a style", () => {
    expect(
      form({ line_items: [{ price: "p", quantity: 1 }], metadata: { a: "b" }, expand: ["x", "y"] }),
    ).toBe("line_items[0][price]=p&line_items[0][quantity]=1&metadata[a]=b&expand=x&expand=y");
    expect(form({ m: { a: 1 } }, { m: "form" })).toBe("a=1");
    expect(form({ m: { a: 1 } }, { m: "json" })).toBe('m={"a":1}');
  });
});

describe("a map among the fields of a form", () => {
  it("can't name another of them", () => {
    const styles = { more: "form" } as const;
    expect(() => formFields({ more: { amount: "1" }, amount: "20" }, styles)).toThrow(/"amount"/);
    expect(() => formFields({ more: { doc: "1" } }, styles, ["doc"])).toThrow(/"doc"/);
    expect(formFields({ more: { note: "1" }, amount: "20" }, styles)).toEqual([
      ["note", "1"],
      ["amount", "20"],
    ]);
  });
});

describe("a body", () => {
  function encode(body: Json, changes: Partial<Rest> = {}): Promise<{ type: string; text: string }> {
    return encodeBody(body, rest(changes), 10_000).then(({ bytes, type }) => ({
      type,
      text: Buffer.from(bytes).toString("latin1"),
    }));
  }

  it("is JSON, a form, text or bytes", async () => {
    expect(await encode({ a: [1, null, "é"] })).toEqual({
      type: "application/json",
      text: Buffer.from('{"a":[1,null,"é"]}').toString("latin1"),
    });
    expect(await encode({ "a b": "x&y=z", m: { k: 1 } }, { encoding: "form" })).toEqual({
      type: "application/x-www-form-urlencoded",
      text: "a+b=x%26y%3Dz&m%5Bk%5D=1",
    });
    expect((await encode("plain", { encoding: "text" })).text).toBe("plain");
    expect((await encode("AP8=", { encoding: "binary" })).text).toBe("\u0000\u00ff");
    expect((await encode("AP8", { encoding: "binary" })).text).toBe("\u0000\u00ff");
    expect((await encode("_-8=\n", { encoding: "binary" })).text).toBe(
      Buffer.from("/+8=", "base64").toString("latin1"),
    );
  });

  it("is multipart with files", async () => {
    const { type, text } = await encode(
      { note: "hi\r\n--x", doc: "AP8=", tags: ["a", "b"] },
      { encoding: "multipart", files: ["doc"] },
    );
    const boundary = /boundary=(.+)$/.exec(type)?.[1] ?? "none";
    const parts = text.split(`--${boundary}`).slice(1, -1);
    expect(parts.length).toBe(4);
    expect(parts[0]).toContain('name="note"\r\n\r\nhi\r\n--x\r\n');
    expect(text).toContain(
      'name="doc"; filename="doc"\r\nContent-Type: application/octet-stream\r\n\r\n\u0000\u00ff\r\n',
    );
  });

  it("is not what it can't be", async () => {
    const cases: [Json, Partial<Rest>, string][] = [
      ["%%%", { encoding: "binary" }, "input.bad_value"],
      [7, { encoding: "binary" }, "input.bad_value"],
      ["AAAAA", { encoding: "binary" }, "input.bad_value"],
      [[1], { encoding: "form" }, "input.bad_value"],
      [{ f: "?" }, { encoding: "multipart", files: ["f"] }, "input.bad_value"],
      ["x".repeat(10_001), { encoding: "text" }, "input.too_large"],
    ];
    for (const [body, changes, code] of cases)
      expect((await failureOf(encode(body, changes))).code).toBe(code);
  });
});
