/**
 * A daemon as a process of its own, for tests that stop, kill or signal it.
 * Usage: daemon.ts <cwd> [<postgres url>]; reads `tuning.json` in cwd at start and on SIGHUP; logs JSON on stderr.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createLogger, systemClock } from "../../src/base/index.ts";
import { createRegistry } from "../../src/registry/index.ts";
import { DEFAULT_TUNING, type Reloaded, watch } from "../../src/watch/index.ts";

const [cwd = "", url = ""] = process.argv.slice(2);
const stateDir = join(cwd, ".sentinel");

async function openDriver() {
  if (url === "") {
    const { openPglite } = await import("../../src/registry/drivers/pglite.ts");
    return openPglite({ directory: join(stateDir, "registry") });
  }
  const { openPostgres } = await import("../../src/registry/drivers/postgres.ts");
  return openPostgres({ url });
}

async function reload(): Promise<Reloaded> {
  try {
    const tuning = { ...DEFAULT_TUNING, ...JSON.parse(readFileSync(join(cwd, "tuning.json"), "utf8")) };
    return { ok: true, tuning };
  } catch {
    return { ok: false, diagnostics: [] };
  }
}

const first = await reload();
await watch({
  workspace: {
    cwd,
    connectors: join(cwd, "connectors"),
    display: "connectors",
    cacheDir: join(stateDir, "cache"),
  },
  registry: createRegistry(await openDriver()),
  source: "default",
  holder: `daemon ${process.pid}`,
  logger: await createLogger({ level: "info", format: "json" }),
  clock: systemClock,
  ...(first.ok ? { tuning: first.tuning } : {}),
  stateDir,
  healthPort: 0,
  reload,
  leaseSeconds: 3,
});
