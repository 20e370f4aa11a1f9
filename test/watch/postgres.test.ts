import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/base/index.ts";
import { openPostgres } from "../../src/registry/drivers/postgres.ts";
import { createRegistry } from "../../src/registry/index.ts";
import { readWatchStatus } from "../../src/watch/index.ts";
import { type PostgresServer, serversMissing, startPostgres } from "../helpers/postgres.ts";
import { until } from "./helpers.ts";
import { type Child, newTree, spawnDaemon, type Tree } from "./running.ts";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function ready(
  child: Child,
): Promise<{ status: number; body: { trouble: { kind: string; why: string } | null } }> {
  await until("it starts", () => child.says("starting"));
  const url = child.lines.find(({ message }) => message === "starting")?.fields.health;
  const answer = await fetch(`${url}/readyz`);
  return { status: answer.status, body: JSON.parse(await answer.text()) };
}

const whenReady = (child: Child): Promise<void> =>
  until("ready", async () => (await ready(child)).status === 200);

// Needs a PostgreSQL of its own: see SENTINEL_TEST_SERVERS.
describe.skipIf(serversMissing() !== null)("watch on PostgreSQL", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(async () => {
    await server.stop();
  });

  async function slugs(url: string): Promise<string[]> {
    const registry = createRegistry(openPostgres({ url }));
    try {
      const { connectors } = await registry.machine.fingerprints("default");
      return (connectors ?? []).map(({ slug }) => slug);
    } finally {
      await registry.close();
    }
  }

  it("outlives a server that goes down, and registers all within ten seconds of its return", async () => {
    const url = server.url(await server.createDatabase(true));
    const tree = newTree("alpha");
    const child = spawnDaemon(tree, url);
    await whenReady(child);
    await server.kill();
    for (let at = 0; at < 200; at += 1) tree.save(`during-${at}`);
    await until("not ready", async () => (await ready(child)).status === 503);
    expect((await ready(child)).body.trouble?.kind).toBe("registry");
    await pause(12_000);
    tree.save("last");
    await server.start();
    const back = performance.now();
    await until("all are registered", async () => (await slugs(url)).length === 202, 10_000);
    expect(performance.now() - back).toBeLessThan(10_000);
    await whenReady(child);
    child.process.kill("SIGTERM");
    expect(await child.ended).toBe(0);
  });

  it("notices an outage, and its end, while nothing changes", async () => {
    const url = server.url(await server.createDatabase(true));
    const child = spawnDaemon(newTree("alpha"), url);
    await whenReady(child);
    await server.kill();
    await until("not ready", async () => (await ready(child)).status === 503);
    await server.start();
    await whenReady(child);
  });

  it("stops in time while the server is down", async () => {
    const url = server.url(await server.createDatabase(true));
    const child = spawnDaemon(newTree("alpha"), url);
    await whenReady(child);
    await server.kill();
    await until("not ready", async () => (await ready(child)).status === 503);
    child.process.kill("SIGTERM");
    expect(await child.ended).toBe(0);
    await server.start();
  });

  it("one of two daemons works; the other takes over when that one is paused, which then writes nothing", async () => {
    const url = server.url(await server.createDatabase(true));
    const trees: Tree[] = [newTree("alpha", "beta"), newTree("alpha", "beta")];
    const [first, second] = trees.map((tree) => ({ tree, child: spawnDaemon(tree, url) }));
    if (!first || !second) throw new Error("two daemons");
    await until("one is ready", async () =>
      (await Promise.all([first, second].map(({ child }) => ready(child)))).some(
        ({ status }) => status === 200,
      ),
    );
    const isFirst = (await ready(first.child)).status === 200;
    const [holder, standby] = isFirst ? [first, second] : [second, first];
    await until("standby", async () => (await ready(standby.child)).body.trouble?.kind === "standby");
    expect((await ready(standby.child)).body.trouble?.why).toContain(`daemon ${holder.child.process.pid}`);
    holder.child.process.kill("SIGSTOP");
    await whenReady(standby.child);
    standby.tree.save("while-the-other-is-paused");
    await until("registered", async () => (await slugs(url)).includes("while-the-other-is-paused"));
    holder.tree.save("stale");
    holder.child.process.kill("SIGCONT");
    await until(
      "the former holder stands by",
      async () => (await ready(holder.child)).body.trouble?.kind === "standby",
    );
    expect(await slugs(url)).not.toContain("stale");
    expect(readWatchStatus(`${holder.tree.cwd}/.sentinel`, systemClock)).toMatchObject({ ready: false });
  });
});
