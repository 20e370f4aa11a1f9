/** What can be made again is made again: damage to it is never the reason for a wrong answer. */
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { dumpOf, type Project, project, type RunJson, tiny } from "./helpers.ts";

const NAMES = ["aa", "bb", "cc"];

describe("one more run", () => {
  let tree: Project;
  let whole: { rows: string; files: Record<string, string> };
  const own = (path: string): string => join(tree.dir, ".sentinel", path);
  const server = (slug: string): string => join(tree.connectors, slug, "mcp.ts");
  beforeAll(async () => {
    tree = project();
    for (const slug of NAMES) tree.write(slug, tiny(slug));
    expect((await tree.run(["run"])).code).toBe(0);
    whole = { rows: await dumpOf(tree), files: tree.files() };
  });

  /** Runs and finds everything as it was. */
  async function mends(summary: Partial<RunJson["summary"]> = { unchanged: 3 }): Promise<void> {
    const ran = await tree.run(["run", "--format", "json"]);
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
    expect(ran.json<RunJson>().summary).toMatchObject(summary);
    expect(tree.files()).toEqual(whole.files);
  }

  it.each<[string, (file: string) => void]>([
    ["missing", (file) => rmSync(file)],
    ["changed by hand", (file) => appendFileSync(file, "// mine\n")],
    ["torn", (file) => truncateSync(file, 300)],
    ["empty, as after a power cut", (file) => truncateSync(file, 0)],
    ["full of NULs, as after a power cut", (file) => writeFileSync(file, Buffer.alloc(statSync(file).size))],
  ])("makes a generated file again that is %s", async (_what, damage) => {
    damage(server("bb"));
    await mends();
  });

  it("sees an edit that changes neither size nor time of the manifest", async () => {
    const file = join(tree.connectors, "cc/manifest.yaml");
    const { atime, mtime } = statSync(file);
    tree.write("cc", tiny("cc").replace("The cc", "Our cc"));
    utimesSync(file, atime, mtime);
    expect(await tree.json<RunJson>(["run"])).toMatchObject({ summary: { updated: 1, unchanged: 2 } });
    tree.write("cc", tiny("cc"));
    await mends({ updated: 1, unchanged: 2 });
  });

  it("needs neither cache nor state token, and believes no damaged one", async () => {
    const spoil = (damage: (path: string) => void): void => {
      for (const name of readdirSync(own("cache"))) damage(own(`cache/${name}`));
      damage(own("registry.state"));
    };
    spoil((path) => writeFileSync(path, "garbage"));
    await mends();
    spoil((path) => truncateSync(path, statSync(path).size >> 1));
    await mends();
    rmSync(own("cache"), { recursive: true });
    rmSync(own("registry.state"));
    await mends();
    expect(await dumpOf(tree)).toBe(whole.rows);
  });

  it("removes what killed processes left unfinished, and nothing of those that run", async () => {
    const dead = 2 ** 22 + 7; // above what any kernel gives
    const left = [
      own(`watch-${dead}.tmp`),
      own(`cache/folders-${dead}.tmp`),
      join(tree.connectors, ".sentinel-probe"),
    ];
    const alive = own(`watch-${process.pid}.tmp`);
    for (const path of [...left, alive, join(tree.connectors, `aa/.sentinel-${dead}.tmp`)])
      writeFileSync(path, "");
    await mends();
    expect(left.filter((path) => existsSync(path))).toEqual([]);
    expect(existsSync(alive)).toBe(true);
    rmSync(alive);
  });

  it("registers again what a restored or vanished registry does not have", async () => {
    cpSync(own("registry"), own("backup"), { recursive: true });
    tree.write("cc", tiny("cc").replace("The cc", "Our cc"));
    expect((await tree.run(["run"])).code).toBe(0);
    rmSync(own("registry"), { recursive: true });
    renameSync(own("backup"), own("registry"));
    expect(await tree.json<RunJson>(["run"])).toMatchObject({ summary: { updated: 1, unchanged: 2 } });
    rmSync(own("registry"), { recursive: true });
    tree.write("cc", tiny("cc"));
    await mends({ created: 3 });
    expect(await dumpOf(tree)).toBe(whole.rows);
  });

  it("says so when something else stands where the registry belongs", async () => {
    renameSync(own("registry"), own("aside"));
    for (const put of [
      () => writeFileSync(own("registry"), "no registry"),
      () => mkdirSync(own("registry")),
    ]) {
      put();
      if (statSync(own("registry")).isDirectory()) writeFileSync(own("registry/notes.txt"), "mine");
      const ran = await tree.run(["run"]);
      expect(ran.code).toBe(2);
      expect(ran.stderr).toMatch(/registry\.damaged[\s\S]*hint/);
      expect(ran.stderr).not.toMatch(/\n\s+at /);
      rmSync(own("registry"), { recursive: true });
    }
    renameSync(own("aside"), own("registry"));
    await mends();
  });
});

describe("a name that nobody has", () => {
  it("is refused by run, plan and check alike", async () => {
    const tree = project();
    tree.write("shopify", tiny("shopify"));
    for (const command of ["run", "plan", "check"]) {
      const ran = await tree.run([command, "shopfy"]);
      expect(ran.code).toBe(2);
      expect(ran.stderr).toMatch(/"shopfy"[\s\S]*Did you mean "shopify"\?/);
    }
  });
});
