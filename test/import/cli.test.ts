import { readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { JsonObject } from "../../src/base/index.ts";
import { Commands } from "./command.ts";
import { documentOf } from "./workbench.ts";

const commands = new Commands();
const importing = (...args: string[]) => commands.importing("openapi", ...args);
const write = (path: string, content: string | JsonObject): void => commands.write(path, content);
const read = (path: string): string => commands.read(path);
const tree = (): string[] => commands.tree();
const MANIFEST = "connectors/acme/manifest.yaml";

it("makes a folder, merges into it, and names what it can't merge", () => {
  write("acme.json", documentOf({ description: "A thing." }));
  const first = importing("acme.json");
  expect(first).toMatchObject({
    status: 0,
    report: { ok: true, provider_slug: "acme", carried: { tools: 1 } },
  });
  expect(tree().filter((path) => path.includes("acme/"))).toEqual([
    "connectors/acme/.import",
    "connectors/acme/.import/README.md",
    "connectors/acme/.import/manifest.yaml",
    "connectors/acme/README.md",
    MANIFEST,
  ]);
  expect(importing("acme.json").report).toMatchObject({ ok: true, files: [] });

  write(MANIFEST, read(MANIFEST).replace('"A thing."', '"My thing."'));
  write("acme.json", documentOf({ description: "A thing.", summary: "Get it" }));
  const planned = importing("acme.json", "--dry-run");
  expect(planned.report).toMatchObject({ ok: true, dry_run: true, changed: ["tools/the_thing"] });
  expect(read(MANIFEST)).not.toContain("Get it");
  expect(importing("acme.json").report).toMatchObject({ ok: true, kept: ["tools/the_thing"] });
  expect(read(MANIFEST)).toContain('title: "Get it"');
  expect(read(MANIFEST)).toContain('"My thing."');

  write("acme.json", documentOf({ description: "Another thing.", summary: "Get it" }));
  const before = tree().map((path) => path);
  const conflict = importing("acme.json");
  expect(conflict).toMatchObject({
    status: 1,
    report: { ok: false, conflicts: [{ path: "tools/the_thing.description", folder: '"My thing."' }] },
  });
  expect(tree()).toEqual(before);
  expect(read(MANIFEST)).toContain('"My thing."');
  expect(importing("acme.json", "--prefer", "import").status).toBe(0);
  expect(read(MANIFEST)).toContain('"Another thing."');
});

it("merges into no folder that is a link, and none whose last import is one", () => {
  write("acme.json", documentOf({}));
  importing("acme.json");
  const outside = join(commands.cwd, "outside");
  renameSync(join(commands.cwd, "connectors/acme/.import"), outside);
  symlinkSync(outside, join(commands.cwd, "connectors/acme/.import"));
  const before = readdirSync(outside);
  write("acme.json", documentOf({ description: "Another thing." }));
  expect(importing("acme.json")).toMatchObject({
    status: 2,
    report: { error: { code: "import.not_imported" } },
  });
  expect(readdirSync(outside)).toEqual(before);
});

it("writes nothing where the merged folder would not pass check", () => {
  write("acme.json", documentOf({ description: "A thing." }));
  importing("acme.json");
  write(MANIFEST, `${read(MANIFEST)}kpis: wrong\n`);
  write("acme.json", documentOf({ description: "Another thing." }));
  const { status, report } = importing("acme.json");
  expect(status).toBe(1);
  expect(report).toMatchObject({ ok: false, diagnostics: [{ code: "manifest.wrong_type", file: MANIFEST }] });
  expect(read(MANIFEST)).toContain('"A thing."');
});

it.each([
  ["a file that is not there", ["none.yaml"], "import.unreadable"],
  ["a URL that is not https", ["http://127.0.0.1:1/x"], "import.unreadable"],
  ["a document of another kind", ["other.json"], "import.not_openapi"],
  ["a name that no folder may have", ["acme.json", "--slug", "../up"], "import.slug"],
  ["a folder that nobody imported", ["acme.json", "--slug", "mine"], "import.not_imported"],
  ["a name whose vault keys another has", ["acme.json", "--slug", "a-b"], "folder.vault_collision"],
])("says in one line what keeps it from running: %s", (_, args, code) => {
  write("acme.json", documentOf({}));
  write("other.json", { asyncapi: "2.0.0" });
  for (const slug of ["mine", "a_b"]) importing("acme.json", "--slug", slug);
  rmSync(join(commands.cwd, "connectors/mine/.import"), { recursive: true });
  const { status, report } = importing(...args);
  expect(status).toBe(2);
  expect(report).toMatchObject({ ok: false, error: { code } });
  expect(tree().filter((path) => /^connectors\/[^/]+$/.test(path))).toEqual([
    "connectors/a_b",
    "connectors/mine",
  ]);
});

it("takes a part of the document", () => {
  write("acme.json", documentOf({ tags: ["x"] }));
  const { report } = importing(
    "acme.json",
    "--include",
    "tag:y",
    "--include",
    "operation:theThing",
    "--read-only",
  );
  expect(report).toMatchObject({ carried: { tools: 1 } });
  const none = importing("acme.json", "--slug", "none", "--exclude", "tag:x");
  expect(none.report).toMatchObject({ carried: { operations: 1, tools: 0 } });
});
