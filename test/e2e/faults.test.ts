/** What goes wrong around the command: kills, full disks, missing rights, company. Nothing is lost, and it is said plainly. */
import { chmodSync, mkdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  dumpOf,
  eventually,
  type Finished,
  keep,
  makeConnectors,
  makeManifest,
  Project,
  project,
  type RunJson,
  seeded,
  tiny,
} from "./helpers.ts";
import { Killer, leftovers } from "./support/kill.ts";
import { canMount, giveAway, mountSmall, UNPRIVILEGED } from "./support/unprivileged.ts";

/** A message for people: what happened, no stack. */
function plain({ stdout, stderr }: Finished, says: RegExp): void {
  expect(stdout + stderr).toMatch(says);
  expect(stdout + stderr).not.toMatch(/\n\s+at .*[:(]\d+:\d+|UnhandledPromise|\[object /);
}

const FINAL = makeConnectors(40, 21);
/** What an undisturbed run makes of FINAL. */
let reference: { dump: string; files: Record<string, string>; milliseconds: number };
beforeAll(async () => {
  const calm = project();
  calm.writeAll(FINAL);
  const { code, milliseconds } = await calm.run(["run"]);
  expect(code).toBe(0);
  reference = { dump: await dumpOf(calm), files: calm.files(), milliseconds };
});

/** One more run, and everything is as if nothing had happened. */
async function mended(tree: Project): Promise<void> {
  tree.writeAll(FINAL);
  const last = await tree.run(["run"]);
  expect(last, last.stdout + last.stderr).toMatchObject({ code: 0 });
  expect(tree.files()).toEqual(reference.files);
  expect(leftovers(tree).filter((path) => path !== "watch.json")).toEqual([]);
  expect(await dumpOf(tree)).toBe(reference.dump);
}

describe("kill -9", () => {
  const KILLS = 8;

  it("at any moment of run, over and over, leaves nothing that one more run does not mend", async () => {
    const random = seeded(4);
    const shaken = project();
    const killer = new Killer(random, reference.milliseconds);
    for (let at = 0; at < KILLS; at += 1) {
      for (const slug of Object.keys(FINAL))
        if (random() < 0.4) shaken.write(slug, makeManifest(slug, random));
      await killer.kill(shaken, ["run"]);
    }
    expect(killer.hits).toBeGreaterThan(KILLS / 3);
    await mended(shaken);
  });

  it("at any moment of watch likewise", async () => {
    const random = seeded(5);
    const shaken = project();
    const killer = new Killer(random, 3000);
    for (let at = 0; at < 3; at += 1) {
      const kill = killer.kill(shaken, ["watch"]);
      for (const slug of Object.keys(FINAL)) {
        if (random() < 0.5) shaken.write(slug, makeManifest(slug, random));
        if (random() < 0.1) await new Promise((resolve) => setTimeout(resolve, 30));
      }
      await kill;
    }
    expect(killer.hits).toBe(3);
    await mended(shaken);
  });
});

/** A tool of a long description: a manifest whose server needs room. */
const roomy = (slug: string): string => tiny(slug, `    description: ${"much to say. ".repeat(150)}\n`);

describe.skipIf(!canMount(join(tmpdir(), `sentinel-e2e-mount-${process.pid}`)))(
  "a full disk (skipped where nothing can be mounted)",
  () => {
    /** Fills a mounted folder to the last byte, or but for some MiB. Returns how to make room again. */
    function fill(folder: string, but = 0): () => void {
      const file = join(folder, "filler");
      const chunk = Buffer.alloc(4096);
      try {
        for (;;) writeFileSync(file, chunk, { flag: "a" });
      } catch {
        // Full, as meant.
      }
      truncateSync(file, statSync(file).size - but * 1024 * 1024);
      return () => rmSync(file);
    }

    function mounted(path: string, mebibytes: number): void {
      const unmount = mountSmall(path, mebibytes);
      if (unmount === null) throw new Error("it could be mounted a moment ago");
      onTestFinished(unmount);
    }

    it("under connectors/ keeps the old output, registers nothing new, and says so", async () => {
      const tree = project();
      mounted(tree.connectors, 1);
      tree.writeAll({ one: tiny("one"), two: tiny("two") });
      expect((await tree.run(["run"])).code).toBe(0);
      const [before, server] = [await dumpOf(tree), tree.read("one/mcp.ts")];

      tree.write("one", roomy("one"));
      const makeRoom = fill(tree.connectors);
      const ran = await tree.run(["run", "--format", "json"]);
      expect(ran.code).toBe(1);
      expect(ran.json<RunJson>()).toMatchObject({
        ok: false,
        diagnostics: [{ code: "generated.not_written", file: "connectors/one/mcp.ts" }],
      });
      plain(ran, /ENOSPC/);
      expect(tree.read("one/mcp.ts")).toBe(server);
      expect(leftovers(tree)).toEqual([]);
      expect(await dumpOf(tree)).toBe(before);

      makeRoom();
      expect(await tree.json<RunJson>(["run"])).toMatchObject({ ok: true, summary: { updated: 1 } });
    });

    it("under .sentinel/ is noticed and said, and what was registered stays", async () => {
      const tree = project();
      mounted(join(tree.dir, ".sentinel"), 150);
      tree.writeAll(FINAL);
      expect((await tree.run(["run"])).code).toBe(0);

      // Letters that do not compress: no database has a place for them in what it has already.
      const random = seeded(8);
      const letters = (): string =>
        Array.from({ length: 15_000 }, () => Math.floor(random() * 36).toString(36)).join("");
      for (let at = 0; at < 200; at += 1) {
        tree.write(`large-${at}`, `${tiny(`large-${at}`)}instructions: ${letters()}\n`);
      }
      // First there is no room at all, then enough to open the database, but not for what comes.
      for (const but of [0, 1]) {
        const makeRoom = fill(join(tree.dir, ".sentinel"), but);
        const ran = await tree.run(["run"]);
        expect(ran.code).toBe(2);
        plain(ran, /ENOSPC|disk is full/);
        makeRoom();
        expect(await dumpOf(tree)).toBe(reference.dump);
      }
      const again = await tree.json<RunJson>(["run"]);
      expect(again).toMatchObject({ ok: true, summary: { created: 200, unchanged: 40 } });
    });

    it("too small for the registry is said at the first run, which can be done again", async () => {
      const tree = project();
      const own = join(tree.dir, ".sentinel");
      const unmount = mountSmall(own, 12);
      if (unmount === null) throw new Error("it could be mounted a moment ago");
      tree.write("one", tiny("one"));
      const ran = await tree.run(["run"]);
      expect(ran.code).toBe(2);
      plain(ran, /ENOSPC|no space|disk is full/i);
      unmount();
      const again = await tree.run(["run"]);
      expect(again, again.stdout + again.stderr).toMatchObject({ code: 0 });
    });
  },
);

describe.skipIf(UNPRIVILEGED === null)("missing rights (skipped where no other account can be used)", () => {
  function unprivileged(): Project {
    const tree = keep(new Project([], { prefix: UNPRIVILEGED ?? [], env: { HOME: "/nonexistent" } }));
    chmodSync(tree.dir, 0o755);
    return tree;
  }

  it("keep what there is, register nothing new, and are said", async () => {
    const tree = unprivileged();
    const slugs = ["fine", "folder", "manifest", "output"];
    for (const slug of slugs) tree.write(slug, tiny(slug));
    giveAway(tree.dir);
    const first = await tree.run(["run"]);
    expect(first, first.stderr).toMatchObject({ code: 0 });
    const files = tree.files();

    for (const slug of slugs) tree.write(slug, roomy(slug));
    chmodSync(join(tree.connectors, "folder"), 0);
    chmodSync(join(tree.connectors, "manifest/manifest.yaml"), 0);
    chmodSync(join(tree.connectors, "output"), 0o555);
    const ran = await tree.run(["run", "--format", "json"]);
    for (const slug of slugs) chmodSync(join(tree.connectors, slug), 0o755);
    chmodSync(join(tree.connectors, "manifest/manifest.yaml"), 0o644);
    expect(ran.code).toBe(1);
    expect(ran.json<RunJson>()).toMatchObject({
      ok: false,
      summary: { updated: 1, invalid: 3, archived: 0 },
      diagnostics: [
        { code: "folder.unreadable", file: "connectors/folder" },
        { code: "file.unreadable", file: "connectors/manifest/manifest.yaml" },
        { code: "generated.not_written", file: "connectors/output/mcp.ts" },
      ],
    });
    expect(ran.json<RunJson>().diagnostics.every((one) => one.message.includes("EACCES"))).toBe(true);
    plain(ran, /EACCES/);
    for (const slug of slugs.slice(1)) expect(tree.read(`${slug}/mcp.ts`)).toBe(files[`${slug}/mcp.ts`]);
    expect(leftovers(tree)).toEqual([]);
    expect(await tree.json<RunJson>(["run"])).toMatchObject({ ok: true, summary: { updated: 3 } });
  });

  it("on .sentinel/ are said before anything is done", async () => {
    const tree = unprivileged();
    tree.write("one", tiny("one"));
    giveAway(tree.dir);
    mkdirSync(join(tree.dir, ".sentinel"), { mode: 0o555 });
    giveAway(join(tree.dir, ".sentinel"));
    chmodSync(join(tree.dir, ".sentinel"), 0o555);
    const ran = await tree.run(["run"]);
    chmodSync(join(tree.dir, ".sentinel"), 0o755);
    expect(ran.code).toBe(2);
    plain(ran, /EACCES|permission|not allowed/i);
    expect((await tree.run(["run"])).code).toBe(0);
  });
});

describe("two processes on one embedded registry", () => {
  it("do not mix: the second says who holds it, and nothing is lost", async () => {
    const tree = project();
    tree.writeAll(FINAL);
    const both = [tree.start(["run"]), tree.start(["run"])] as const;
    const ended = await Promise.all(both.map((one) => one.finished));
    const codes = ended.map(({ code }) => code).sort();
    expect(codes[0]).toBe(0);
    expect([0, 2]).toContain(codes[1]);
    const second = ended.find(({ code }) => code === 2);
    if (second !== undefined) plain(second, new RegExp(both.map(({ pid }) => pid).join("|")));
    await mended(tree);
  });

  it("let a person look while the daemon watches", async () => {
    const tree = project();
    tree.write("one", tiny("one"));
    const daemon = tree.start(["watch"]);
    await eventually("the first pass is done", () => tree.has("one/mcp.ts"));
    await eventually(
      "status answers, or says who is at work",
      async () => {
        const seen = await tree.run(["status"]);
        if (seen.code === 2) plain(seen, new RegExp(String(daemon.pid)));
        return seen.code === 0 && /one/.test(seen.stdout);
      },
      40_000,
    );
    expect((await daemon.stop()).code).toBe(0);
  });
});

describe("folders that come while the loop is blocked", () => {
  it("are all registered", async () => {
    const COUNT = 2000;
    const tree = project();
    tree.write("first", tiny("first"));
    const daemon = tree.start(["watch"]);
    await daemon.waitFor(/first/);
    await eventually("the first pass is done", () => tree.has("first/mcp.ts"));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    daemon.child.kill("SIGSTOP");
    for (let at = 0; at < COUNT; at += 1) tree.write(`late-${at}`, tiny(`late-${at}`));
    daemon.child.kill("SIGCONT");
    await eventually(
      "every late folder has its server",
      () => Array.from({ length: COUNT }, (_, at) => at).every((at) => tree.has(`late-${at}/mcp.ts`)),
      60_000,
    );
    expect((await daemon.stop()).code).toBe(0);
    const report = await tree.json<RunJson>(["run"]);
    expect(report.summary).toMatchObject({ created: 0, updated: 0, unchanged: COUNT + 1 });
  });
});
