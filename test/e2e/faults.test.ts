/** What goes wrong around the command: kills, full disks, missing rights, company. Nothing is lost, and it is said plainly. */
import { chmodSync, mkdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
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

describe("kill -9", () => {
  const KILLS = 12;
  const FINAL = makeConnectors(40, 21);
  let reference: { dump: string; files: Record<string, string>; milliseconds: number };
  beforeAll(async () => {
    const calm = project();
    calm.writeAll(FINAL);
    const { code, milliseconds } = await calm.run(["run"]);
    expect(code).toBe(0);
    reference = { dump: await dumpOf(calm), files: calm.files(), milliseconds };
  });

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
    shaken.writeAll(FINAL);
    const last = await shaken.run(["run"]);
    expect(last, last.stdout + last.stderr).toMatchObject({ code: 0 });
    expect(shaken.files()).toEqual(reference.files);
    expect(leftovers(shaken)).toEqual([]);
    expect(await dumpOf(shaken)).toBe(reference.dump);
  });

  it("at any moment of watch likewise", async () => {
    const random = seeded(5);
    const shaken = project();
    const killer = new Killer(random, 3000);
    for (let at = 0; at < 4; at += 1) {
      const kill = killer.kill(shaken, ["watch"]);
      for (const slug of Object.keys(FINAL)) {
        if (random() < 0.5) shaken.write(slug, makeManifest(slug, random));
        if (random() < 0.1) await new Promise((resolve) => setTimeout(resolve, 30));
      }
      await kill;
    }
    expect(killer.hits).toBe(4);
    shaken.writeAll(FINAL);
    const last = await shaken.run(["run"]);
    expect(last, last.stdout + last.stderr).toMatchObject({ code: 0 });
    expect(shaken.files()).toEqual(reference.files);
    expect(leftovers(shaken).filter((path) => path !== "watch.json")).toEqual([]);
    expect(await dumpOf(shaken)).toBe(reference.dump);
  });
});

/** A tool of a long description: a manifest whose server needs room. */
const roomy = (slug: string): string => tiny(slug, `    description: ${"much to say. ".repeat(150)}\n`);

describe.skipIf(!canMount(join("/tmp", `sentinel-e2e-mount-${process.pid}`)))(
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
      plain(await tree.run(["run"]), /ENOSPC|no space|disk is full/i);
      expect(tree.read("one/mcp.ts")).toBe(server);
      expect(leftovers(tree)).toEqual([]);
      expect(await dumpOf(tree)).toBe(before);

      makeRoom();
      expect(await tree.json<RunJson>(["run"])).toMatchObject({ ok: true, summary: { updated: 1 } });
    });

    it("under .sentinel/ loses nothing that was registered", async () => {
      const tree = project();
      mounted(join(tree.dir, ".sentinel"), 150);
      tree.writeAll(makeConnectors(5, 31));
      expect((await tree.run(["run"])).code).toBe(0);
      const before = await dumpOf(tree);

      const more = makeConnectors(5, 32, "more");
      tree.writeAll(more);
      const makeRoom = fill(join(tree.dir, ".sentinel"));
      const ran = await tree.run(["run"]);
      if (ran.code !== 0) plain(ran, /ENOSPC|no space|disk is full/i);
      makeRoom();
      if (ran.code !== 0) expect(await dumpOf(tree)).toContain(before.split("\n")[1] ?? "");

      const again = await tree.run(["run"]);
      expect(again, again.stdout + again.stderr).toMatchObject({ code: 0 });
      const calm = project();
      calm.writeAll({ ...makeConnectors(5, 31), ...more });
      await calm.run(["run"]);
      expect(await dumpOf(tree)).toBe(await dumpOf(calm));
    });

    it("in the middle of registering is noticed and said, and what was registered stays", async () => {
      const tree = project();
      mounted(join(tree.dir, ".sentinel"), 150);
      tree.write("one", tiny("one"));
      expect((await tree.run(["run"])).code).toBe(0);
      const before = await tree.run(["status"]);

      // The database can be opened, but what comes does not fit: letters that do not compress.
      const random = seeded(8);
      const letters = (): string =>
        Array.from({ length: 15_000 }, () => Math.floor(random() * 36).toString(36)).join("");
      for (let at = 0; at < 200; at += 1) {
        tree.write(`large-${at}`, `${tiny(`large-${at}`)}instructions: ${letters()}\n`);
      }
      const makeRoom = fill(join(tree.dir, ".sentinel"), 1);
      const ran = await tree.run(["run"], { timeoutMs: 60_000 });
      expect(ran.code).toBe(2);
      plain(ran, /ENOSPC/);
      makeRoom();
      expect((await tree.run(["status"])).stdout).toBe(before.stdout);
      const again = await tree.json<RunJson>(["run"]);
      expect(again).toMatchObject({ ok: true, summary: { created: 200, unchanged: 1 } });
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

describe.skipIf(UNPRIVILEGED === null)("missing rights (skipped where nobody can be became)", () => {
  function unprivileged(): Project {
    const tree = keep(new Project([], { prefix: UNPRIVILEGED ?? [], env: { HOME: "/nonexistent" } }));
    chmodSync(tree.dir, 0o755);
    return tree;
  }

  it("on a connector's folder keep the old output, register nothing new, and are said", async () => {
    const tree = unprivileged();
    tree.writeAll({ one: tiny("one"), two: tiny("two") });
    giveAway(tree.dir);
    const first = await tree.run(["run"]);
    expect(first, first.stderr).toMatchObject({ code: 0 });
    const [before, server] = [await dumpOf(tree), tree.read("one/mcp.ts")];

    tree.write("one", roomy("one"));
    tree.write("two", roomy("two"));
    chmodSync(join(tree.connectors, "one"), 0o555);
    const ran = await tree.run(["run", "--format", "json"]);
    expect(ran.code).toBe(1);
    expect(ran.json<RunJson>()).toMatchObject({
      ok: false,
      summary: { updated: 1 },
      diagnostics: [{ code: "generated.not_written", file: "connectors/one/mcp.ts" }],
    });
    plain(await tree.run(["run"]), /EACCES|permission|not allowed/i);
    expect(tree.read("one/mcp.ts")).toBe(server);
    const rowOf = (dump: string): string | undefined =>
      dump
        .split("\n")
        .find((line) => line.includes('"provider_id": "one"') && line.includes('"display_name"'));
    expect(rowOf(await dumpOf(tree))).toBe(rowOf(before));
    expect(rowOf(before)).toBeDefined();

    chmodSync(join(tree.connectors, "one"), 0o755);
    expect(await tree.json<RunJson>(["run"])).toMatchObject({ ok: true, summary: { updated: 1 } });
  });

  it("on a manifest keep its last good revision", async () => {
    const tree = unprivileged();
    tree.writeAll({ one: tiny("one"), two: tiny("two") });
    giveAway(tree.dir);
    expect((await tree.run(["run"])).code).toBe(0);
    const before = await dumpOf(tree);
    chmodSync(join(tree.connectors, "one/manifest.yaml"), 0);
    chmodSync(join(tree.connectors, "two"), 0);
    const ran = await tree.run(["run", "--format", "json"]);
    chmodSync(join(tree.connectors, "two"), 0o755);
    expect(ran.json<RunJson>()).toMatchObject({
      ok: false,
      summary: { invalid: 2, archived: 0 },
      diagnostics: [
        { code: "file.unreadable", file: "connectors/one/manifest.yaml" },
        { code: "folder.unreadable", file: "connectors/two" },
      ],
    });
    expect(await dumpOf(tree)).toBe(before);
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
    tree.writeAll(makeConnectors(60, 41));
    const both = [tree.start(["run"]), tree.start(["run"])] as const;
    const ended = await Promise.all(both.map((one) => one.finished));
    const codes = ended.map(({ code }) => code).sort();
    expect(codes[0]).toBe(0);
    expect([0, 2]).toContain(codes[1]);
    const second = ended.find(({ code }) => code === 2);
    if (second !== undefined) plain(second, new RegExp(`${both.map(({ pid }) => pid).join("|")}`));

    expect((await tree.run(["run"])).code).toBe(0);
    const calm = tree.copyConnectors();
    keep(calm);
    for (const slug of Object.keys(makeConnectors(60, 41))) calm.remove(`${slug}/mcp.ts`);
    await calm.run(["run"]);
    expect(await dumpOf(tree)).toBe(await dumpOf(calm));
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
      () => tree.has(`late-${COUNT - 1}/mcp.ts`) && tree.has("late-0/mcp.ts") && tree.has("late-777/mcp.ts"),
      60_000,
    );
    await eventually(
      "all are generated",
      () => Object.keys(tree.files()).filter((path) => path.endsWith("mcp.ts")).length === COUNT + 1,
      60_000,
    );
    expect((await daemon.stop()).code).toBe(0);
    const report = await tree.json<RunJson>(["run"]);
    expect(report.summary).toMatchObject({ created: 0, updated: 0, unchanged: COUNT + 1 });
  });
});
