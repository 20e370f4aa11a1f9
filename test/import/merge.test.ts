import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../src/base/index.ts";
import { importOpenapi, type Merged, mergeImport, type Preference } from "../../src/import/index.ts";
import { makeWorkbench } from "./workbench.ts";

const bench = makeWorkbench();
type Files = Record<string, string>;

const THINGS: JsonObject = {
  "GET /things": { operationId: "listThings", summary: "List things", description: "All of them." },
  "POST /things": { operationId: "addThing", summary: "Add a thing", description: "One more." },
  "GET /users": { operationId: "listUsers", summary: "List users", description: "Who is there." },
};

/** What a document of some operations is imported as. */
async function imported(operations: JsonObject, more: JsonObject = {}): Promise<Files> {
  const paths: { [path: string]: { [method: string]: Json } } = {};
  for (const [identity, operation] of Object.entries(operations)) {
    const [method = "", path = ""] = identity.split(" ");
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
  }
  const servers = [{ url: "https://api.acme.example" }];
  const document = { openapi: "3.1.0", info: { title: "Acme", version: "1" }, servers, paths, ...more };
  return { ...(await importOpenapi(JSON.stringify(document), { slug: "acme" })).files };
}

function with_(operations: JsonObject, identity: string, change: JsonObject): JsonObject {
  const before = operations[identity];
  return { ...operations, [identity]: { ...(typeof before === "object" ? before : {}), ...change } };
}

/** The folder with one text replaced, as a person would. */
function edited(files: Files, from: string, to: string, path = "manifest.yaml"): Files {
  const text = files[path] ?? "";
  expect(text).toContain(from);
  return { ...files, [path]: text.replace(from, to) };
}

/** The folder after a merge. */
function applied(folder: Files, { files }: Merged): Files {
  const out = { ...folder };
  for (const [path, text] of Object.entries(files)) {
    if (text === null) delete out[path];
    else out[path] = text;
  }
  return out;
}

/** The manifest that a folder's files are read as. */
async function manifestOf(files: Files) {
  bench.write("acme", files);
  const reading = await bench.read("acme");
  if (!reading.ok) throw new Error(JSON.stringify(reading.diagnostics));
  return reading.manifest;
}

const merge = (base: Files, folder: Files, next: Files, prefer: Preference = null): Merged =>
  mergeImport({ base, folder, imported: next }, "connectors/acme", prefer);

describe("a repeated import", () => {
  it("of the same document changes no byte, whatever people have changed", async () => {
    const base = await imported(THINGS);
    const folder = edited(base, '"All of them."', '"Every one." # shorter\n    # and a remark');
    expect(merge(base, folder, await imported(THINGS)).files).toEqual({});
    expect(merge(base, base, base)).toMatchObject({ files: {}, conflicts: [], kept: [] });
  });

  it("of a newer document brings it to the byte where nobody has changed anything", async () => {
    const base = await imported(THINGS);
    const next = await imported({ ...THINGS, "GET /more": { operationId: "more" } });
    expect(merge(base, base, next).files).toEqual(next);
  });

  it("keeps what people changed and brings what is new, changed and gone", async () => {
    const base = await imported(THINGS);
    const folder = edited(base, '"All of them."', '"Every one." # shorter');
    const changed = with_(THINGS, "POST /things", { description: "One more thing." });
    delete changed["GET /users"];
    const next = await imported({ ...changed, "GET /more": { operationId: "more" } });
    const merged = merge(base, folder, next);
    expect(merged).toMatchObject({
      conflicts: [],
      added: ["tools/more"],
      removed: ["tools/list_users"],
      changed: ["tools/add_thing"],
      kept: ["tools/list_things"],
    });
    const files = applied(folder, merged);
    expect(files["manifest.yaml"]).toContain('"Every one." # shorter');
    const { tools } = await manifestOf(files);
    expect(Object.fromEntries(tools.map(({ name, description }) => [name, description]))).toEqual({
      add_thing: "One more thing.",
      list_things: "Every one.",
      more: "GET /more.",
    });
  });

  it("merges what people and the import changed within one tool, comments included", async () => {
    const base = await imported(THINGS);
    const folder = edited(base, 'title: "Add a thing"', 'title: "Add" # one word is enough');
    const merged = merge(
      base,
      folder,
      await imported(with_(THINGS, "POST /things", { description: "Newer." })),
    );
    const files = applied(folder, merged);
    expect(merged.conflicts).toEqual([]);
    expect(files["manifest.yaml"]).toContain("# one word is enough");
    const tool = (await manifestOf(files)).tools.find(({ name }) => name === "add_thing");
    expect(tool).toMatchObject({ title: "Add", description: "Newer." });
  });

  it("merges lists of names by their entries", async () => {
    const schema = (values: string[]): JsonObject => ({
      name: "kind",
      in: "query",
      schema: { type: "string", enum: values },
    });
    const withKinds = (values: string[]): JsonObject =>
      with_(THINGS, "GET /things", { parameters: [schema(values)] });
    const base = await imported(withKinds(["a", "b"]));
    const folder = edited(base, 'enum: ["a", "b"]', 'enum: ["a", "b", "mine"]');
    const files = applied(folder, merge(base, folder, await imported(withKinds(["b", "new"]))));
    const tool = (await manifestOf(files)).tools.find(({ name }) => name === "list_things");
    expect(tool?.input.properties).toEqual({ kind: { type: "string", enum: ["b", "mine", "new"] } });
  });

  it("keeps what people added and took out", async () => {
    const base = await imported(THINGS);
    const own = '\n  # ours\n  - name: "own"\n    handler: "own"\n';
    const gone = /\n {2}- name: "list_users"[\s\S]*$/;
    const text = (base["manifest.yaml"] ?? "").replace(gone, "\n") + own;
    const folder = { ...base, "manifest.yaml": text, "service.ts": "export const own = () => {};\n" };
    const next = await imported(with_(THINGS, "GET /users", { description: "Newer." }), {
      info: { title: "Acme Inc", version: "2" },
    });
    const merged = merge(base, folder, next);
    expect(merged).toMatchObject({ conflicts: [], kept: ["tools/list_users"], changed: ["display_name"] });
    const manifest = await manifestOf(applied(folder, merged));
    expect(manifest.display_name).toBe("Acme Inc");
    expect(manifest.tools.map(({ name }) => name)).toEqual(["add_thing", "list_things", "own"]);
    expect(applied(folder, merged)["manifest.yaml"]).toContain("# ours");
  });

  it("names what both changed differently, and writes the side that is preferred", async () => {
    const base = await imported(THINGS);
    const folder = edited(base, '"All of them."', '"Every one."');
    const next = await imported(with_(THINGS, "GET /things", { description: "All, in pages." }));
    expect(merge(base, folder, next).conflicts).toEqual([
      { path: "tools/list_things.description", folder: '"Every one."', imported: '"All, in pages."' },
    ]);
    const texts = { folder: "Every one.", import: "All, in pages." } as const;
    for (const prefer of ["folder", "import"] as const) {
      const merged = merge(base, folder, next, prefer);
      expect(merged.conflicts).toEqual([]);
      const { tools } = await manifestOf(applied(folder, merged));
      expect(tools.find(({ name }) => name === "list_things")?.description).toBe(texts[prefer]);
    }
  });

  it("names a tool that people changed and the import no longer has", async () => {
    const base = await imported(THINGS);
    const folder = edited(base, '"All of them."', '"Every one."');
    const { "GET /things": _, ...fewer } = THINGS;
    const next = await imported(fewer);
    expect(merge(base, folder, next).conflicts).toMatchObject([
      { path: "tools/list_things", imported: null },
    ]);
    expect(merge(base, folder, next, "import").removed).toEqual(["tools/list_things"]);
    expect(merge(base, folder, next, "folder").files).not.toHaveProperty("removed");
  });

  it("keeps the name of a tool that a new operation would have taken", async () => {
    const base = await imported({ "POST /b": { operationId: "doIt" } });
    const next = await imported({ "GET /a": { operationId: "do_it" }, "POST /b": { operationId: "doIt" } });
    const merged = merge(base, base, next);
    const { tools } = await manifestOf(applied(base, merged));
    expect(tools.map(({ name, rest }) => [name, `${rest?.method} ${rest?.path}`])).toEqual([
      ["do_it", "POST /b"],
      [expect.stringMatching(/^do_it_[0-9a-f]{8}$/), "GET /a"],
    ]);
    expect(merged.base).toEqual(applied(base, merged));
    expect(mergeImport({ base: merged.base, folder: merged.base, imported: next }, "acme").files).toEqual({});
  });

  it("brings what is new of a tool that a person has renamed", async () => {
    const base = await imported(THINGS);
    const folder = edited(base, 'name: "list_things"', 'name: "all_things"');
    const next = await imported(with_(THINGS, "GET /things", { description: "Each of them." }));
    const merged = merge(base, folder, next);
    expect(merged).toMatchObject({ conflicts: [], changed: ["tools/all_things"] });
    const { tools } = await manifestOf(applied(folder, merged));
    expect(tools.map(({ name, description }) => [name, description])).toContainEqual([
      "all_things",
      "Each of them.",
    ]);
    expect(tools).toHaveLength(3);
  });

  it("keeps the name of a tool whose operation is called differently now", async () => {
    const base = await imported(THINGS);
    const next = await imported(
      with_(THINGS, "GET /users", { operationId: "getUsers", description: "Newer." }),
    );
    const merged = merge(base, base, next);
    expect(merged.changed).toEqual(["tools/list_users"]);
    const files = applied(base, merged);
    expect((await manifestOf(files)).tools.map(({ name }) => name)).toContain("list_users");
    const again = merge({ ...merged.base }, files, next);
    expect(again).toMatchObject({ files: {}, conflicts: [], added: [], removed: [] });
  });

  it("follows tools into files of their own when the folder grows", async () => {
    const base = await imported(THINGS);
    const folder = edited(base, '"All of them."', '"Every one." # ours');
    const many = Array.from({ length: 200 }, (_, n): [string, Json] => [
      `GET /other${n % 3}/${n}`,
      { description: `${n} ${"word ".repeat(390)}` },
    ]);
    const next = await imported({ ...THINGS, ...Object.fromEntries(many) });
    const merged = merge(base, folder, next);
    const files = applied(folder, merged);
    expect(files["tools/things.yaml"]).toContain('"Every one." # ours');
    expect(files["manifest.yaml"]).not.toContain("tools:");
    expect((await manifestOf(files)).tools).toHaveLength(203);
    const back = merge({ ...merged.base }, files, base);
    expect(back.files).toMatchObject({ "tools/other0.yaml": null });
    expect((await manifestOf(applied(files, back))).tools).toHaveLength(3);
  });

  it("merges the README by its sections", async () => {
    const base = await imported(THINGS);
    const folder = edited(base, "## Set-up\n", "## Set-up\n\nAsk Kim for the key.\n", "README.md");
    const next = await imported({ ...THINGS, "GET /more": { callbacks: { done: {} } } });
    const readme = applied(folder, merge(base, folder, next))["README.md"];
    expect(readme).toContain("Ask Kim for the key.");
    expect(readme).toContain("the callbacks done");
  });

  it("refuses a folder that is not YAML any more, and says where", async () => {
    const base = await imported(THINGS);
    const folder = edited(base, "tools:", "tools: [");
    await expect(async () => merge(base, folder, await imported(THINGS))).rejects.toMatchObject({
      code: "import.unreadable",
      message: expect.stringContaining("connectors/acme/manifest.yaml is not YAML"),
    });
  });
});
