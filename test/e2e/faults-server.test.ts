/** What goes wrong between the command and a real PostgreSQL: lost answers, outages, processes that sleep too long. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PostgresServer, serversMissing, startPostgres } from "../helpers/postgres.ts";
import {
  dumpOf,
  eventually,
  keep,
  makeConnectors,
  type Project,
  project,
  type RunJson,
  seeded,
  tiny,
} from "./helpers.ts";
import { dump, rows } from "./support/dump.ts";
import { FULL } from "./support/full.ts";
import { Killer, leftovers } from "./support/kill.ts";
import { openProxy } from "./support/proxy.ts";

const missing = serversMissing();

describe.skipIf(missing !== null)(
  `on a PostgreSQL${missing === null ? "" : ` (skipped: ${missing})`}`,
  () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server.stop());

    /** A project on an empty database of its own. */
    async function fresh(): Promise<{ tree: Project; url: string }> {
      const url = server.url(await server.createDatabase(true));
      const tree = project(["--database-url", url]);
      return { tree, url };
    }

    const slugs = async (url: string): Promise<string[]> =>
      (await rows(url, "select provider_id from public.connector_providers order by 1")).map((row) =>
        String(row.provider_id),
      );

    async function ready(health: string): Promise<{ ready: boolean; reasons: string[] }> {
      const answer = await fetch(`${health}/readyz`);
      return JSON.parse(await answer.text());
    }

    async function watching(
      tree: Project,
    ): Promise<{ daemon: ReturnType<Project["start"]>; health: string }> {
      const daemon = tree.start(["watch", "--health-port", "0"], { timeoutMs: 300_000 });
      let health = "";
      await eventually("the daemon is ready", async () => {
        health = JSON.parse(tree.read("../.sentinel/watch.json")).health_url;
        return (await ready(health)).ready;
      });
      return { daemon, health };
    }

    it.each(["sentinel_lease", "sentinel_apply", "sentinel_archive", "sentinel_release"])(
      "a lost answer to the COMMIT of %s leaves one row and one event",
      async (call) => {
        const { tree, url } = await fresh();
        tree.writeAll({ gone: tiny("gone"), shop: tiny("shop") });
        expect((await tree.run(["run"])).code).toBe(0);
        const before = await rows(url, "select event_id from public.sentinel_events");

        const address = new URL(url);
        const proxy = await openProxy({ host: address.hostname, port: Number(address.port) });
        const through = new URL(url);
        through.port = String(proxy.port);
        const other = keep(tree.copyConnectors(["--database-url", through.href]));
        other.remove("gone");
        other.write("shop", tiny("shop", "    description: changed\n"));
        proxy.loseAnswerTo(/commit/i, new RegExp(call));
        const ran = await other.run(["run", "--allow-archive", "1"]);
        expect(proxy.lost()).toBe(1);
        expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
        await proxy.close();

        const state = await rows(
          url,
          "select provider_id, status from public.connector_providers order by 1",
        );
        expect(state).toEqual([
          { provider_id: "gone", status: "archived" },
          { provider_id: "shop", status: "draft" },
        ]);
        const events = await rows(url, "select provider_id from public.sentinel_events order by event_id");
        expect(events.slice(before.length).map((event) => event.provider_id)).toEqual(
          expect.arrayContaining(["gone", "shop"]),
        );
        expect(events).toHaveLength(before.length + 2);
      },
    );

    it("an outage is lived through: /readyz says why, and all is registered within 10 s of the return", async () => {
      const { tree, url } = await fresh();
      tree.write("first", tiny("first"));
      const { daemon, health } = await watching(tree);
      await server.kill();
      tree.writeAll(makeConnectors(30, 51));
      tree.write("first", tiny("first", "    description: changed meanwhile\n"));
      await eventually("/readyz says that the registry is away", async () => {
        const answer = await ready(health);
        return !answer.ready && /registry|database/i.test(answer.reasons.join(" "));
      });
      expect((await fetch(`${health}/healthz`)).status).toBe(200);
      await sleep(8000);
      expect(daemon.child.exitCode).toBeNull();
      await server.start();
      await eventually(
        "all are registered",
        async () => {
          expect(await slugs(url)).toHaveLength(31);
          const changed = await rows(
            url,
            "select 1 from public.connector_scopes where description = 'changed meanwhile'",
          );
          return changed.length === 1;
        },
        10_000,
      );
      await eventually("/readyz is well again", async () => (await ready(health)).ready, 10_000);
      expect((await daemon.stop()).code).toBe(0);
    });

    it("a paused former lease holder can't write", async () => {
      const { tree: sleeper, url } = await fresh();
      const successor = project(["--database-url", url]);
      for (const tree of [sleeper, successor]) tree.write("shared", tiny("shared"));
      const { daemon: first } = await watching(sleeper);
      first.child.kill("SIGSTOP");
      // It wakes with something to write, which the successor does not have.
      sleeper.write("shared", tiny("shared", "    description: from the sleeper\n"));
      const second = successor.start(["watch", "--health-port", "0"], { timeoutMs: 300_000 });
      const holder = async (): Promise<string> =>
        String((await rows(url, "select holder from public.sentinel_leases"))[0]?.holder);
      await eventually(
        "the successor has the lease",
        async () => (await holder()).endsWith(`:${second.pid}`),
        40_000,
      );
      successor.write("shared", tiny("shared", "    description: from the successor\n"));
      const described = async (): Promise<unknown> =>
        (await rows(url, "select description from public.connector_scopes"))[0]?.description;
      await eventually("the successor writes", async () => (await described()) === "from the successor");

      first.child.kill("SIGCONT");
      for (let look = 0; look < 12; look += 1) {
        await sleep(500);
        expect(await described()).toBe("from the successor");
        expect(await holder()).toMatch(new RegExp(`:${second.pid}$`));
      }
      expect(first.child.exitCode).toBeNull();
      expect((await first.stop()).code).toBe(0);
      expect((await second.stop()).code).toBe(0);
      expect(await described()).toBe("from the successor");
    });

    it("a run that was paused beyond its lease can't write what is out of date by then", async () => {
      const { tree: sleeper, url } = await fresh();
      const successor = project(["--database-url", url]);
      const slugsOf = Array.from({ length: 1200 }, (_, at) => `shop-${at}`);
      for (const slug of slugsOf) {
        sleeper.write(slug, tiny(slug, "    description: from the sleeper\n"));
        successor.write(slug, tiny(slug, "    description: from the successor\n"));
      }
      const first = sleeper.start(["run"], { timeoutMs: 120_000 });
      const leases = (): Promise<unknown[]> => rows(url, "select holder from public.sentinel_leases");
      await eventually("the run has its lease", async () => (await leases()).length > 0);
      first.child.kill("SIGSTOP");
      const second = await successor.run(["run"], { timeoutMs: 100_000 });
      expect(second, second.stdout + second.stderr).toMatchObject({ code: 0 });
      first.child.kill("SIGCONT");
      const { code, stdout, stderr } = await first.finished;
      expect(code, stdout + stderr).toBe(2);
      expect(stdout + stderr).toMatch(/registry\.lease_(lost|held)/);
      const found = await rows(url, "select distinct description from public.connector_scopes");
      expect(found).toEqual([{ description: "from the successor" }]);
    }, 120_000);

    it("a run beside a daemon on the same source waits or says who is at work, and loses nothing", async () => {
      const { tree, url } = await fresh();
      tree.write("one", tiny("one"));
      const { daemon } = await watching(tree);
      const other = tree.copyConnectors(["--database-url", url]);
      other.write("two", tiny("two"));
      const ran = await other.run(["run"]);
      expect(ran.code).toBe(2);
      expect(ran.stderr).toContain(`:${daemon.pid}`);
      expect(await slugs(url)).toEqual(["one"]);
      expect((await daemon.stop()).code).toBe(0);
      expect((await other.run(["run"])).code).toBe(0);
      expect(await slugs(url)).toEqual(["one", "two"]);
      await other.close();
    });

    it("the same folders give the same rows as on the embedded registry", async () => {
      const { tree, url } = await fresh();
      const folders = { ...makeConnectors(12, 71), "full-house": FULL };
      tree.writeAll(folders);
      const embedded = project();
      embedded.writeAll(folders);
      expect((await tree.run(["run"])).code).toBe(0);
      expect((await embedded.run(["run"])).code).toBe(0);
      expect(await dump(url)).toBe(await dumpOf(embedded));
      expect(tree.files()).toEqual(embedded.files());
    });

    it("kill -9 at any moment of run leaves nothing that one more run does not mend", async () => {
      const { tree: calm, url: calmUrl } = await fresh();
      const FINAL = makeConnectors(150, 61);
      calm.writeAll(FINAL);
      const { milliseconds } = await calm.run(["run"]);
      const random = seeded(6);
      await Promise.all(
        Array.from({ length: 6 }, async () => {
          const { tree, url } = await fresh();
          tree.writeAll(FINAL);
          await new Killer(() => 0.2 + 0.8 * random(), milliseconds).kill(tree, ["run"]);
          const report = await tree.json<RunJson>(["run"]);
          expect(report).toMatchObject({ ok: true });
          expect(tree.files()).toEqual(calm.files());
          expect(leftovers(tree)).toEqual([]);
          expect(await dump(url)).toBe(await dump(calmUrl));
        }),
      );
    });
  },
);
