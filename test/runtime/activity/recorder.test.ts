import { describe, expect, it } from "vitest";
import type { CallRecord } from "../../../src/registry/index.ts";
import { Recorder } from "../../../src/runtime/activity/recorder.ts";
import { redactArguments, shownArguments } from "../../../src/runtime/activity/redact.ts";

const record = (n: number): CallRecord => ({
  action: "read",
  actor: "ann",
  provider_id: "x",
  digest: null,
  details: { n },
});

/** A registry that takes records, or does not. */
class Log {
  readonly batches: number[][] = [];
  away = false;
  last: CallRecord["details"] = {};
  async record(events: readonly CallRecord[]): Promise<void> {
    if (this.away) throw new Error("away");
    this.last = events.at(-1)?.details ?? {};
    this.batches.push(events.map(({ details }) => Number(details.n)));
  }
}

describe("the recorder", () => {
  it("writes many records at once, in their order, and all of them before it closes", async () => {
    const runtime = new Log();
    const recorder = new Recorder({ runtime, batch: 10, delayMs: 5 });
    for (let n = 0; n < 25; n += 1) recorder.add(record(n));
    await recorder.close();
    expect(runtime.batches.flat()).toEqual(Array.from({ length: 25 }, (_, n) => n));
    expect(runtime.batches.length).toBeLessThanOrEqual(4);
  });

  it("writes soon by itself", async () => {
    const runtime = new Log();
    const recorder = new Recorder({ runtime, delayMs: 5 });
    recorder.add(record(1));
    await expect.poll(() => runtime.batches).toEqual([[1]]);
  });

  it("has the log follow side effects, soon, before it closes, and again when the registry was away", async () => {
    const runtime = new Log();
    const recorder = new Recorder({ runtime, delayMs: 5 });
    for (let n = 0; n < 10; n += 1) recorder.followUp();
    await expect.poll(() => runtime.batches).toEqual([[]]);
    runtime.away = true;
    recorder.followUp();
    await recorder.flush();
    runtime.away = false;
    await recorder.close();
    expect(runtime.batches).toEqual([[], []]);
    // After the end the registry is not asked again.
    recorder.followUp();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(runtime.batches).toHaveLength(2);
  });

  it("keeps records while the registry is away, and lets no read begin when too many wait", async () => {
    const runtime = new Log();
    const troubles: unknown[] = [];
    const recorder = new Recorder({
      runtime,
      limit: 3,
      delayMs: 1,
      onTrouble: (error) => troubles.push(error),
    });
    runtime.away = true;
    for (const n of [1, 2]) recorder.add(record(n));
    await recorder.admit();
    recorder.add(record(3));
    await expect(recorder.admit()).rejects.toMatchObject({ code: "call.registry_away" });
    expect(troubles.length).toBeGreaterThan(0);
    runtime.away = false;
    await recorder.admit();
    expect(runtime.batches.flat()).toEqual([1, 2, 3]);
  });
});

describe("a flood of refusals", () => {
  it("is counted where it can't be written", async () => {
    const runtime = new Log();
    const recorder = new Recorder({ runtime, limit: 2, batch: 100, delayMs: 1 });
    runtime.away = true;
    for (let n = 0; n < 50; n += 1) recorder.add({ ...record(n), action: "refused" });
    await recorder.flush();
    runtime.away = false;
    await recorder.flush();
    recorder.add(record(99));
    await recorder.close();
    expect(runtime.batches.flat()).toEqual([0, 1, 2, 3, 99]);
    expect(runtime.last).toMatchObject({ refusals_not_recorded: 46 });
  });
});

describe("arguments in the log", () => {
  const schema = { type: "object", properties: { title: { type: "string" }, n: {} } };

  it("are names without values, and only names that the schema knows", () => {
    expect(redactArguments(schema, { title: "secret plan", n: 3, "password=x": 1 })).toEqual({
      title: "[redacted]",
      n: "[redacted]",
      "…": 1,
    });
  });

  it("have values where an operator wants them, cut where they are long", () => {
    expect(shownArguments({ a: 1 })).toEqual({ a: 1 });
    expect(JSON.stringify(shownArguments({ a: "x".repeat(50_000) })).length).toBeLessThan(9000);
  });
});
