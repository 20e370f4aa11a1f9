import module from "node:module";
import { describe, expect, it } from "vitest";
import { type Service, serviceOf } from "../../src/cli/building/service.ts";

/** What becomes of a file; each `tool(` in it is wanted, by the name that it says. */
function slice(source: string): Service {
  const code = module.stripTypeScriptTypes(source, { mode: "strip" });
  const wanted = [...source.matchAll(/\btool\(\{ name: "(\w+)"/g)].map(({ 1: tool = "", index }) => ({
    tool,
    at: index,
  }));
  return serviceOf(source, code, wanted);
}

const IMPORTS = `import { tool } from "connector-sentinel/sdk";\n`;

/** Names of what the text exports, by running it as handlers are run. */
async function run(text: string, name: string, input: unknown = {}): Promise<unknown> {
  const loaded = await import(`data:text/javascript,${encodeURIComponent(text)}`);
  return loaded[name](input, {});
}

describe("service.ts", () => {
  it.each([
    ["an arrow", `handler: async ({ n }) => n + 1`, "export const a = async ({ n }) => n + 1;\n"],
    [
      "a function",
      `handler: function inner({ n }) { return n + 1; }`,
      "export const a = function inner({ n }) { return n + 1; };\n",
    ],
    [
      "a method",
      `async handler({ n }: { n: number }): Promise<number> { return n + 1; }`,
      "export async function a({ n }) { return n + 1; }\n",
    ],
    ["a quoted key", `"handler": ({ n }) => n + 1`, "export const a = ({ n }) => n + 1;\n"],
  ])("has %s", async (_what, handler, text) => {
    const service = slice(`${IMPORTS}tool({ name: "a", ${handler} });`);
    expect(service).toMatchObject({ text, refusals: [] });
    expect(await run(service.text, "a", { n: 1 })).toBe(2);
  });

  it("exports a function of the file under its own name, whether the file does or not", async () => {
    const { text, functions, refusals } = slice(`${IMPORTS}
export const double = (n: number): number => n * 2;
async function first({ n }: { n: number }) {
  return double(n);
}
export default [tool({ name: "a", handler: first }), tool({ name: "b", handler: double })];
`);
    expect(refusals).toEqual([]);
    expect(text).toBe(`export const double = (n) => n * 2;

export async function first({ n }) {
  return double(n);
}
`);
    expect(Object.fromEntries(functions)).toEqual({ a: "first", b: "double" });
  });

  it("has what handlers use, and what that uses, in the file's order, and nothing else", async () => {
    const { text, refusals } = slice(`// The head of the file.
${IMPORTS}
const unused = tool;
// Filled below.
const names = new Map<string, string>();
class Store<T> {
  constructor(private_: T) {
    this.value = private_;
  }
}
const store = new Store(0), { length: [, size = 4] } = { length: [1] };
names.set("x", "y"); unused.name;
for (const key of ["k"]) names.set(key, key);
store2();
function store2() {}
export default tool({ name: "a", handler: ({ key }) => [names.get(key), store.value, size] });
`);
    expect(refusals).toEqual([]);
    expect(text).toBe(`// Filled below.
const names = new Map();

class Store {
  constructor(private_) {
    this.value = private_;
  }
}

const store = new Store(0), { length: [, size = 4] } = { length: [1] };

names.set("x", "y");

for (const key of ["k"]) names.set(key, key);

export const a = ({ key }) => [names.get(key), store.value, size];
`);
    expect(await run(text, "a", { key: "k" })).toEqual(["k", 0, 4]);
  });

  it("moves a handler to the margin, but not the lines of a text", async () => {
    const { text } = slice(`${IMPORTS}
export default [
    tool({ name: "a", handler: () => {
        return 1;
    } }),
    tool({ name: "b", handler: () => {
        return \`one
        two\`;
    } }),
];
`);
    expect(text).toContain("export const a = () => {\n    return 1;\n};\n");
    expect(await run(text, "b")).toBe("one\n        two");
  });

  it("gives another name where a tool's can't be a function's", () => {
    const { functions, text } = slice(`${IMPORTS}
const list = [1];
export default [tool({ name: "delete", handler: () => 1 }), tool({ name: "list", handler: () => list })];
`);
    expect(Object.fromEntries(functions)).toEqual({ delete: "delete_handler", list: "list_handler" });
    expect(text).toContain("export const list_handler = () => list;");
  });

  it("leaves no hole where types were", () => {
    const { text } = slice(`${IMPORTS}
type Gone = { a: number };
const table = { a: 1 } satisfies Gone as const;
export default tool({ name: "a", handler: async <T,>(input: { a?: T }, _ctx: unknown): Promise<T | undefined> => {
  type Inner = T;
  interface More { x: Inner }
  const found = input.a!;
  return table.a ? (found as unknown as T) : undefined;
} });
`);
    expect(text).toBe(`const table = { a: 1 };

export const a = async (input, _ctx) => {
  const found = input.a;
  return table.a ? (found) : undefined;
};
`);
  });

  it("is the same whatever the file's line ends are, and finds types in any script", () => {
    const source = `${IMPORTS}
const words: Record<"ü€😀", number> = { "ü€😀": 1 };
export default tool({ name: "a", handler: (input: { "日本"?: "é" }) => {
  return [words["ü€😀"], input];
} });
`;
    const text =
      'const words = { "ü€😀": 1 };\n\nexport const a = (input) => {\n  return [words["ü€😀"], input];\n};\n';
    expect(slice(source)).toMatchObject({ text, refusals: [] });
    expect(slice(source.replaceAll("\n", "\r\n"))).toMatchObject({ text, refusals: [] });
  });

  it("is empty where no tool has a handler", () => {
    expect(serviceOf("const a = 1;", "const a = 1;", [])).toMatchObject({ text: "", refusals: [] });
  });
});

describe("a handler", () => {
  it.each([
    [
      "made within a function",
      `const make = () => tool({ name: "a", handler: () => 1 });`,
      /within a function/,
    ],
    [
      "that is not in its definition",
      `const definition = {}; tool({ name: "a", ...definition });`,
      /does not stand within/,
    ],
    [
      "that is imported",
      `import { work } from "./work.ts"; tool({ name: "a", handler: work });`,
      /no function of this file/,
    ],
    [
      "that uses what is imported",
      `import fs from "node:fs"; tool({ name: "a", handler: () => fs.name });`,
      /uses fs of "node:fs"/,
    ],
    [
      "that uses it by way of another",
      `import fs from "node:fs"; const x = () => fs; tool({ name: "a", handler: () => x() });`,
      /uses fs/,
    ],
    [
      "with a name that is imported too",
      `import fs from "node:fs"; tool({ name: "a", handler: (fs) => fs });`,
      /give one another name/,
    ],
    [
      "that fetches by itself",
      `tool({ name: "a", handler: () => fetch("https://acme.example") });`,
      /fetch.*is not there/,
    ],
    [
      "that reads the environment",
      `tool({ name: "a", handler: () => process.env.HOME });`,
      /process.*is not there/,
    ],
  ])("%s is refused", (_what, source, message) => {
    const { refusals } = slice(IMPORTS + source);
    expect(refusals).toMatchObject([{ tool: "a", message: expect.stringMatching(message) }]);
  });

  it("of another file is refused", () => {
    expect(serviceOf("", "", [{ tool: "a", at: null }]).refusals).toMatchObject([{ tool: "a", at: null }]);
  });

  it("may stand in a statement that collects tools", () => {
    const { text, refusals } = slice(`${IMPORTS}
const tools: unknown[] = [];
const size = 1;
tools.push(tool({ name: "a", handler: () => size }));
`);
    expect(refusals).toEqual([]);
    expect(text).toBe("const size = 1;\n\nexport const a = () => size;\n");
  });

  it("may have names of its own for everything", () => {
    const { refusals } = slice(`${IMPORTS}
export default tool({ name: "a", handler: (process, { fetch }) => ({ z: process.z, fetch: fetch.tool }) });
`);
    expect(refusals).toEqual([]);
  });
});
