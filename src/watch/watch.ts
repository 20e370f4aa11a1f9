import { serveHealth } from "./health.ts";
import { Loop } from "./loop.ts";
import { createMetrics } from "./metrics.ts";
import { onSignals } from "./signals.ts";
import { StatusFile } from "./status-file.ts";
import type { WatchOptions } from "./types.ts";

/**
 * The daemon: what `run` does, for ever. Returns after a drained stop (SIGTERM, SIGINT or `options.signal`): the pass under
 * way is finished, the lease given back, the registry closed.
 * @throws UserError when it can't start: `watch.port_taken`. Nothing that happens later ends it.
 */
export async function watch(options: WatchOptions): Promise<void> {
  const { logger, clock, healthPort, source, holder, stateDir } = options;
  let passed = (_seconds: number): void => {};
  const loop = new Loop(options, (seconds) => passed(seconds));
  const metrics = healthPort === null ? null : await createMetrics(loop.state);
  if (metrics) passed = metrics.passed;
  const health =
    healthPort !== null && metrics ? await serveHealth(healthPort, loop.state, clock, metrics) : null;
  const url = health && `http://127.0.0.1:${health.port}`;
  const file = new StatusFile(stateDir, clock, { source, holder, health_url: url });
  const stop = (why: string): void => {
    logger.info("stopping after the pass under way", { because: why });
    loop.stop();
  };
  const aborted = (): void => stop("asked to");
  const ignoreSignals = onSignals({ stop, reload: () => void reload(options, loop) });
  options.signal?.addEventListener("abort", aborted, { once: true });
  try {
    const { connectors } = options.workspace;
    logger.info("starting", { connectors, registry: options.registry.driver.location, source, health: url });
    if (options.signal?.aborted) loop.stop();
    await loop.run(() => file.update(loop.state));
    logger.info("stopped");
  } finally {
    options.signal?.removeEventListener("abort", aborted);
    ignoreSignals();
    await health?.close();
    file.remove();
  }
}

/** Takes over a good configuration; with a bad one everything stays as it was. */
async function reload({ logger, reload: read }: WatchOptions, loop: Loop): Promise<void> {
  try {
    const reloaded = await read();
    if (reloaded.ok) {
      logger.setLevel(reloaded.tuning.logLevel);
      loop.tune(reloaded.tuning);
      logger.info("configuration reloaded", { tuning: reloaded.tuning });
      return;
    }
    for (const { code, file, line, column, message, hint } of reloaded.diagnostics) {
      logger.error(message, { code, at: `${file}:${line}:${column}`, hint });
    }
    logger.error("the new configuration is bad; the old one stays");
  } catch (error) {
    logger.error("the configuration could not be read; the old one stays", { error });
  }
}
