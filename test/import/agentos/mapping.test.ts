import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../src/base/index.ts";
import { translateMapping } from "../../../src/import/agentos/mapping.ts";
import { evaluateMapping, runMapping as run, type Value } from "./notation.ts";

/** Translates a mapping of which nothing may be lost. */
function translate(mapping: Json, answer: "any" | "rows" | "either" = "any"): Json {
  return translateMapping(mapping, { answer }, (field, why) => {
    throw new Error(`${field}: ${why}`);
  });
}

const TASK = {
  id: "1",
  content: "Paint",
  is_completed: false,
  priority: 4,
  due: { date: "2026-01-02" },
  labels: ["home"],
  project_id: "7",
};
const TASKS = {
  id: "[].id",
  status: "[].is_completed ? 'done' : 'open'",
  priority: "5 - [].priority",
  due: "[].due.date",
  project: { id: "[].project_id" },
  labels: "[].labels",
  connector: "'todo'",
};
const ISSUE = {
  id: ".id",
  status: ".state.type == 'completed' ? 'done' :\n.state.type == 'started' ? 'doing' : 'open'",
  late: ".due == null",
  labels: ".labels.nodes[].name",
  blocks: ".relations.nodes[?type=='blocks'].issue.id",
};

describe("a mapping means the same in JSONata", () => {
  it.each<[string, Json, Json, Value]>([
    [
      "a list",
      TASKS,
      [TASK, { ...TASK, id: "2", is_completed: true, priority: 1 }],
      [
        {
          id: "1",
          status: "open",
          priority: 1,
          due: "2026-01-02",
          project: { id: "7" },
          labels: ["home"],
          connector: "todo",
        },
        {
          id: "2",
          status: "done",
          priority: 4,
          due: "2026-01-02",
          project: { id: "7" },
          labels: ["home"],
          connector: "todo",
        },
      ],
    ],
    [
      "a list of one, with an empty list in it",
      TASKS,
      [{ id: "1", labels: [] }],
      [{ id: "1", status: "open", project: {}, labels: [], connector: "todo" }],
    ],
    [
      "nulls where values could be",
      TASKS,
      [{ id: null, priority: null, due: null, is_completed: null }],
      [{ id: null, status: "open", project: {}, connector: "todo" }],
    ],
    ["an empty list", TASKS, [], []],
    ["no list", TASKS, null, []],
    [
      "one thing with lists of one in it",
      ISSUE,
      {
        id: "A",
        state: { type: "started" },
        labels: { nodes: [{ name: "x" }] },
        relations: {
          nodes: [
            { type: "blocks", issue: { id: "B" } },
            { type: "related", issue: { id: "C" } },
          ],
        },
      },
      { id: "A", status: "doing", late: true, labels: ["x"], blocks: ["B"] },
    ],
    [
      "one thing with hardly anything",
      ISSUE,
      { id: "A", due: "soon", labels: null },
      {
        id: "A",
        status: "open",
        late: false,
        labels: [],
        blocks: [],
      },
    ],
    ["a list of texts", "[].name", [{ name: "a" }], ["a"]],
    ["lists that are items", "[].labels", [{ labels: ["a"] }], [["a"]]],
    [
      "lists within lists",
      "[].l[].n",
      [{ l: [{ n: 1 }, { n: 2 }] }, { l: [] }, { l: [{ n: 3 }] }],
      [1, 2, 3],
    ],
    ["the whole", { rows: ".", row_count: "length(.)" }, [{ a: 1 }], { rows: [{ a: 1 }], row_count: 1 }],
    ["the whole of nothing", { rows: ".", row_count: "length(.)" }, [], { rows: [], row_count: 0 }],
    [
      "jq's objects",
      { columns: "[.[] | {\n name: .name,\n nullable: (.notnull == 0)\n}]", schema: "null" },
      [{ name: "id", notnull: 1 }],
      { columns: [{ name: "id", nullable: false }], schema: null },
    ],
    ["what JSONata takes for words", { a: ".in.or", b: ".and" }, { in: { or: 1 }, and: 2 }, { a: 1, b: 2 }],
    ["a value that stands for itself", { ok: true, n: 5 }, {}, { ok: true, n: 5 }],
  ])("%s", async (_, mapping, answer, expected) => {
    expect(evaluateMapping(mapping, answer)).toEqual(expected);
    expect(await run(translate(mapping), answer)).toEqual(expected);
  });

  it("makes no rows of a text, which is an error page", async () => {
    await expect(run(translate(TASKS), "<html>We are away</html>")).rejects.toMatchObject({
      message: "The answer is no list",
    });
    expect(await run(translate(TASKS), { id: "1", labels: [] })).toHaveLength(1);
  });

  it.each<[string, Json, Json]>([
    ["[.t]", { t: ["x"] }, [["x"]]],
    ["[[.n]]", { n: 1 }, [[1]]],
    [".o | {m: .n}", { o: { n: 1 } }, { m: 1 }],
    [".l | length(.)", { l: [1, 2] }, 2],
    [".l[] | .n", { l: [{ n: ["a"] }] }, [["a"]]],
    ["[.l[] | length(.t)]", { l: [{ t: ["a"] }, { t: "abc" }, { t: { b: 1 } }, {}] }, [1, 3, 1, 0]],
    ['."a b"["c"].d', { "a b": { c: { d: 1 } } }, 1],
  ])("has what else is written as in jq: %s", async (text, answer, expected) => {
    expect(await run(translate({ x: text }), answer)).toEqual({ x: expected });
  });

  it("takes the first of a list where one thing is asked for", async () => {
    const mapping = { id: ".id", labels: ".labels", names: ".l[].n", all: ".", by: "'x'" };
    const one = { id: 1, labels: ["a"], l: [{ n: 2 }] };
    for (const answer of [one, [one], [one, { id: 2 }], []]) {
      expect(await run(translate(mapping, "either"), answer)).toEqual(evaluateMapping(mapping, answer));
    }
    expect(await run(translate(mapping, "rows"), [one])).toMatchObject({ id: 1, labels: ["a"], names: [2] });
  });

  it("reads the input where the original had a template", async () => {
    const mapping = {
      name: "'{{params.table}}'",
      url: "'/t/{{params.table}}?n={{params.n | default:5}}'",
      left: "{{params.n | invert:5}}",
    };
    for (const params of [{ table: "a", n: 2 }, { table: "a" }, {}]) {
      expect(await run(translate(mapping), {}, params)).toEqual(evaluateMapping(mapping, {}, params));
    }
    expect(await run(translate(mapping), {}, { table: "a" })).toEqual({ name: "a", url: "/t/a?n=5" });
  });

  const scalar = fc.constantFrom<Json>(null, 0, 1, 3, -2, "", "a", "done", "5", true, false);
  const leaf = fc.record(
    { n: scalar, s: scalar, t: fc.array(fc.constantFrom<Json>("x", 1, "y"), { maxLength: 2 }) },
    { requiredKeys: [] },
  );
  const inner = fc.oneof(leaf, fc.constant(null));
  const item = fc.record(
    {
      n: scalar,
      s: scalar,
      o: inner,
      t: fc.array(fc.constantFrom<Json>("x", 2), { maxLength: 2 }),
      l: fc.array(inner, { maxLength: 2 }),
    },
    { requiredKeys: [] },
  );
  const thing = fc.record(
    {
      n: scalar,
      s: scalar,
      o: fc.oneof(item, fc.constant(null)),
      l: fc.oneof(fc.array(fc.oneof(item, fc.constant(null)), { maxLength: 3 }), fc.constant(null)),
    },
    { requiredKeys: [] },
  );
  const SCALARS = ["n", "s", "o.n", "o.s", "x", "o.x.n"];
  const LISTS = [
    "t",
    "o.t",
    "l[]",
    "l[].n",
    "l[].o.s",
    "l[].t",
    "l[?s=='a'].n",
    "l[?n].s",
    "l[?s!='a' && n].t",
    "l[].l[].n",
    "l[].l[].s",
    "l[?o.n].o",
  ];
  const ONES = ["l[0].n", "l[-1].s", "l[0].o.t"];
  const expressions = (prefix: string) => {
    const paths = (all: string[]) => fc.constantFrom(...all).map((path) => `${prefix}${path}`);
    return fc.letrec<{ value: string; asked: string; any: string }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        paths(SCALARS),
        fc.constantFrom("5", "'a'", "''", "true", "null", "0", "'{{params.p}}'", "{{params.p}}"),
        fc
          .tuple(fc.constantFrom("5", "1"), fc.constantFrom("-", "*", "+"), paths(SCALARS))
          .map((all) => all.join(" ")),
        fc
          .tuple(tie("value"), fc.constantFrom("-", "*"), tie("value"))
          .map(([a, sign, b]) => `(${a} == 0 ? 1 : 2) ${sign} (${b} != 0 ? 3 : 4)`),
        fc.tuple(fc.constant("'<'"), paths(SCALARS), fc.constant("'>'")).map((all) => all.join(" + ")),
        fc.tuple(tie("asked"), tie("value"), tie("value")).map(([a, b, c]) => `${a} ? (${b}) : ${c}`),
        fc.tuple(tie("value"), tie("value")).map(([a, b]) => `(${a}) || (${b})`),
        fc.tuple(tie("value"), tie("value")).map(([a, b]) => `(${a}) && (${b})`),
        paths(LISTS).map((path) => `length(${path})`),
      ),
      asked: fc.oneof(
        { maxDepth: 3 },
        paths(SCALARS),
        fc
          .tuple(
            paths(SCALARS),
            fc.constantFrom("==", "!=", "<", ">=", ">", "<="),
            fc.constantFrom("'a'", "3", "null", "true", `${prefix}n`),
          )
          .map((all) => all.join(" ")),
        fc
          .tuple(tie("asked"), fc.constantFrom("||", "&&"), tie("asked"))
          .map(([a, sign, b]) => `(${a}) ${sign} (${b})`),
        tie("asked").map((asked) => `!(${asked})`),
      ),
      any: fc.oneof(
        tie("value"),
        tie("asked").map((asked) => `(${asked})`),
        paths(LISTS),
        paths(ONES),
      ),
    })).any;
  };
  // Against null or nothing, an order makes no sense in either notation.
  const orderly = (text: string): boolean => !/[<>]=? (?:null|true)/.test(text);

  it.each([
    [".", "fields", thing],
    [
      "[].",
      "rows",
      fc.oneof(fc.array(fc.oneof(thing, fc.constant(null)), { maxLength: 3 }), fc.constant(null)),
    ],
  ] as const)("whatever the expressions and the answer (%s %s)", async (prefix, _, answers) => {
    const any = expressions(prefix).filter(orderly);
    const mapping = fc.record({ a: any, b: fc.record({ c: any }), d: fc.constant(`${prefix}s`) });
    await fc.assert(
      fc.asyncProperty(
        mapping,
        answers,
        fc.constantFrom<JsonObject>({}, { p: "q" }, { p: 3 }),
        async (source, answer, params) => {
          const expected = JSON.parse(JSON.stringify(evaluateMapping(source, answer, params)));
          expect(await run(translate(source), answer, params)).toEqual(expected);
        },
      ),
      { numRuns: 400 },
    );
  });

  it.each([
    ["an unknown function", "frobnicate(.a)"],
    ["an open bracket", "[.[] | {a: .b}"],
    ["an open quote", "'a"],
    ["nothing at all", ""],
    ["the answer of an earlier step", "'{{lookup.id}}'"],
    ["brackets without end", "(".repeat(5000)],
    ["a deep nest", `${"(".repeat(500)}1${")".repeat(500)}`],
    ["a ternary of a thousand", ".a ? 1 : ".repeat(400)],
    ["a name with a backtick", ".'a`b'"],
  ])("and what can't be said is told, and the rest stays: %s", (_, text) => {
    const lost: string[] = [];
    expect(translateMapping({ bad: text, good: ".id" }, {}, (field) => lost.push(field))).toEqual({
      good: "id",
    });
    expect(lost).toEqual(["bad"]);
  });
});
