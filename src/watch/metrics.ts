import { readiness, type State } from "./state.ts";

export interface Metrics {
  readonly contentType: string;
  /** A pass took this long. */
  passed(seconds: number): void;
  /** Everything in Prometheus' text format. */
  text(): Promise<string>;
}

/** The daemon's metrics, read from its state at each scrape. prom-client loads here: most daemons are not scraped. */
export async function createMetrics(state: State): Promise<Metrics> {
  const { Counter, Gauge, Histogram, Registry } = await import("prom-client");
  const registry = new Registry();
  const registers = [registry];

  const gauges: Record<string, [help: string, read: () => number]> = {
    ready: [
      "Whether what is dropped into the folder gets registered now",
      () => Number(readiness(state).ready),
    ],
    dirty_folders: ["Folders waiting to be looked at", () => state.dirty],
    polling: [
      "Whether changes are found by polling, as no events come",
      () => Number(state.mode === "polling"),
    ],
    registry_up: ["Whether the registry could be reached", () => Number(state.trouble?.kind !== "registry")],
    last_success_timestamp_seconds: ["When a pass last ended well", () => (state.lastSuccessAt ?? 0) / 1000],
    start_timestamp_seconds: ["When the daemon started", () => state.startedAt / 1000],
    resident_memory_bytes: ["Memory of the daemon", () => process.memoryUsage.rss()],
  };
  for (const [name, [help, read]] of Object.entries(gauges)) {
    new Gauge({
      name: `sentinel_${name}`,
      help,
      registers,
      collect: function () {
        this.set(read());
      },
    });
  }
  const counters: Record<string, [help: string, read: () => number]> = {
    events_total: ["File events received", () => state.count.events],
    rescans_total: ["Passes over the whole tree", () => state.count.rescans],
    watcher_reopened_total: [
      "Times that events were lost and the watcher was opened anew",
      () => state.count.reopened,
    ],
    registry_errors_total: [
      "Calls that failed because the registry was away",
      () => state.count.registryErrors,
    ],
  };
  for (const [name, [help, read]] of Object.entries(counters)) {
    new Counter({
      name: `sentinel_${name}`,
      help,
      registers,
      collect: function () {
        this.reset();
        this.inc(read());
      },
    });
  }
  new Gauge({
    name: "sentinel_connectors",
    help: "Connectors by state: of the registry as last read, and folders with errors as invalid",
    labelNames: ["state"],
    registers,
    collect: function () {
      this.reset();
      for (const [status, count] of Object.entries(state.registered)) this.set({ state: status }, count);
      this.set({ state: "invalid" }, state.invalid);
    },
  });
  const passes = new Histogram({
    name: "sentinel_reconcile_duration_seconds",
    help: "How long passes took",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  });
  return {
    contentType: registry.contentType,
    passed: (seconds) => passes.observe(seconds),
    text: () => registry.metrics(),
  };
}
