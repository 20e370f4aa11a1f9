import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../src/base/index.ts";
import { Renderer, reads } from "../../../src/runtime/execution/templates.ts";
import { ToolFailure } from "../../../src/runtime/seams.ts";

function render(template: Json, params: JsonObject = {}, more: JsonObject = {}): Json | undefined {
  return new Renderer({ params, account: {}, ...more }).value(template);
}

describe("a template", () => {
  it.each<[string, JsonObject, Json | undefined]>([
    ["{{ params.n }}", { n: 5 }, 5],
    ["{{params.n}}", { n: 0 }, 0],
    ["{{ params.n }}", { n: false }, false],
    ["{{ params.n }}", { n: null }, null],
    ["{{ params.n }}", { n: [1, "a", { b: [] }] }, [1, "a", { b: [] }]],
    ["{{ params.n }}", { n: "{{ params.x }}", x: "never" }, "{{ params.x }}"],
    ["{{ params.n }}", {}, undefined],
    ["{{ params.n.a[1].b }}", { n: { a: [0, { b: 2 }] } }, 2],
    ["{{ params['a-b'] }}", { "a-b": 1 }, 1],
    ['{{ params["a.b"] }}', { "a.b": 1 }, 1],
    ["{{ params.n[9] }}", { n: [1] }, undefined],
    ["n={{ params.n }}!", { n: 5 }, "n=5!"],
    ["n={{ params.n }}!", {}, "n=!"],
    ["{{ params.a }}{{ params.b }}", { a: 1, b: [2, 3] }, "12,3"],
    ["{{ params.n }} ", { n: { a: 1 } }, '{"a":1} '],
    ["plain", {}, "plain"],
    ["{% raw %}", {}, "{% raw %}"],
  ])("%s of %j is %j", (template, params, expected) => {
    expect(render(template, params)).toEqual(expected);
  });

  it.each<[string, JsonObject, Json | undefined]>([
    ["{{ params.n | invert: 5 }}", { n: 1 }, 4],
    ["{{ params.n | invert:5 }}", { n: "4" }, 1],
    ["{{ params.n | add: 1 | sub: 3 }}", { n: 10 }, 8],
    ["{{ params.n | add: params.m }}", { n: 10, m: 2 }, 12],
    ["{{ params.n | invert: 5 }}", {}, undefined],
    ["{{ params.n | invert: 5 }}", { n: null }, undefined],
    ["{{ params.n | default: 50 }}", {}, 50],
    ["{{ params.n | default: 50 }}", { n: "" }, 50],
    ["{{ params.n | default: 50 }}", { n: null }, 50],
    ["{{ params.n | default: 50 }}", { n: 0 }, 0],
    ["{{ params.n | default: true }}", { n: false }, false],
    ["{{ params.n | default: 'a|b:c' }}", {}, "a|b:c"],
    ["{{ params.n | default: params.m | add: 1 }}", { m: 3 }, 4],
    ["{{ params.n | default: null }}", {}, null],
    ["{{ params.n | default: nil }}", { n: 0 }, 0],
    ["x{{ params.n | default: null }}y", {}, "xy"],
    ["{{ params.n | default: empty }}", {}, ""],
    ["{{ nil | default: 5 }}", {}, 5],
    ["{{ null }}", {}, null],
  ])("with filters: %s of %j is %j", (template, params, expected) => {
    expect(render(template, params)).toEqual(expected);
  });

  it("reaches own properties only", () => {
    const names = [
      "constructor",
      "__proto__",
      "toString",
      "hasOwnProperty",
      "size",
      "first",
      "last",
      "length",
    ];
    for (const name of names) {
      expect([name, render(`{{ params.${name} }}`)]).toEqual([name, undefined]);
      expect([name, render(`{{ params.list.${name} }}`, { list: [1, 2] })]).toEqual([name, undefined]);
      expect([name, render(`{{ params.text['${name}'] }}`, { text: "abc" })]).toEqual([name, undefined]);
      expect([name, render(`{{ ${name} }}`)]).toEqual([name, undefined]);
    }
    expect(render("{{ params.size }}", { size: 3 })).toBe(3);
    expect(render("{{ params.constructor.constructor }}")).toBeUndefined();
  });

  it("knows four filters and no more", () => {
    for (const filter of ["upcase", "append: 'x'", "date: '%Y'", "map: 'a'", "json", "raw"]) {
      expect(() => render(`{{ params.n | ${filter} }}`, { n: "x" })).toThrow(ToolFailure);
    }
    expect(() => render("{{ params.n | add: 1 }}", { n: "many" })).toThrow(/is not a number/);
    expect(() => render("{{ params.n | add: params.m }}", { n: 1 })).toThrow(/is not a number/);
  });

  it("drops what is absent, and what that empties", () => {
    const template = {
      a: "{{ params.a }}",
      nested: { b: "{{ params.b }}", deeper: { c: "{{ params.c }}" } },
      list: ["{{ params.d }}", { e: "{{ params.e }}" }],
      kept: {},
      none: [],
      fixed: null,
    };
    expect(render(template)).toEqual({ kept: {}, none: [], fixed: null });
    expect(render(template, { c: 0, e: "" })).toEqual({
      nested: { deeper: { c: 0 } },
      list: [{ e: "" }],
      kept: {},
      none: [],
      fixed: null,
    });
    expect(render({ a: "{{ params.a }}" })).toBeUndefined();
  });

  it("makes no more text than a call may send", () => {
    const big = "x".repeat(1_000_000);
    const template = Array.from({ length: 10 }, () => "a{{ params.big }}");
    expect(() => render(template, { big })).toThrow(/more than/);
    expect(() => render("{{ (1..100000000) }}")).toThrow(ToolFailure);
  });

  it("keeps any value as it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const params: JsonObject = JSON.parse(JSON.stringify({ value }));
        expect(render("{{ params.value }}", params)).toEqual(params.value);
        expect(render({ a: ["{{ params.value }}"] }, params)).toEqual({ a: [params.value] });
      }),
      { numRuns: 200 },
    );
  });

  it("is never run twice, whatever its values are", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const tricky = `{{ params.secret }}${text}{% if %}`;
        expect(render("{{ params.a }}", { a: tricky, secret: "no" })).toBe(tricky);
        expect(render("<{{ params.a }}>", { a: tricky, secret: "no" })).toBe(`<${tricky}>`);
      }),
      { numRuns: 200 },
    );
  });

  it("tells which step it needs", () => {
    expect(reads({ a: ["{{ lookup.data.id }}"] }, ["lookup"])).toBe("lookup");
    expect(reads("{{ params.x | default: lookup.y }}", ["lookup"])).toBe("lookup");
    expect(reads("{{ params.lookup }} lookup", ["lookup"])).toBeNull();
    expect(reads("{{ params['lookup'] }}", ["lookup"])).toBeNull();
  });
});
