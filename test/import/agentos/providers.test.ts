import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { load } from "js-yaml";
import { afterAll, describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../src/base/index.ts";
import { readAgentosFolder } from "../../../src/cli/agentos-folder.ts";
import { importAgentos } from "../../../src/import/index.ts";
import type { Response, Tool } from "../../../src/manifest/index.ts";
import { workspace } from "../../runtime/workspace.ts";
import { DATA, makeWorkbench } from "../workbench.ts";
import { evaluateMapping, runMapping as run } from "./notation.ts";

const bench = makeWorkbench();
const place = workspace();
afterAll(() => place.remove());
const inspector = join(
  dirname(createRequire(import.meta.url).resolve("@modelcontextprotocol/inspector/package.json")),
  "clients/launcher/build/index.js",
);
const providers = join(DATA ?? "", "agentos/providers");

const read = (provider: string) => importAgentos(readAgentosFolder(join(providers, provider), null, "/"));
const isMap = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The actions of a provider as it has them: tool's name → action. */
function actionsOf(provider: string): Map<string, Json> {
  const files = readdirSync(join(providers, provider)).filter((name) => name.endsWith(".yaml"));
  return new Map(
    files.flatMap((file) => {
      const { actions = {}, extended_actions = {} } = Object(
        load(readFileSync(join(providers, provider, file), "utf8")),
      );
      const all: [string, Json][] = [
        ...Object.entries<Json>(actions),
        ...Object.entries<Json>(extended_actions),
      ];
      return all.map(([name, action]): [string, Json] => [`${file.replace(".yaml", "")}_${name}`, action]);
    }),
  );
}

/** The mapping of an action, wherever it stands. */
function mappingOf(action: Json): Json | undefined {
  const last = Array.isArray(action) ? action.at(-1) : action;
  const blocks = isMap(last) ? [last, ...Object.values(last).filter(isMap)] : [];
  return blocks
    .map((block) => block.response)
    .filter(isMap)
    .find((response) => response.mapping !== undefined)?.mapping;
}

function responseOf(tool: Tool): Response | null {
  const work = tool.steps?.at(-1) ?? tool;
  return (work.rest ?? work.graphql ?? work.sql ?? work.applescript)?.response ?? null;
}

const TASK = {
  id: "2995104339",
  content: "Buy milk",
  description: "",
  is_completed: false,
  priority: 4,
  project_id: "2203306141",
  parent_id: null,
  labels: ["Food"],
  due: { date: "2026-09-01", is_recurring: false },
  url: "https://todo.example/1",
  color: "red",
  name: "Food",
};
const ISSUE = {
  id: "i1",
  identifier: "AGE-1",
  title: "Fix it",
  description: null,
  state: { id: "s", name: "Done", type: "completed" },
  priority: 1,
  dueDate: null,
  assignee: null,
  project: { id: "p", name: "P" },
  team: { id: "t", key: "AGE", name: "Age" },
  cycle: null,
  parent: { id: "i0", identifier: "AGE-0" },
  labels: { nodes: [{ name: "bug" }] },
  children: { nodes: [] },
  success: true,
  name: "P",
  relations: {
    nodes: [
      { type: "blocks", relatedIssue: { id: "i2" } },
      { type: "related", relatedIssue: { id: "i3" } },
    ],
  },
  inverseRelations: { nodes: [{ type: "related", issue: { id: "i4" } }] },
  url: "https://issue.example",
  createdAt: "2026-01-01",
  updatedAt: "2026-01-02",
};
const PAGE = {
  id: "https://a.example",
  url: "https://a.example",
  title: "A",
  text: "text",
  publishedDate: null,
  score: 0.5,
};
const COLUMN = { cid: 0, name: "id", type: "INTEGER", notnull: 0, dflt_value: null, pk: 1 };
const CONTACT = {
  id: "1:ABPerson",
  first_name: "Ada",
  phones: [{ label: "home", value: "1" }],
  emails: [],
  status: "ok",
  connector: "apple",
};
/** Answers of the kind that each provider gives, and what is left of them on a bad day. */
const ANSWERS: Readonly<Record<string, readonly Json[]>> = {
  todoist: [TASK, [TASK], [TASK, { ...TASK, is_completed: true, labels: [], due: null }], [], {}, [{}], null],
  linear: [
    ISSUE,
    [ISSUE],
    [ISSUE, { ...ISSUE, state: { type: "started" }, labels: { nodes: [] } }, { id: "i9" }],
    [],
    {},
    null,
    { ...ISSUE, state: null, labels: null, relations: { nodes: [] } },
  ],
  exa: [[PAGE], [PAGE, { ...PAGE, score: 0 }], [], [{}]],
  sqlite: [[COLUMN], [COLUMN, { ...COLUMN, name: "a", notnull: 1, pk: 0 }], []],
  apple: [
    CONTACT,
    [CONTACT],
    [],
    {},
    [{ id: "2", all_day: false, calendar_id: "c", attendees: [{ name: "x" }] }],
  ],
};

// Reason to skip: the providers belong to others and are not in the repository (SENTINEL_TEST_DATA names their folder).
describe.skipIf(DATA === null).each(Object.keys(ANSWERS))("the provider %s", (provider) => {
  it("passes check with a tool for each action, and is listed by the Inspector", async () => {
    const imported = await read(provider);
    bench.write(provider, imported.files);
    const reading = await bench.read(provider);
    expect(reading).toMatchObject({ ok: true });
    if (!reading.ok) return;
    const programs = [...actionsOf(provider)].filter(
      ([, action]) => isMap(action) && action.swift !== undefined,
    );
    expect(reading.diagnostics.map(({ code }) => code)).toEqual(programs.map(() => "tool.no_executor"));
    const names = reading.manifest.tools.map(({ name }) => name);
    expect(names).toEqual([...actionsOf(provider).keys()].sort());
    const file = place.add(provider, reading.manifest);
    const args = [inspector, "--cli", process.execPath, file, "--method", "tools/list", "--strict"];
    const ran = spawnSync(process.execPath, args, {
      encoding: "utf8",
      env: { ...process.env, HOME: place.path },
    });
    expect(ran.status, ran.stderr).toBe(0);
    expect(JSON.parse(ran.stdout).tools.map(({ name }: { name: string }) => name)).toEqual(names);
  });

  it("maps answers to what its notation says", async () => {
    const imported = await read(provider);
    bench.write(provider, imported.files);
    const reading = await bench.read(provider);
    if (!reading.ok) throw new Error("it does not pass check");
    const params = { table: "users", id: "1" };
    let compared = 0;
    for (const tool of reading.manifest.tools) {
      const source = mappingOf(actionsOf(provider).get(tool.name) ?? null);
      const mapping = responseOf(tool)?.mapping ?? null;
      expect(mapping === null, tool.name).toBe(
        source === undefined ||
          (tool.sql === null &&
            tool.rest === null &&
            tool.graphql === null &&
            tool.applescript === null &&
            tool.steps === null),
      );
      if (source === undefined || mapping === null) continue;
      for (const answer of ANSWERS[provider] ?? []) {
        // Without a root, or from GraphQL, one thing comes as one thing.
        const listed =
          /["\s]\[\]/.test(JSON.stringify(source)) ||
          tool.sql !== null ||
          responseOf(tool)?.root === "results";
        if (Array.isArray(answer) && !listed) continue;
        const expected = evaluateMapping(source, answer, params);
        expect(await run(mapping, answer, params), `${tool.name} of ${JSON.stringify(answer)}`).toEqual(
          expected === undefined ? undefined : JSON.parse(JSON.stringify(expected)),
        );
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(5);
  });
});
