import module from "node:module";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { unerasable } from "../../src/manifest/erasable.ts";

beforeAll(() => {
  // Node's warning that it may change.
  vi.spyOn(process, "emitWarning").mockImplementation(() => {});
});

/** Whether Node can run a file as a handler's process does. */
function runsInNode(text: string): boolean {
  try {
    module.stripTypeScriptTypes(text, { mode: "strip" });
    return true;
  } catch {
    return false;
  }
}

const CODE: readonly (readonly [text: string, at: string])[] = [
  ["const a = 1;\nexport enum Größe { klein }", "enum Größe"],
  ["const enum A { B }", "const enum"],
  ["namespace A.B { const x = 1 }", "namespace A.B"],
  ["namespace N { export interface I {} export const a = 1 }", "namespace N"],
  ["namespace N { declare namespace M { const x: 1 } }", "namespace N"],
  ["declare module N { const a: number }", "declare module"],
  ["class A { constructor(protected a: string) {} }", "protected a"],
  ["class A {\n  constructor(\n    // The id.\n    readonly id = f({}),\n  ) {}\n}", "readonly id"],
  ["import fs = require('node:fs');", "import fs"],
  ["export import x = A.B;", "import x"],
  ["export = 1;", "export ="],
  ["const x = <string>y;", "<string>y"],
  ["const f = (x: unknown) => { return <A.B>x; };", "<A.B>x"],
];

const TYPES: readonly string[] = [
  "declare enum A { B }",
  "export declare const enum A { B }",
  "declare namespace N { enum E { A } const a: number }",
  "namespace N {}",
  "namespace A.B { export interface C {} type D = 1; namespace E { type F = 1 } }",
  "declare module 'x' {}",
  "import type A = require('x');",
  "class A { private y = 1; constructor(x: 1) {} readonly z = 2 }",
  "const x = <const>['a'];",
  "const x = <T>(y: T) => y; const z = <T extends U,>(y: T) => y;",
  "// enum A { } namespace B { }\nconst t = 'enum A { }'; const u = `namespace B { }`;",
  "const o = { enum: 1, namespace: 2 }; type T = { enum: 'enum A {' };",
];

describe("what is gone with the types of a file", () => {
  it.each(CODE)("is not %j", async (text, at) => {
    const found = await unerasable(text);
    expect(found.map(({ start }) => text.slice(start, start + at.length))).toEqual([at]);
    expect(runsInNode(text)).toBe(false);
  });

  it.each(TYPES)("is what %j holds", async (text) => {
    expect(await unerasable(text)).toEqual([]);
    expect(runsInNode(text)).toBe(true);
  });

  it("is told of every place, and of no file that is no TypeScript", async () => {
    expect(await unerasable("enum A {}\nnamespace B { f(); }\nenum C {}")).toHaveLength(3);
    expect(await unerasable(`enum A {}${"(".repeat(100_000)}`)).toEqual([]);
  });
});
