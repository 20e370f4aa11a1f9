import { describe, expect, it } from "vitest";
import { importAgentos } from "../../../src/import/index.ts";
import { folderOf, makeImporter, provider, readme } from "./bench.ts";

const bring = makeImporter();
const GET = "rest: {method: GET, url: https://api.acme.example/things}";

describe("a provider of AgentOS", () => {
  it("becomes a connector with its name, its guidance, its sign-in and its text", async () => {
    const { manifest, imported, lost } = await bring({
      "readme.md": readme(
        "description: Things for teams. And more.",
        "icon: simple-icons:acme",
        'color: "#ff0000"',
        "website: http://acme.example",
        "privacy_url: https://acme.example/privacy",
        "platform: macos",
        "auth:",
        "  type: api_key",
        "  header: X-Key",
        '  prefix: "Key "',
        "  help_url: https://acme.example/keys",
        "  actions:",
        "    whoami:",
        "      description: Who it is",
        '      graphql: {url: "https://api.acme.example/graphql", query: "{ me { id } }", response: {root: data.me}}',
        "      returns: {id: {type: string}}",
        "instructions: |",
        "  Things are final.",
      ),
      "things.yaml": `for: things\nactions:\n  list: {${GET}}\n`,
      "tools/things": "---\ninstructions: Ask first.\nactions: {}\n---\n",
    });
    expect(manifest).toMatchObject({
      provider_slug: "acme",
      display_name: "Acme",
      summary: "Things for teams.",
      homepage: "https://acme.example",
      icon: "simple-icons:acme",
      platform: "macos",
      instructions: "Things are final.\n\nAbout things:\nAsk first.\n",
      auth: {
        type: "api_key",
        in: "header",
        name: "X-Key",
        prefix: "Key ",
        whoami: { description: "Who it is" },
      },
      base_url: "https://api.acme.example",
    });
    const text = imported.files["README.md"] ?? "";
    for (const part of [
      "### Setup",
      "Ask Acme.",
      "https://acme.example/keys",
      "https://acme.example/privacy",
    ]) {
      expect(text).toContain(part);
    }
    expect(lost).toEqual(['readme.md: color: "#ff0000": a manifest has no place for it']);
  });

  it.each([
    ["auth: {type: api_key, query: key}", { type: "api_key", in: "query", name: "key" }],
    ["auth: {type: bearer}", { type: "bearer" }],
    [
      "auth: {type: local_path, description: A file, file_extensions: [.db, no], placeholder: /a.db}",
      { type: "local_path", file_extensions: [".db"], description: "A file, such as /a.db" },
    ],
    [
      "auth: {type: oauth2, authorization_url: https://acme.example/o, token_url: https://acme.example/t, scopes: {things: [b, a]}}",
      { type: "oauth2", scopes: { things: ["a", "b"] } },
    ],
    ["auth: {type: connection_string}", { type: "keys", keys: [{ name: "DATABASE_URL" }] }],
    ["auth: {type: system_permission, permissions: [calendar]}", { type: "none" }],
    ["platform: all", { type: "none" }],
  ])("signs in: %s", async (line, auth) => {
    const { manifest, tool } = await bring(provider(`list: {${GET}}`, line));
    expect(manifest.auth).toMatchObject(auth);
    if (auth.type === "oauth2") {
      expect(manifest.scopes.map(({ name }) => name)).toEqual(["a", "b"]);
      expect(tool("things_list").scopes).toEqual(["a", "b"]);
    }
  });

  it("takes inputs from the app, the provider and the request, and only what the provider uses", async () => {
    const { tool, lost } = await bring({
      ...provider(`list:
  label: All things
  params: {kind: {type: enum, values: [a, b], pattern: x}}
  rest:
    method: GET
    url: "https://api.acme.example/{{params.team}}/things"
    params: {limit: "{{params.limit}}", tag: "{{params.tag}}", n: "{{params.n | add:1}}"}
ask:
  graphql:
    url: https://api.acme.example/graphql
    query: "query($n: Int!, $ids: [ID!], $q: String) { things(n: $n, ids: $ids, q: $q) { id } }"
    variables: {n: "{{params.n}}", ids: "{{params.ids}}", q: "{{params.q}}"}
`),
      "tools/things": `---
schema: {thing: {id: {type: string}, tag: {type: array, items: {type: string}, description: Tags}}}
actions:
  list:
    description: List things
    readonly: true
    params:
      limit: {type: number, default: 50, min: 1, max: 100}
      connector: {type: string, required: true}
      status: {type: string}
    returns: thing[]
---
`,
    });
    expect(tool("things_list")).toMatchObject({
      capability: "thing.list",
      title: "All things",
      description: "List things",
      side_effecting: false,
      input: {
        properties: {
          limit: { type: "number", default: 50, minimum: 1, maximum: 100 },
          kind: { type: "string", enum: ["a", "b"] },
          team: { type: "string" },
          tag: { type: "array", items: { type: "string" }, description: "Tags" },
          n: { type: "string" },
        },
        required: ["team"],
        additionalProperties: false,
      },
      rest: { query: { limit: "{{ params.limit | default: 50 }}", n: "{{ params.n | add: 1 }}" } },
    });
    expect(tool("things_ask").input).toMatchObject({
      properties: { n: { type: "integer" }, ids: { type: "array" }, q: { type: "string" } },
      required: ["n"],
    });
    expect(tool("things_ask").graphql?.response).toEqual({ root: "data", mapping: null, static: null });
    expect(lost).toContain("things.list: the parameter status: the provider does nothing with it");
    expect(lost.join("\n")).toContain('things.yaml: actions/list/params/kind: pattern: "x"');
  });

  it("sends what its requests send", async () => {
    const { tool, lost } = await bring(
      provider(`create:
  rest:
    method: post
    url: "https://api.acme.example/things/{{params.id}}"
    headers: {X-One: a, Authorization: "Bearer {{params.id}}"}
    body: {priority: "5 - {{params.priority}}", more: "{{params.n}} + 1", label: "{{params.label | default:none}}", fixed: true}
    response: {static: {id: "{{params.id}}", done: true}}
move:
  rest:
    method: POST
    url: https://api.acme.example/sync
    encoding: form
    body: {commands: '[{"type":"move","args":{"id":"{{params.id}}"}}]', plain: "a {{params.id}}"}
`),
    );
    expect(tool("things_create")).toMatchObject({
      side_effecting: true,
      rest: {
        method: "POST",
        path: "/things/{{ params.id }}",
        headers: { "X-One": "a" },
        body: {
          priority: "{{ params.priority | invert: 5 }}",
          more: "{{ params.n | add: 1 }}",
          label: '{{ params.label | default: "none" }}',
          fixed: true,
        },
        response: { static: { id: "{{ params.id }}", done: true } },
      },
    });
    expect(tool("things_move").rest).toMatchObject({
      encoding: "form",
      body: { commands: [{ type: "move", args: { id: "{{ params.id }}" } }], plain: "a {{ params.id }}" },
      body_styles: { commands: "json" },
    });
    expect(lost).toContain(
      "things.create: the header Authorization: it carries a credential, which is put in as auth says",
    );
  });

  it("binds values in SQL instead of writing them into it", async () => {
    const { tool, lost } = await bring(
      provider(
        `list:
  params: {q: {type: string}, n: {type: number}, table: {type: string}}
  sql:
    database: "~/Library/*/a b.db"
    query: |
      SELECT * FROM t -- not {{params.q}}
      WHERE ('{{params.q}}' = '' OR a LIKE 'it''s %{{params.q}}%') AND b = {{params.n}} AND c = '{{params.n}}'
      LIMIT {{params.limit | default: 50}}
describe:
  params: {table: {type: string, required: true}}
  sql: {query: "PRAGMA table_info('{{params.table}}')"}
query: {sql: {query: "{{params.sql}}"}, response: {mapping: {rows: "."}}}
any:
  params: {table: {type: string}}
  sql: {query: "SELECT * FROM {{params.table}}"}
open: {sql: {query: "SELECT :x"}}
`,
        "auth: {type: local_path}",
      ),
    );
    expect(tool("things_list").sql).toMatchObject({
      file: "~/Library/*/a b.db",
      query:
        "SELECT * FROM t  \nWHERE (:q = '' OR a LIKE :q_2) AND b = :n AND c = CAST(:n_2 AS TEXT)\nLIMIT :limit\n",
      params: {
        q: '{{ params.q | default: "" }}',
        q_2: 'it\'s %{{ params.q | default: "" }}%',
        n: "{{ params.n }}",
        n_2: '{{ params.n | default: "" }}',
        limit: "{{ params.limit | default: 50 }}",
      },
    });
    expect(tool("things_describe").sql?.query).toBe("SELECT * FROM pragma_table_info(:table)");
    expect(tool("things_query")).toMatchObject({
      side_effecting: true,
      destructive: true,
      sql: { query: null, query_field: "sql", response: { mapping: { rows: "$" } } },
      input: { required: ["sql"] },
    });
    for (const name of ["things_any", "things_open"]) expect(tool(name).sql).toBeNull();
    expect(lost.filter((line) => /things\.(?:any|open)/.test(line))).toHaveLength(2);
  });

  it("gives values to scripts as arguments", async () => {
    const { tool, lost } = await bring(
      provider(
        `add:
  params: {name: {type: string, required: true}, n: {type: number}, label: {type: string, default: x}}
  applescript:
    script: |
      -- {{params.name}} stands in a comment
      tell application "Things"
        set a to "{{params.name}}"
        if "{{params.Name}}" is not "" then set b to "say \\"hi\\" to {{params.name}}!"
        repeat {{params.n}} times
          set c to {{1, 2}, {3, 4}} & "{{params.label}}"
        end repeat
      end tell
    response: {mapping: {id: ".id"}}
code: {params: {name: {type: string}}, applescript: {script: 'open {{params.name}}'}}
shell: {applescript: {script: 'do shell script "x"'}}
handlers: {applescript: {script: "on f()\\nend f\\nreturn \\"{{params.name}}\\""}}
fixed: {applescript: {script: "on f()\\nend f\\nf()"}}
`,
        "platform: macos",
      ),
    );
    expect(tool("things_add").applescript).toEqual({
      script: `on run {param_name, param_Name_2, param_n, param_label}

tell application "Things"
  set a to param_name
  if param_Name_2 is not "" then set b to ("say \\"hi\\" to " & param_name & "!")
  repeat (param_n as number) times
    set c to {{1, 2}, {3, 4}} & param_label
  end repeat
end tell
end run
`,
      args: ["{{ params.name }}", "{{ params.Name }}", "{{ params.n }}", '{{ params.label | default: "x" }}'],
      response: { root: null, mapping: { id: "id" }, static: null },
    });
    expect(tool("things_fixed").applescript?.script).toContain("on f()");
    for (const name of ["code", "shell", "handlers"]) {
      expect(tool(`things_${name}`).applescript).toBeNull();
      expect(lost.some((line) => line.startsWith(`things.${name}: the script`))).toBe(true);
    }
  });

  it("carries chains, each step's answer as it came", async () => {
    const { tool, lost } = await bring(
      provider(`complete:
  - graphql:
      url: https://api.acme.example/graphql
      query: "query($id: String!) { thing(id: $id) { state } }"
      variables: {id: "{{params.id}}"}
      response: {root: data.thing}
    as: lookup
  - rest: {method: PUT, url: "https://api.acme.example/s/{{lookup.data.thing.states[0].id}}"}
  - sql:
      query: "INSERT INTO log (id) VALUES ('{{lookup.data.thing.id}}')"
wrong:
  - ${GET}
    as: params
  - ${GET}
`),
    );
    expect(tool("things_complete")).toMatchObject({
      side_effecting: true,
      steps: [
        { as: "lookup", graphql: { response: null } },
        { as: "step2", rest: { path: "/s/{{ lookup.data.thing.states[0].id }}" } },
        {
          as: null,
          sql: {
            query: "INSERT INTO log (id) VALUES (:lookup_data_thing_id)",
            params: { lookup_data_thing_id: '{{ lookup.data.thing.id | default: "" }}' },
          },
        },
      ],
    });
    expect(tool("things_wrong").steps).toBeNull();
    expect(lost.join("\n")).toContain("later steps read an answer as it came");
  });

  it("declares what would run as a program without an executor, and says so", async () => {
    const { tool, warnings, imported, lost } = await bring(
      provider(
        `list: {swift: {script: "print(1)", args: ["{{params.n}}"]}, readonly: true}\nstop: {run: "rm x"}\n`,
      ),
    );
    expect(tool("things_list")).toMatchObject({
      rest: null,
      side_effecting: false,
      input: { properties: { n: {} } },
    });
    expect(tool("things_stop")).toMatchObject({ side_effecting: true });
    expect(warnings).toEqual(["tool.no_executor", "tool.no_executor"]);
    expect(lost.filter((line) => line.includes("law 7"))).toHaveLength(2);
    expect(imported.files["README.md"]).toContain(
      "`things_list`, `things_stop`: declared without an executor",
    );
  });

  it.each([
    [`get: {${GET}}`, "things_get", { side_effecting: false, idempotent: true, capability: "thing.read" }],
    [`get_teams: {${GET}}`, "things_get_teams", { capability: "team.list" }],
    [`projects: {${GET}}`, "things_projects", { capability: "project.list" }],
    ["remove: {rest: {method: POST, url: https://a.example/x}}", "things_remove", { destructive: true }],
    [
      "drop: {rest: {method: DELETE, url: https://a.example/x}, readonly: true}",
      "things_drop",
      { destructive: true, idempotent: true },
    ],
    ["search: {rest: {method: POST, url: https://a.example/x}}", "things_search", { side_effecting: false }],
    ["sync: {rest: {method: POST, url: https://a.example/x}}", "things_sync", { side_effecting: true }],
  ])("tells what it does: %s", async (action, name, expected) => {
    expect((await bring(provider(`${action}\n`))).tool(name)).toMatchObject(expected);
  });

  it("asks GraphQL where the provider is, and says that this is a guess", async () => {
    const files = provider('list: {graphql: {query: "{ a }"}}\n', "website: https://www.acme.example/x");
    const guessed = await bring(files);
    expect(guessed.manifest.base_url).toBe("https://api.acme.example/graphql");
    expect(guessed.lost.join("\n")).toContain("is a guess from the website");
    const given = await bring(files, { baseUrl: "https://acme.example/gql", slug: "acme-2" });
    expect(given.manifest).toMatchObject({ provider_slug: "acme-2", base_url: "https://acme.example/gql" });
    expect(given.lost.join("\n")).not.toContain("guess");
    const none = await bring(provider('list: {graphql: {query: "{ a }"}}\n'));
    expect(none.tool("things_list").graphql).toBeNull();
  });

  it("takes an action once, and tells apart those that would have one name", async () => {
    const { manifest, lost } = await bring({
      ...provider(`list: {${GET}}\n"li st": {${GET}}\n"LIST!": {${GET}}\n`),
      "things.yml": `actions: {list: {${GET}}}`,
    });
    expect(new Set(manifest.tools.map(({ name }) => name)).size).toBe(3);
    expect(manifest.tools).toHaveLength(3);
    expect(lost).toContain("things.list: the second action of that name: another file has it already");
  });

  it("gives the same bytes each time, whatever the order of its files", async () => {
    const files = { ...provider(`list: {${GET}}\n`), "apps.yaml": `actions: {list: {${GET}}}` };
    const [one, two] = [folderOf(files), folderOf(files)];
    const turned = { ...two, apps: two.apps.toReversed() };
    expect((await importAgentos(turned)).files).toEqual((await importAgentos(one)).files);
  });
});
