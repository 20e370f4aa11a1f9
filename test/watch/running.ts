import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { type JsonObject, systemClock } from "../../src/base/index.ts";
import { openPglite } from "../../src/registry/drivers/pglite.ts";
import { createRegistry, type Driver, type Fingerprint, type Registry } from "../../src/registry/index.ts";
import { readWatchStatus, type Tuning, type WatchOptions, watch } from "../../src/watch/index.ts";
import { type Line, manifest, memoryLogger, temporaryFolder, until, write } from "./helpers.ts";

/** A tree of connectors with its embedded registry. */
export interface Tree {
  readonly cwd: string;
  readonly connectors: string;
  readonly registryDirectory: string;
  save(slug: string, name?: string): void;
  workspace: WatchOptions["workspace"];
}

export function newTree(...slugs: string[]): Tree {
  const cwd = temporaryFolder();
  const connectors = join(cwd, "connectors");
  const tree: Tree = {
    cwd,
    connectors,
    registryDirectory: join(cwd, ".sentinel", "registry"),
    save: (slug, name) => write(join(connectors, slug, "manifest.yaml"), manifest(slug, name)),
    workspace: { cwd, connectors, display: "connectors", cacheDir: join(cwd, ".sentinel", "cache") },
  };
  for (const slug of slugs) tree.save(slug);
  return tree;
}

/** What is registered, by slug; opens the embedded registry for a moment. */
export async function registered(tree: Tree): Promise<Map<string, Fingerprint>> {
  const registry = createRegistry(openPglite({ directory: tree.registryDirectory }));
  try {
    return bySlug(await registry.machine.fingerprints("default"));
  } finally {
    await registry.close();
  }
}

function bySlug({ connectors }: { connectors: readonly Fingerprint[] | null }): Map<string, Fingerprint> {
  return new Map((connectors ?? []).map((one) => [one.slug, one]));
}

export const FAST: Partial<Tuning> = { settleMs: 10, rescanSeconds: 3600, pollSeconds: 0.1 };

/** A daemon in this process. */
export interface Running {
  readonly logger: ReturnType<typeof memoryLogger>;
  readonly registry: Registry;
  /** The answer of /readyz. */
  ready(): Promise<{ status: number; body: JsonObject }>;
  metrics(): Promise<string>;
  /** Whether these are registered, as the daemon's own registry says, with these digests left behind. */
  status(): ReturnType<typeof readWatchStatus>;
  isRegistered(...slugs: string[]): Promise<boolean>;
  stop(): Promise<void>;
}

export function start(tree: Tree, driver: Driver, more: Partial<WatchOptions> = {}): Running {
  const logger = memoryLogger();
  const registry = createRegistry(driver);
  const stopping = new AbortController();
  const done = watch({
    workspace: tree.workspace,
    registry,
    source: "default",
    holder: "test",
    logger,
    clock: systemClock,
    stateDir: join(tree.cwd, ".sentinel"),
    healthPort: 0,
    reload: async () => ({ ok: false, diagnostics: [] }),
    signal: stopping.signal,
    tuning: FAST,
    ...more,
  });
  const stop = async (): Promise<void> => {
    stopping.abort();
    await done;
  };
  onTestFinished(stop);
  const get = async (path: string): Promise<Response> => {
    await until("the health server", () => logger.messages().includes("starting"));
    const url = logger.lines.find(({ message }) => message === "starting")?.fields.health;
    return fetch(`${url}${path}`);
  };
  return {
    logger,
    registry,
    stop,
    ready: async () => {
      const answer = await get("/readyz");
      const body: JsonObject = JSON.parse(await answer.text());
      return { status: answer.status, body };
    },
    metrics: async () => (await get("/metrics")).text(),
    status: () => readWatchStatus(join(tree.cwd, ".sentinel"), systemClock),
    isRegistered: async (...slugs) => {
      const found = bySlug(await registry.machine.fingerprints("default"));
      return slugs.every((slug) => found.has(slug) && found.get(slug)?.status !== "archived");
    },
  };
}

/** Waits until the daemon's first work is done, it watches, and has looked once more. */
export async function whenReady(running: Running): Promise<void> {
  await until("ready", async () => {
    const { status, body } = await running.ready();
    return status === 200 && body.dirty === 0;
  });
}

/** How many times a daemon has looked at everything. */
export function rescans(metrics: string): number {
  return Number(/^sentinel_rescans_total (\d+)/m.exec(metrics)?.[1]);
}

/** A daemon as a process of its own. */
export interface Child {
  readonly process: ChildProcess;
  readonly lines: Line[];
  says(message: string): boolean;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

export function spawnDaemon(tree: Tree, ...args: string[]): Child {
  const script = fileURLToPath(new URL("./daemon.ts", import.meta.url));
  const child = spawn(process.execPath, [script, tree.cwd, ...args], {
    stdio: ["ignore", "inherit", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: Line[] = [];
  let rest = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      const { level, msg, ...fields } = part.startsWith("{") ? JSON.parse(part) : { level: "raw", msg: part };
      lines.push({ level, message: msg, fields });
    }
  });
  return {
    process: child,
    lines,
    says: (message) => lines.some((line) => line.message === message),
    ended: new Promise((resolve) => child.once("close", (code, signal) => resolve(code ?? signal))),
  };
}
