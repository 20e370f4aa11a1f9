import { request } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { UserError } from "../../src/base/index.ts";
import { serveHealth } from "../../src/watch/health.ts";
import { createMetrics } from "../../src/watch/metrics.ts";
import { newState, type State } from "../../src/watch/state.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");

async function serving(change: Partial<State> = {}) {
  const state: State = { ...newState(NOW), mode: "events", scanned: true, ...change };
  const metrics = await createMetrics(state);
  const clock = { time: NOW, now: () => clock.time };
  const health = await serveHealth(0, state, clock, metrics);
  onTestFinished(() => health.close());
  const get = (path: string, host = `127.0.0.1:${health.port}`, method = "GET") =>
    new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const asked = request(
        { host: "127.0.0.1", port: health.port, path, method, headers: { host } },
        (answer) => {
          let text = "";
          answer.on("data", (chunk) => {
            text += chunk;
          });
          answer.on("end", () => resolve({ status: answer.statusCode, text }));
        },
      );
      asked.on("error", reject);
      asked.end();
    });
  return { state, metrics, clock, health, get };
}

describe("health server", () => {
  it("is live while the loop turns, and not when it has been stuck for long", async () => {
    const { clock, get } = await serving();
    clock.time = NOW + 90_000;
    expect(await get("/healthz")).toEqual({ status: 200, text: '{"ok":true,"last_turn_seconds":90}\n' });
    clock.time = NOW + 3_600_000;
    expect((await get("/healthz")).status).toBe(503);
  });

  it("is ready when all is well, and shows how it watches", async () => {
    const { get } = await serving();
    const { status, text } = await get("/readyz");
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ ready: true, reasons: [], mode: "events", dirty: 0 });
  });

  const notReady: Record<string, [Partial<State>, RegExp]> = {
    "before the first scan": [{ scanned: false }, /first scan/],
    "before it watches": [{ mode: "starting" }, /not watched yet/],
    "without a registry": [
      { trouble: { kind: "registry", since: NOW - 60_000, why: "The registry is away." } },
      /^The registry is away\. \(since 2026-11-21T11:59:00\.000Z\)$/,
    ],
  };
  for (const [when, [change, reason]] of Object.entries(notReady)) {
    it(`is not ready, and says why and since when: ${when}`, async () => {
      const { get } = await serving(change);
      const { status, text } = await get("/readyz");
      expect(status).toBe(503);
      expect(JSON.parse(text)).toMatchObject({ ready: false, reasons: [expect.stringMatching(reason)] });
    });
  }

  it("answers only those who name its address", async () => {
    const { get, health } = await serving();
    expect((await get("/healthz", `localhost:${health.port}`)).status).toBe(200);
    for (const host of [
      "evil.example",
      `evil.example:${health.port}`,
      "127.0.0.1",
      `127.0.0.1:${health.port + 1}`,
    ]) {
      expect((await get("/metrics", host)).status, host).toBe(421);
    }
  });

  it("knows three paths and reads only", async () => {
    const { get, health } = await serving();
    expect((await get("/")).status).toBe(404);
    expect((await get("/healthz", `127.0.0.1:${health.port}`, "POST")).status).toBe(405);
  });

  it("says which port is taken", async () => {
    const { health, state, clock, metrics } = await serving();
    const second = serveHealth(health.port, state, clock, metrics);
    await expect(second).rejects.toThrow(UserError);
    await expect(second).rejects.toMatchObject({
      code: "watch.port_taken",
      message: expect.stringContaining(`${health.port}`),
    });
  });

  it("counts in Prometheus' format", async () => {
    const { state, metrics, get } = await serving({
      registered: { draft: 7, approved: 2 },
      dirty: 3,
      invalid: 1,
    });
    state.count.events += 5;
    state.lastSuccessAt = NOW;
    metrics.passed(0.2);
    const { text } = await get("/metrics");
    const lines = text.split("\n");
    for (const line of [
      "sentinel_ready 1",
      "sentinel_dirty_folders 3",
      "sentinel_events_total 5",
      "sentinel_polling 0",
      "sentinel_registry_up 1",
      'sentinel_connectors{state="draft"} 7',
      'sentinel_connectors{state="approved"} 2',
      'sentinel_connectors{state="invalid"} 1',
      'sentinel_reconcile_duration_seconds_bucket{le="0.25"} 1',
      'sentinel_reconcile_duration_seconds_bucket{le="0.1"} 0',
      `sentinel_last_success_timestamp_seconds ${NOW / 1000}`,
    ]) {
      expect(lines, text).toContain(line);
    }
    // A second scrape counts nothing twice.
    expect((await get("/metrics")).text).toContain("sentinel_events_total 5\n");
  });
});
