import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commitFiles, finishChange, writeFolder } from "../../src/cli/files.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "files-"));
  write({ "a.txt": "old a", "b.txt": "old b", "tools/gone.txt": "old" });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

const now = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]),
  );
const NEW = { "a.txt": "new a", "b.txt": "old b", "tools/new.txt": "new" };

describe("a change of several files", () => {
  it("writes, makes and removes, and leaves nothing else", async () => {
    await commitFiles(folder, ".last", { "a.txt": "new a", "tools/new.txt": "new", "tools/gone.txt": null });
    expect(now()).toEqual(NEW);
  });

  it("that was interrupted after it counted is brought to its end", async () => {
    // As if killed after the first of two files had been moved, and nothing removed.
    write({
      "a.txt": "new a",
      ".last/.commit/tools/new.txt": "new",
      ".last/.commit/.gone.json": '["tools/gone.txt"]',
    });
    await finishChange(folder, ".last");
    expect(now()).toEqual(NEW);
  });

  it("that was interrupted before it counted leaves nothing, but for a process that still runs", async () => {
    // No process has the largest number of all; the one that started this one is there.
    write({ ".last/.stage-4194304/a.txt": "half", [`.last/.stage-${process.ppid}/a.txt`]: "at work" });
    await finishChange(folder, ".last");
    expect(Object.keys(now())).toEqual([
      `.last/.stage-${process.ppid}/a.txt`,
      "a.txt",
      "b.txt",
      "tools/gone.txt",
    ]);
  });

  it("follows no link out of the folder", async () => {
    const outside = mkdtempSync(join(tmpdir(), "outside-"));
    symlinkSync(outside, join(folder, "linked"));
    await expect(commitFiles(folder, ".last", { "linked/a.txt": "new" })).rejects.toMatchObject({
      code: "files.exists",
    });
    expect(readdirSync(outside)).toEqual([]);
    rmSync(outside, { recursive: true });
  });

  it("that can't be written changes nothing", async () => {
    const before = now();
    const changes = { "a.txt": "new a", "b.txt/c.txt": "a file is no folder" };
    await expect(commitFiles(folder, ".last", changes)).rejects.toMatchObject({ code: "files.exists" });
    expect(now()).toEqual(before);
  });
});

it("a folder that is made takes away what a killed process had begun beside it", async () => {
  write({ ".sentinel-new-4194304-abc/x.txt": "half" });
  await writeFolder(join(folder, "acme"), { "x.txt": "whole" });
  expect(Object.keys(now())).toEqual(["a.txt", "acme/x.txt", "b.txt", "tools/gone.txt"]);
});

describe("a new folder", () => {
  it("may be read by whoever may read the one that it is in", async () => {
    chmodSync(folder, 0o755);
    await writeFolder(join(folder, "acme"), { "tools/a.yaml": "[]\n" });
    expect(statSync(join(folder, "acme")).mode & 0o777).toBe(0o755);
  });
});
