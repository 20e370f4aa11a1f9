import { cpSync, linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { readAgentosFolder } from "../../../src/cli/agentos-folder.ts";
import { type AgentosOptions, importAgentos } from "../../../src/import/index.ts";
import { Commands } from "../command.ts";
import { type Files, provider, readme } from "./bench.ts";

const MANIFEST = "connectors/acme/manifest.yaml";
const THINGS = provider(
  'list: {rest: {method: GET, url: "https://api.acme.example/things", query: {tag: "{{params.tag}}"}}}\n',
);

const commands = new Commands();
beforeEach(() => write(THINGS));

/** Writes the provider, in a tree as AgentOS has it. */
function write(files: Files, folder = "aos/providers/acme"): void {
  for (const [path, text] of Object.entries(files)) commands.write(join(folder, path), text);
}

const run = (...args: string[]) => commands.run(...args);
const importing = (...args: string[]) => commands.importing("agentos", "aos/providers/acme", ...args);
const read = (path: string): string => commands.read(path);
const tree = (): string[] => commands.tree().filter((path) => !path.startsWith("aos"));
const app = (description: string): string =>
  `---\nactions: {list: {description: ${description}, params: {tag: {type: string, description: A tag}}}}\n---\n`;

it("makes a folder that passes check and says what is not in it", () => {
  write({ "things/readme.md": app("List things") }, "aos/tools");
  write({ "icon.png": "x" });
  const { status, report } = importing();
  expect(status).toBe(0);
  expect(report).toMatchObject({
    ok: true,
    provider_slug: "acme",
    carried: { operations: 1, tools: 1, scopes: 0 },
  });
  expect(report.not_carried).toContainEqual({
    what: "icon.png",
    where: "folder",
    why: "it is neither readme.md nor the mappings of an app",
  });
  expect(read(MANIFEST)).toContain('tag: { type: "string", description: "A tag" }');
  expect(run("check", "acme")).toMatchObject({ status: 0, report: { ok: true } });
});

it("takes the apps from the folder that --tools names", () => {
  write({ "things/readme.md": app("Elsewhere") }, "other");
  expect(importing("--tools", "other").status).toBe(0);
  expect(read(MANIFEST)).toContain('description: "Elsewhere"');
});

it("twice is the same bytes; a person's change stays, and the provider's comes in", () => {
  importing();
  const before = tree().filter((path) => path.includes("."));
  const texts = before.filter((path) => /\.(?:md|yaml)$/.test(path)).map(read);
  expect(importing().report).toMatchObject({ ok: true, files: [] });
  expect(before.filter((path) => /\.(?:md|yaml)$/.test(path)).map(read)).toEqual(texts);
  writeFileSync(
    join(commands.cwd, MANIFEST),
    read(MANIFEST).replace('description: "things.list"', 'description: "Mine"'),
  );
  write({
    "things.yaml": `${THINGS["things.yaml"]}  stop: {rest: {method: DELETE, url: "https://api.acme.example/things/{{params.id}}"}}\n`,
  });
  expect(importing().report).toMatchObject({
    ok: true,
    added: ["tools/things_stop"],
    kept: ["tools/things_list"],
  });
  expect(read(MANIFEST)).toContain('description: "Mine"');
  expect(read(MANIFEST)).toContain('"things_stop"');
});

it("reads nothing through links, and writes nothing out of the folder", () => {
  write({ "secret.md": readme("instructions: stolen") }, ".");
  write({ "secret.yaml": 'actions: {stolen: {rest: {url: "https://a.example"}}}' }, ".");
  write({ "readme.md": app("stolen") }, "elsewhere/things");
  symlinkSync(join(commands.cwd, "secret.yaml"), join(commands.cwd, "aos/providers/acme/more.yaml"));
  linkSync(join(commands.cwd, "secret.yaml"), join(commands.cwd, "aos/providers/acme/most.yaml"));
  mkdirSync(join(commands.cwd, "aos/tools"));
  symlinkSync(join(commands.cwd, "elsewhere/things"), join(commands.cwd, "aos/tools/things"));
  const { status, report } = importing();
  expect(status).toBe(0);
  expect(read(MANIFEST)).not.toContain("stolen");
  const lost = JSON.stringify(report.not_carried);
  for (const name of ["more.yaml", "most.yaml"]) expect(lost).toContain(name);
  expect(tree().filter((path) => /^connectors\/[^/]+$/.test(path))).toEqual(["connectors/acme"]);
});

it("says in one line what keeps it from running", () => {
  const { status, report } = run("import", "agentos", "none");
  expect(status).toBe(2);
  expect(report).toMatchObject({
    ok: false,
    error: { code: "import.unreadable", message: "none is not there." },
  });
  expect(tree()).toEqual([]);
});

it.each<[string, string, string | null, AgentosOptions, string]>([
  ["a file", "aos/providers/acme/readme.md", null, {}, "import.unreadable"],
  ["a folder of something else", "aos", null, {}, "import.not_agentos"],
  ["a readme.md that is a link", "linked", null, {}, "import.not_agentos"],
  ["a folder of tools that is not there", "aos/providers/acme", "none", {}, "import.unreadable"],
  ["a name that leads out", "aos/providers/acme", null, { slug: "../up" }, "import.slug"],
  ["a place of no use", "aos/providers/acme", null, { baseUrl: "http://localhost/" }, "import.unreadable"],
])("refuses %s", async (_, folder, tools, options, code) => {
  cpSync(join(commands.cwd, "aos/providers/acme"), join(commands.cwd, "linked"), { recursive: true });
  rmSync(join(commands.cwd, "linked/readme.md"));
  symlinkSync(join(commands.cwd, "aos/providers/acme/readme.md"), join(commands.cwd, "linked/readme.md"));
  const tried = async () => importAgentos(readAgentosFolder(folder, tools, commands.cwd), options);
  await expect(tried()).rejects.toMatchObject({ name: "UserError", code });
});
