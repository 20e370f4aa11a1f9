import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { PROBE } from "../../src/reconcile/index.ts";
import { openChokidar } from "../../src/watch/events.ts";
import { temporaryFolder, until, write } from "./helpers.ts";

async function watching(root: string) {
  const seen = {
    moved: [] as string[],
    came: [] as string[],
    somewhere: 0,
    probes: 0,
    failures: [] as Error[],
  };
  const events = await openChokidar(root, {
    moved: (slug, below) => {
      seen.moved.push(slug);
      if (below === "") seen.came.push(slug);
    },
    movedSomewhere: () => {
      seen.somewhere += 1;
    },
    probed: () => {
      seen.probes += 1;
    },
    failed: (error) => seen.failures.push(error),
  });
  onTestFinished(() => events.close());
  return seen;
}

/** Long enough for any event that is going to come. */
const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));

describe("file events", () => {
  const moves: Record<string, (folder: string) => void> = {
    "a save in place": (folder) => writeFileSync(join(folder, "manifest.yaml"), "b"),
    "an atomic save": (folder) => {
      writeFileSync(join(folder, ".manifest.yaml.swp"), "b");
      renameSync(join(folder, ".manifest.yaml.swp"), join(folder, "manifest.yaml"));
    },
    "a new file": (folder) => writeFileSync(join(folder, "service.ts"), "b"),
    "a file that goes": (folder) => unlinkSync(join(folder, "mcp.ts")),
    "a text of any name": (folder) => writeFileSync(join(folder, "notes.txt"), "b"),
    "a file deeper down": (folder) => writeFileSync(join(folder, "tools", "orders.yaml"), "b"),
    "a change of permissions or times": (folder) => utimesSync(join(folder, "manifest.yaml"), 1, 1),
    "a new folder in it": (folder) => mkdirSync(join(folder, "docs")),
  };
  for (const [what, move] of Object.entries(moves)) {
    it(`marks the folder: ${what}`, async () => {
      const root = temporaryFolder();
      for (const file of ["manifest.yaml", "mcp.ts", "tools/orders.yaml"])
        write(join(root, "shopify", file), "a");
      write(join(root, "github", "manifest.yaml"), "a");
      const seen = await watching(root);
      move(join(root, "shopify"));
      await until("an event", () => seen.moved.length > 0);
      await quiet();
      expect(new Set(seen.moved)).toEqual(new Set(["shopify"]));
      expect(seen.came).toEqual([]);
    });
  }

  it("says when a folder comes and goes", async () => {
    const root = temporaryFolder();
    const seen = await watching(root);
    write(join(root, "shopify", "manifest.yaml"), "a");
    await until("it came", () => seen.came.includes("shopify"));
    seen.came.length = 0;
    rmSync(join(root, "shopify"), { recursive: true });
    await until("it went", () => seen.came.includes("shopify"));
  });

  it("watches a folder from the moment that it is told of", async () => {
    const root = temporaryFolder();
    const seen = await watching(root);
    for (let at = 0; at < 50; at += 1) mkdirSync(join(root, `c${at}`));
    await until("all came", () => new Set(seen.moved).size === 50);
    await quiet();
    seen.moved.length = 0;
    for (let at = 0; at < 50; at += 1) writeFileSync(join(root, `c${at}`, "manifest.yaml"), "a");
    await until("all are watched", () => new Set(seen.moved).size === 50);
  });

  it("keeps watching a folder that was removed and made again", async () => {
    const root = temporaryFolder();
    write(join(root, "shopify", "manifest.yaml"), "a");
    const seen = await watching(root);
    rmSync(join(root, "shopify"), { recursive: true });
    write(join(root, "shopify", "manifest.yaml"), "b");
    await until("it moved", () => seen.moved.length > 0);
    await quiet();
    seen.moved.length = 0;
    writeFileSync(join(root, "shopify", "manifest.yaml"), "c");
    await until("it moved again", () => seen.moved.includes("shopify"));
  });

  it("follows no link out of the tree", async () => {
    const [root, outside] = [temporaryFolder(), temporaryFolder()];
    write(join(outside, "manifest.yaml"), "a");
    symlinkSync(outside, join(root, "linked"));
    const seen = await watching(root);
    writeFileSync(join(outside, "manifest.yaml"), "b");
    await quiet();
    expect(seen.moved).toEqual([]);
    symlinkSync(outside, join(root, "another"));
    await until("the link itself", () => seen.moved.includes("another"));
  });

  it("reports its probe as such, and is silent about what is hidden, foreign or our own unfinished file", async () => {
    const root = temporaryFolder();
    for (const folder of ["shopify/node_modules/x", "shopify/.git", ".hidden"])
      write(join(root, folder, "a"), "a");
    const seen = await watching(root);
    writeFileSync(join(root, PROBE), "");
    writeFileSync(join(root, ".hidden", "a"), "b");
    writeFileSync(join(root, "shopify", "node_modules", "x", "a"), "b");
    writeFileSync(join(root, "shopify", ".git", "a"), "b");
    writeFileSync(join(root, "shopify", ".sentinel-17.tmp"), "b");
    await until("the probe", () => seen.probes > 0);
    await quiet();
    expect(seen.moved).toEqual([]);
  });

  it("says that anything may have moved when the folder of connectors itself goes, and sees it come back", async () => {
    const root = join(temporaryFolder(), "connectors");
    write(join(root, "shopify", "manifest.yaml"), "a");
    const seen = await watching(root);
    rmSync(root, { recursive: true });
    await until("it went", () => seen.somewhere > 0);
    seen.moved.length = 0;
    write(join(root, "github", "manifest.yaml"), "a");
    await until("it is back", () => seen.moved.includes("github"));
  });
});
