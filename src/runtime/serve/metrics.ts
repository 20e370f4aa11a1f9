import type { Serving } from "./serving.ts";

/** What is counted of a server. */
export interface ServeMetrics {
  readonly contentType: string;
  /** Everything in Prometheus' text format. */
  text(): Promise<string>;
}

/** The server's metrics. prom-client loads here: a server on stdio has none. */
export async function createServeMetrics({
  state,
  onCall,
}: Pick<Serving, "state"> & { readonly onCall: Serving["onCall"] }): Promise<ServeMetrics> {
  const { Counter, Gauge, Histogram, Registry } = await import("prom-client");
  const registry = new Registry();
  const registers = [registry];
  const gauges: Record<string, [help: string, read: () => number]> = {
    registry_up: ["Whether the registry answers", () => Number(state.away === null)],
    connectors: ["Connectors that are offered", () => state.connectors],
    tools: ["Tools that are offered", () => state.tools],
    changed_connectors: ["Approved revisions that are not what was approved", () => state.refused],
    active_calls: ["Calls under way", () => state.active],
    resident_memory_bytes: ["Memory of the server", () => process.memoryUsage.rss()],
  };
  for (const [name, [help, read]] of Object.entries(gauges)) {
    new Gauge({
      name: `sentinel_serve_${name}`,
      help,
      registers,
      collect: function () {
        this.set(read());
      },
    });
  }
  const calls = new Counter({
    name: "sentinel_serve_calls_total",
    help: "Calls by their outcome: ok, or the code of their failure",
    labelNames: ["code"],
    registers,
  });
  const durations = new Histogram({
    name: "sentinel_serve_call_duration_seconds",
    help: "How long calls took",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  onCall((_tool, code, seconds) => {
    calls.inc({ code });
    durations.observe(seconds);
  });
  return { contentType: registry.contentType, text: () => registry.metrics() };
}
