import { spawnSync } from "node:child_process";
import {
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { JsonObject } from "../../../src/base/index.ts";
import { readAgentosFolder } from "../../../src/cli/agentos-folder.ts";
import { type AgentosOptions, importAgentos } from "../../../src/import/index.ts";
import { type Files, provider, readme } from "./bench.ts";

const MAIN = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));
const MANIFEST = "connectors/acme/manifest.yaml";
const THINGS = provider(
  'list: {rest: {method: GET, url: "https://api.acme.example/things", query: {tag: "{{params.tag}}"}}}\n',
);

let cwd = "";
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "agentos-"));
  write(THINGS);
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

/** Writes the provider, in a tree as AgentOS has it. */
function write(files: Files, folder = "aos/providers/acme"): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, folder, path)), { recursive: true });
    writeFileSync(join(cwd, folder, path), text);
  }
}

function run(...args: string[]): { status: number | null; report: JsonObject } {
  const { status, stdout } = spawnSync(process.execPath, [MAIN, "--cwd", cwd, ...args, "--format", "json"], {
    encoding: "utf8",
  });
  return { status, report: JSON.parse(stdout) };
}
const importing = (...args: string[]) => run("import", "agentos", "aos/providers/acme", ...args);
const read = (path: string): string => readFileSync(join(cwd, path), "utf8");
const tree = (): string[] =>
  readdirSync(cwd, { recursive: true, encoding: "utf8" })
    .filter((path) => !path.startsWith("aos"))
    .sort();
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
    join(cwd, MANIFEST),
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
  symlinkSync(join(cwd, "secret.yaml"), join(cwd, "aos/providers/acme/more.yaml"));
  linkSync(join(cwd, "secret.yaml"), join(cwd, "aos/providers/acme/most.yaml"));
  mkdirSync(join(cwd, "aos/tools"));
  symlinkSync(join(cwd, "elsewhere/things"), join(cwd, "aos/tools/things"));
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
  cpSync(join(cwd, "aos/providers/acme"), join(cwd, "linked"), { recursive: true });
  rmSync(join(cwd, "linked/readme.md"));
  symlinkSync(join(cwd, "aos/providers/acme/readme.md"), join(cwd, "linked/readme.md"));
  const tried = async () => importAgentos(readAgentosFolder(folder, tools, cwd), options);
  await expect(tried()).rejects.toMatchObject({ name: "UserError", code });
});
