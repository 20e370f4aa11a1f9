import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../src/base/index.ts";
import { type ArgentosFolder, type Imported, importArgentos } from "../../src/import/index.ts";
import type { Manifest, Tool } from "../../src/manifest/index.ts";
import { DATA, makeWorkbench } from "./workbench.ts";

const bench = makeWorkbench();
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A folder of ArgentOS that holds these. */
function folderOf(
  connector: Json | string,
  permissions: Json | null = {},
  name = "aos-acme",
): ArgentosFolder {
  const text = (value: Json): Uint8Array => bytes(typeof value === "string" ? value : JSON.stringify(value));
  return {
    name,
    connector: text(connector),
    permissions: permissions === null ? null : text(permissions),
    others: [],
  };
}

/** A connector with whatever is to be looked at. */
function connectorOf(changes: JsonObject = {}): JsonObject {
  return { tool: "aos-acme", connector: { label: "Acme" }, commands: [command("order.list")], ...changes };
}

function command(id: string, changes: JsonObject = {}): JsonObject {
  return { id, summary: `Do ${id}`, required_mode: "readonly", action_class: "read", ...changes };
}

interface ReadBack {
  readonly imported: Imported;
  readonly manifest: Manifest;
  readonly lost: readonly string[];
  tool(name: string): Tool;
  field(tool: string, field: string): Json | undefined;
}

async function readBack(folder: ArgentosFolder, slug?: string): Promise<ReadBack> {
  const imported = await importArgentos(folder, slug === undefined ? {} : { slug });
  bench.write(imported.slug, imported.files);
  const reading = await bench.read(imported.slug);
  if (!reading.ok) throw new Error(`not good: ${JSON.stringify(reading.diagnostics, null, 1)}`);
  const { manifest } = reading;
  const tool = (name: string): Tool => {
    const found = manifest.tools.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no tool ${name}`);
    return found;
  };
  return {
    imported,
    manifest,
    lost: imported.report.notCarried.map(({ what, where, why }) => `${where}: ${what}: ${why}`),
    tool,
    field: (name, field) => at(tool(name).input, "properties", field),
  };
}

function at(value: Json | undefined, ...path: string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (here, key) => (here === undefined ? here : Reflect.get(Object(here), key)),
    value,
  );
}

describe("a command", () => {
  it("becomes a declared tool, which no executor does", async () => {
    const { manifest, tool } = await readBack(folderOf(connectorOf()));
    expect(manifest.provider_slug).toBe("acme");
    expect(tool("order_list")).toMatchObject({
      capability: "order.list",
      description: "Do order.list",
      title: null,
    });
    const { rest, graphql, sql, handler, steps } = tool("order_list");
    expect([rest, graphql, sql, handler, steps]).toEqual([null, null, null, null, null]);
    const reading = await bench.read("acme");
    expect(reading.diagnostics.map(({ code }) => code)).toEqual(["tool.no_executor"]);
  });

  it.each([
    ["readonly", "read", "readonly", [false, false]],
    ["write", "write", "write", [true, false]],
    ["full", "write", "full", [true, true]],
    ["admin", "write", "write", [true, true]],
    ["write", "destructive", "write", [true, true]],
    ["readonly", "write", "readonly", [true, false]],
    ["readonly", "read", "full", [true, true]],
    ["odd", "odd", "odd", [true, false]],
  ])(
    "of mode %s, class %s and permission %s has the effects of the most of them",
    async (mode, kind, tier, effects) => {
      const commands = [command("order.do", { required_mode: mode, action_class: kind })];
      const { tool } = await readBack(
        folderOf(connectorOf({ commands }), { permissions: { "order.do": tier } }),
      );
      const { side_effecting, destructive } = tool("order_do");
      expect([side_effecting, destructive]).toEqual(effects);
    },
  );

  it("keeps a name of its own in any spelling, and one id is one tool", async () => {
    const ids = [
      "constructor",
      "getHTTPThing",
      "9.lives",
      `${"very.".repeat(12)}long`,
      "a.b",
      "a-b",
      "order.list",
      "order.list",
    ];
    const { manifest, lost } = await readBack(
      folderOf(connectorOf({ commands: ids.map((id) => command(id)) })),
    );
    const names = manifest.tools.map(({ name }) => name);
    expect(names).toHaveLength(7);
    expect(names).toEqual(
      expect.arrayContaining(["constructor", "get_http_thing", "run_9_lives", "a_b", "order_list"]),
    );
    expect(lost.join("\n")).toContain('connector.json: commands: {"id":"order.list"');
  });
});

describe("a worker field", () => {
  const fields = [
    {
      id: "status",
      label: "Order Status",
      type: "select",
      renderAs: "select",
      required: true,
      description: "Only these",
      options: [
        { value: "open", label: "Open" },
        { value: "done", label: "Sent out", description: "on its way" },
      ],
      default: "open",
      applies_to: ["order.list"],
    },
    { id: "count", label: "Count", type: "number", placeholder: "10", applies_to: ["order.list"] },
    { id: "body", type: "json", placeholder: '{"a": 1}', applies_to: ["order.list", "order.gone"] },
    { id: "tags", valueType: "string", renderAs: "multiselect", placeholder: "Add tags..." },
    { id: "day", type: "text", valueType: "datetime", example: "2026-01-31" },
    { id: "customer", type: "select", pickerHint: "customer", showWhen: { field: "status", equals: "open" } },
    { id: "options", type: "options_group", children: [{ id: "limit", type: "number", default: 10 }] },
  ];
  const scope = {
    fields,
    pickerHints: { customer: { source_command: "customer.list", source_fields: ["id"] } },
    commandDefaults: { "order.list": { limit: 10, sort: "asc", selection_surface: "order" } },
  };
  const commands = [
    command("order.list"),
    command("customer.list"),
    command("health", { resource: "connector" }),
  ];
  const imported = readBack(folderOf(connectorOf({ scope, commands })));

  it.each<[string, Json]>([
    [
      "status",
      {
        type: "string",
        title: "Order Status",
        description: 'Only these. "done": Sent out, on its way.',
        enum: ["open", "done"],
        default: "open",
      },
    ],
    ["count", { type: "number", title: "Count", examples: [10] }],
    ["body", { type: "object", examples: [{ a: 1 }] }],
    ["tags", { type: "string" }],
    ["day", { type: "string", format: "date", examples: ["2026-01-31"] }],
    [
      "customer",
      { type: "string", description: 'Its values come from customer_list. Only where status is "open".' },
    ],
    [
      "options",
      { type: "object", properties: { limit: { type: "number", default: 10 } }, additionalProperties: false },
    ],
    ["sort", { type: "string", default: "asc" }],
  ])("%s becomes a field of the input", async (name, schema) => {
    expect((await imported).field("order_list", name)).toEqual(schema);
  });

  it("is given to the commands that it names, or to all but ArgentOS' own; the input is closed", async () => {
    const { tool } = await imported;
    expect(at(tool("order_list").input, "required")).toEqual(["status"]);
    expect(at(tool("order_list").input, "additionalProperties")).toBe(false);
    expect(Object.keys(Object(at(tool("customer_list").input, "properties")))).toEqual([
      "customer",
      "day",
      "options",
      "tags",
    ]);
    expect(at(tool("health").input, "properties")).toEqual({});
  });

  it("has a default of its own in each command", async () => {
    const group = { id: "options", type: "options_group", children: [{ id: "limit", type: "number" }] };
    const commandDefaults = { "a.list": { limit: 5 }, "b.list": { limit: 6, options: { limit: 6 } } };
    const three = [command("a.list"), command("b.list"), command("c.list")];
    const { field } = await readBack(
      folderOf(connectorOf({ scope: { fields: [group], commandDefaults }, commands: three })),
    );
    const limits = ["a_list", "b_list", "c_list"].map((name) =>
      at(field(name, "options"), "properties", "limit", "default"),
    );
    expect(limits).toEqual([5, 6, undefined]);
  });

  it("loses nothing without a line", async () => {
    const { lost } = await imported;
    expect(lost).toEqual(
      expect.arrayContaining([
        'connector.json: scope/fields/body/applies_to: 1: "order.gone": there is no such command',
        expect.stringContaining('scope/fields/tags: renderAs: "multiselect"'),
        expect.stringContaining('scope/fields/tags: placeholder: "Add tags..."'),
        expect.stringContaining('scope/pickerHints/customer: source_fields: ["id"]'),
        expect.stringContaining('scope/commandDefaults/order.list: selection_surface: "order"'),
      ]),
    );
  });
});

describe("a service key", () => {
  it("is a name in the vault, or what an account has to know; a value is nowhere", async () => {
    const auth = {
      kind: "service-key",
      required: true,
      service_keys: ["ACME_API_TOKEN", "ACME_BASE_URL"],
      optional_service_keys: ["ACME_WEBHOOK_SECRET", "ACME_PROJECT_KEY", "ACME_ODD"],
      interactive_setup: ["Make a token."],
    };
    const scope = { commandDefaults: { "order.list": { args: ["ACME_PROJECT_KEY", "ACME_REGION"] } } };
    const { manifest, imported, lost } = await readBack(folderOf(connectorOf({ auth, scope })));
    expect(manifest.auth).toMatchObject({
      type: "keys",
      keys: [
        { name: "API_TOKEN", optional: false },
        { name: "ODD", optional: true },
        { name: "WEBHOOK_SECRET", optional: true },
      ],
    });
    expect(manifest.auth_mode).toBe("byok");
    expect(manifest.account_fields.map(({ name }) => name)).toEqual(["base_url", "project_key", "region"]);
    expect(imported.files["README.md"]).toContain("`PROVIDER_ACME_API_TOKEN`");
    expect(imported.files["README.md"]).toContain("- Make a token.");
    expect(lost).toEqual([]);
  });

  it.each([
    ["oauth2", ["A_CLIENT_ID"], "keys", "oauth", 0],
    ["oauth-local", [], "none", "oauth", 1],
    ["magic", ["A_TOKEN"], "keys", "byok", 1],
  ])("of kind %s with %j", async (kind, service_keys, type, mode, notes) => {
    const { manifest, lost } = await readBack(folderOf(connectorOf({ auth: { kind, service_keys } })));
    expect([manifest.auth.type, manifest.auth_mode]).toEqual([type, mode]);
    expect(lost.filter((line) => line.startsWith("connector.json: auth: kind:"))).toHaveLength(notes);
  });
});

describe("what ArgentOS gates by", () => {
  it("comes over as no field of the manifest, and is named in the report", async () => {
    const commands = [
      command("order.cancel", { required_mode: "full", side_effect_level: "external_mutation" }),
    ];
    const scope = { worker_visible_actions: ["order.cancel"] };
    const permissions = { permissions: { "order.cancel": "full", "order.gone": "write" } };
    const { manifest, imported, lost } = await readBack(
      folderOf(connectorOf({ commands, scope }), permissions),
    );
    expect(manifest.scopes).toEqual([]);
    expect(imported.files["manifest.yaml"]).not.toMatch(/full|external_mutation|permission|mode|level/);
    expect(lost).toEqual([
      'permissions.json: order.cancel: the permission "full": firearms are the only gate, and a person decides on them',
      'permissions.json: order.gone: the permission "write": connector.json has no such command; firearms are the only gate, and a person decides on them',
      'connector.json: commands/order.cancel: side_effect_level: "external_mutation": firearms are the only gate, and a person decides on them',
      'connector.json: scope: worker_visible_actions: ["order.cancel"]: firearms are the only gate, and a person decides on them',
    ]);
  });
});

/** Every map of a document, with what leads to it. */
function maps(value: Json, path: readonly string[] = []): { map: JsonObject; path: readonly string[] }[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, item]) => maps(item, [...path, key]));
  return Array.isArray(value) ? inner : [{ map: value, path }, ...inner];
}

it("names a field that nobody has heard of, wherever it stands", async () => {
  const scope = {
    fields: [{ id: "a", options: [{ value: "x" }], children: [{ id: "b" }] }],
    pickerHints: { a: {} },
  };
  const commands = [
    command("order.list", { input_hints: { a: { type: "string" } }, response_hints: { type: "x" } }),
  ];
  const connector = connectorOf({ scope, commands, auth: { kind: "service-key" }, events: [{ id: "e" }] });
  for (const { path } of maps(connector)) {
    const copy = structuredClone(connector);
    const { map } = maps(copy).find((one) => one.path.join() === path.join()) ?? { map: {} };
    Reflect.set(map, "never_heard_of", "it");
    const { report } = await importArgentos(folderOf(copy));
    expect(
      report.notCarried.filter(({ what }) => what.includes("never_heard_of")),
      path.join(),
    ).not.toEqual([]);
  }
});

describe("a folder that is not right", () => {
  it.each([
    ["no JSON", "<!doctype html><p>Not found", "import.not_json"],
    ["a word", "hello", "import.not_json"],
    ["a list", [], "import.not_argentos"],
    ["no commands", { tool: "aos-acme" }, "import.not_argentos"],
    ["commands that are a map", connectorOf({ commands: {} }), "import.not_argentos"],
    ["a name that leads out", connectorOf({ tool: "../../up" }), "import.slug"],
    ["a name of a device", connectorOf({ tool: "aos-con" }), "import.slug"],
    ["nesting without end", `{"commands": ${"[".repeat(5000)}${"]".repeat(5000)}}`, "import.too_large"],
    [
      "thousands of commands",
      connectorOf({ commands: many(2001, (n) => command(`a.b${n}`)) }),
      "import.too_large",
    ],
    [
      "a flood of fields",
      connectorOf({
        commands: many(1000, (n) => command(`a.b${n}`)),
        scope: { fields: many(300, (n) => ({ id: `f${n}` })) },
      }),
      "import.too_large",
    ],
    ["40 MB", `{"commands": [], "x": "${"a".repeat(40_000_000)}"}`, "import.too_large"],
  ])("is refused in one sentence: %s", async (_, connector, code) => {
    await expect(importArgentos(folderOf(connector))).rejects.toMatchObject({ name: "UserError", code });
  });

  it("is read as far as it makes sense, and the rest is named", async () => {
    const odd = {
      tool: "aos-acme",
      connector: { label: ["Acme"], resources: [{}, 5, "order"] },
      auth: { service_keys: [5, "lower", "ACME_TOKEN"], interactive_setup: "none" },
      scope: {
        fields: [null, 5, { label: "no id" }, { id: "constructor", options: "x" }],
        commandDefaults: [],
      },
      commands: [5, { summary: "no id" }, command("order.list", { summary: 5 })],
    };
    const { manifest, field, lost } = await readBack(folderOf(odd, null));
    expect(manifest).toMatchObject({ display_name: "Acme", summary: "Works with order." });
    expect(field("order_list", "constructor_")).toEqual({});
    expect(lost.map((line) => line.split(": ").slice(0, 3).join(" "))).toEqual([
      "folder permissions.json it is not there; what a command does is told from connector.json",
      "fields the spelling of the field constructor an argument is named constructor_",
      "connector.json connector label",
      "connector.json connector/resources 1",
      "connector.json auth/service_keys 0",
      "connector.json auth/service_keys 1",
      "connector.json auth interactive_setup",
      "connector.json scope/fields 1",
      'connector.json scope/fields {"label":"no id"}',
      "connector.json scope/fields/constructor options",
      "connector.json commands 0",
      'connector.json commands {"summary":"no id"}',
      "connector.json commands/order.list summary",
    ]);
  });

  it("may have a mark of byte order, a key twice, and keys of every object", async () => {
    const text = `\ufeff{"tool": "aos-x", "tool": "aos-acme", "__proto__": {"a": 1}, "commands": [${JSON.stringify(command("a.b"))}]}`;
    const { manifest, lost } = await readBack(folderOf(text));
    expect(manifest.provider_slug).toBe("acme");
    expect(lost.map((line) => line.split(": ").slice(0, 2).join(": "))).toEqual([
      'line 1: the earlier value of the key "tool"',
      "connector.json: __proto__",
    ]);
    expect(Reflect.get({}, "a")).toBe(undefined);
  });
});

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** The folders of real connectors; null where they are not there. */
const REAL = DATA === null ? null : join(DATA, "argentos");
const names = REAL === null ? [] : readdirSync(REAL).filter((name) => name.startsWith("aos-"));
const real = (name: string): ArgentosFolder => ({
  name,
  connector: readFileSync(join(REAL ?? "", name, "connector.json")),
  permissions: readFileSync(join(REAL ?? "", name, "permissions.json")),
  others: [],
});

// Reason to skip: the connectors belong to others and are not in the repository (SENTINEL_TEST_DATA names their folder).
describe.skipIf(REAL === null)("the connectors of ArgentOS", () => {
  it("are there", () => {
    expect(names).toHaveLength(20);
  });

  it.each(names)("%s has a tool for every command, and comes out the same twice", async (name) => {
    const { imported, manifest } = await readBack(real(name));
    const commands: JsonObject[] = JSON.parse(Buffer.from(real(name).connector).toString()).commands;
    expect(manifest.tools).toHaveLength(commands.length);
    const writing = commands.filter(({ required_mode }) => required_mode !== "readonly").length;
    expect(manifest.tools.filter((tool) => tool.side_effecting)).toHaveLength(writing);
    const full = commands.filter(({ required_mode }) => required_mode === "full").length;
    expect(manifest.tools.filter((tool) => tool.destructive)).toHaveLength(full);
    expect((await importArgentos(real(name))).files).toEqual(imported.files);
  });

  it.each(names)("%s: each of its fields is carried over, or named", async (name) => {
    const before = await importArgentos(real(name));
    const silent: string[] = [];
    for (const file of ["connector", "permissions"] as const) {
      const document: Json = JSON.parse(Buffer.from(real(name)[file] ?? []).toString());
      for (const path of oneOfEach(leaves(document))) {
        const changed = bytes(JSON.stringify(withOther(document, path)));
        const after = await importArgentos({ ...real(name), [file]: changed }).catch(() => null);
        // What is neither carried nor named leaves no trace in the folder: nobody would see that it was changed.
        if (after !== null && same(after, before)) silent.push(`${file}: ${path.join("/")}`);
      }
    }
    expect(silent).toEqual([]);
  });
});

const same = (a: Imported, b: Imported): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The paths of all single values that say something. */
function leaves(value: Json, path: readonly string[] = []): string[][] {
  if (value === null || value === "") return [];
  if (typeof value !== "object") return [[...path]];
  return Object.entries(value).flatMap(([key, item]) => leaves(item, [...path, key]));
}

/** One path of each kind: names of commands and items of lists are not told apart. */
function oneOfEach(paths: readonly string[][]): string[][] {
  const kind = (path: readonly string[]): string =>
    path.map((key) => (/^\d+$|\./.test(key) ? "*" : key)).join("/");
  return [...new Map(paths.map((path) => [kind(path), path])).values()];
}

/** The document with another value at a path. */
function withOther(document: Json, path: readonly string[]): Json {
  const [key, ...rest] = path;
  if (key === undefined) {
    if (typeof document === "number") return document + 1;
    return typeof document === "boolean" ? !document : `${document}q`;
  }
  const copy: Json = Array.isArray(document) ? [...document] : { ...Object(document) };
  Reflect.set(Object(copy), key, withOther(Reflect.get(Object(document), key), rest));
  return copy;
}
