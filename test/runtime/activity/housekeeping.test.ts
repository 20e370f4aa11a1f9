import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Checkpoints } from "../../../src/runtime/activity/checkpoints.ts";
import { keepHouse } from "../../../src/runtime/activity/housekeeping.ts";
import { newKey } from "../../../src/runtime/vault/keys.ts";

describe("housekeeping", () => {
  const folder = mkdtempSync(join(tmpdir(), "sentinel-house-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const key = newKey();
  const path = join(folder, "log");
  const checkpoints = () => new Checkpoints(path, () => ({ current: key, keys: [key], file: null }));
  const told = (): number[] =>
    checkpoints()
      .read()
      .good.map(({ event_id }) => event_id);

  it("settles dead calls and remembers the log's end, now and then and at the end", async () => {
    let settled = 0;
    const runtime = {
      head: { event_id: 4, hash: "h4" },
      record: async () => {},
      settle: async () => {
        settled += 1;
        return 0;
      },
    };
    const stop = keepHouse({ runtime, checkpoints: checkpoints(), everyMs: 20, firstMs: 1 });
    await expect.poll(told).toEqual([4]);
    runtime.head = { event_id: 9, hash: "h9" };
    await stop();
    expect(told()).toEqual([4, 9]);
    expect(settled).toBeGreaterThanOrEqual(2);
  });

  it("tells that the log is shorter than it was, and that the registry is away", async () => {
    const troubles: string[] = [];
    const runtime = {
      head: { event_id: 5, hash: "h5" },
      record: async () => {},
      settle: () => Promise.reject(new Error("away")),
    };
    const onTrouble = (what: string): number => troubles.push(what);
    const stop = keepHouse({ runtime, checkpoints: checkpoints(), everyMs: 60_000, firstMs: 1, onTrouble });
    await expect.poll(() => troubles).toEqual(expect.arrayContaining(["log_rewound", "settle"]));
    await stop();
    expect(told()).toEqual([4, 9]);
  });

  it("takes no log for shorter because another process has remembered more of it", async () => {
    const troubles: string[] = [];
    const runtime = {
      head: { event_id: 7, hash: "h7" },
      // The answer tells how far the log goes by now.
      record: async () => {
        runtime.head = { event_id: 12, hash: "h12" };
      },
      settle: async () => 0,
    };
    await keepHouse({ runtime, checkpoints: checkpoints(), onTrouble: (what) => troubles.push(what) })();
    expect(troubles).toEqual([]);
    expect(told()).toEqual([4, 9, 12]);
  });

  it("tells once that there is no key to sign with", async () => {
    const troubles: string[] = [];
    const keyless = new Checkpoints(path, () => {
      throw new Error("no key");
    });
    const runtime = { head: { event_id: 20, hash: "h20" }, record: async () => {}, settle: async () => 0 };
    await keepHouse({ runtime, checkpoints: keyless, onTrouble: (what) => troubles.push(what) })();
    expect(troubles).toEqual(["checkpoint"]);
    expect(told()).toEqual([4, 9, 12]);
  });
});
