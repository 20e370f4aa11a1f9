import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Listener, type OpenEvents, openChokidar } from "../../src/watch/events.ts";
import { type Eyes, openEyes } from "../../src/watch/probe.ts";
import { temporaryFolder, write } from "./helpers.ts";

const listener: Listener = { moved: () => {}, movedSomewhere: () => {}, probed: () => {}, failed: () => {} };

async function eyesOf(root: string, open: OpenEvents): Promise<Eyes> {
  const eyes = await openEyes(root, open, listener);
  if (eyes.mode === "events") onTestFinished(() => eyes.events.close());
  return eyes;
}

describe("start-up probe", () => {
  it("trusts events that come, and leaves nothing behind", async () => {
    const root = temporaryFolder();
    write(join(root, "shopify", "manifest.yaml"), "a");
    const eyes = await eyesOf(root, openChokidar);
    expect(eyes.mode).toBe("events");
    expect(readdirSync(root)).toEqual(["shopify"]);
  });

  it("polls where a write of our own makes no event, and closes what it opened", async () => {
    const root = temporaryFolder();
    let closed = 0;
    const deaf: OpenEvents = async () => ({
      close: async () => {
        closed += 1;
      },
    });
    const eyes = await eyesOf(root, deaf);
    expect(eyes).toEqual({ mode: "polling", why: "a file of our own was written and no event came" });
    expect(closed).toBe(1);
    expect(readdirSync(root)).toEqual([]);
  });

  it("polls when the events can't be opened", async () => {
    const refuse: OpenEvents = async () => {
      throw Object.assign(new Error("no watches left"), { code: "ENOSPC" });
    };
    expect(await eyesOf(temporaryFolder(), refuse)).toEqual({
      mode: "polling",
      why: "the events can't be opened (ENOSPC)",
    });
  });

  it("polls while the folder of connectors is missing", async () => {
    const eyes = await eyesOf(join(temporaryFolder(), "none"), openChokidar);
    expect(eyes).toEqual({ mode: "polling", why: "the events can't be opened (ENOENT)" });
  });

  it("polls where nothing can be written", async () => {
    const root = temporaryFolder();
    const open: OpenEvents = async () => {
      rmSync(root, { recursive: true });
      return { close: async () => {} };
    };
    expect(await eyesOf(root, open)).toEqual({ mode: "polling", why: "the probe can't be written (ENOENT)" });
  });
});
