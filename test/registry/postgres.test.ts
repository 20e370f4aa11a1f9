import { randomUUID } from "node:crypto";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { RegistryUnavailable, sha256 } from "../../src/base/index.ts";
import { openPostgres } from "../../src/registry/drivers/postgres.ts";
import { openSupabase } from "../../src/registry/drivers/supabase.ts";
import { createRegistry } from "../../src/registry/index.ts";
import { asking, callOnce, shop } from "../contract/calls.ts";
import { entry, register, scope } from "../contract/manifests.ts";
import { freePort, type PostgresServer, serversMissing, startPostgres } from "../helpers/postgres.ts";

describe("a database that is away", () => {
  it("is reported without its password", async () => {
    const port = await freePort();
    const driver = openPostgres({
      url: `postgres://someone:hush@127.0.0.1:${port}/registry?application_name=hush`,
    });
    expect(driver.location).toBe(`postgres://someone@127.0.0.1:${port}/registry`);
    const error: unknown = await createRegistry(driver)
      .machine.fingerprints("s")
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RegistryUnavailable);
    expect(JSON.stringify(error) + String(error)).not.toContain("hush");
    await driver.close();
  });

  it("is reported for Supabase likewise", async () => {
    const driver = openSupabase({ url: `http://127.0.0.1:${await freePort()}`, key: "hush" });
    const error: unknown = await createRegistry(driver)
      .machine.fingerprints("s")
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RegistryUnavailable);
    expect(JSON.stringify(error) + String(error)).not.toContain("hush");
  });

  it("has a URL, or no driver", () => {
    expect(() => openPostgres({ url: "hush" })).toThrow(
      expect.objectContaining({ code: "registry.bad_url", message: expect.not.stringContaining("hush") }),
    );
    expect(() => openSupabase({ url: "ftp://hush", key: "k" })).toThrow(
      expect.objectContaining({ code: "registry.bad_url" }),
    );
  });
});

/** Stands between client and server. @param through what the client gets of the server's bytes; null cuts the line */
async function between(
  port: number,
  through: (bytes: Buffer) => Buffer | null,
): Promise<{ port: number; server: Server }> {
  const server = createServer((client: Socket) => {
    const upstream = connect(port, "127.0.0.1");
    client.on("data", (bytes) => upstream.write(bytes));
    upstream.on("data", (bytes: Buffer) => {
      const rest = through(bytes);
      if (rest === null) client.destroy();
      else client.write(rest);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on("close", () => other.destroy());
      one.on("error", () => other.destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { port: address.port, server };
}

/** Tells clients another process number than the server's, as transaction poolers do (BackendKeyData, 55.7). */
function renumbered(bytes: Buffer): Buffer {
  const at = bytes.indexOf(Buffer.from("4b0000000c", "hex"));
  if (at >= 0 && bytes.length >= at + 13) bytes.writeUInt32BE(1, at + 5);
  return bytes;
}

/** Rows of the tables of calls that were read from end to end, and by index. */
async function readOfCalls(server: PostgresServer, database: string) {
  const { rows } = await server.asSuperuser(database, (client) =>
    client.query<{ written: number; scanned: number; fetched: number }>(
      `select sum(n_tup_ins)::int as written, sum(seq_tup_read)::int as scanned,
              (select sum(idx_tup_read)::int from pg_stat_user_indexes where relname in ('tool_calls', 'tool_receipts')) as fetched
       from pg_stat_user_tables where relname in ('tool_calls', 'tool_receipts')`,
    ),
  );
  return rows[0] ?? { written: 0, scanned: 0, fetched: 0 };
}

/** Tables of connectors that were read from end to end; null until it is known. */
async function scanned(server: PostgresServer, database: string): Promise<readonly string[] | null> {
  const { rows } = await server.asSuperuser(database, (client) =>
    client.query<{ relname: string; written: boolean; read: boolean }>(
      "select relname, n_tup_ins > 0 as written, seq_tup_read > 0 as read from pg_stat_user_tables where relname ~ '^connector_'",
    ),
  );
  if (!rows.some(({ relname, written }) => relname === "connector_scopes" && written)) return null;
  return rows.filter(({ read }) => read).map(({ relname }) => relname);
}

const missing = serversMissing();
describe.skipIf(missing !== null)(
  `PostgreSQL that misbehaves${missing === null ? "" : ` (${missing})`}`,
  () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server?.stop());

    it("cuts the reply to a commit: the same call again leaves one row and one event", async () => {
      const database = await server.createDatabase(true);
      let armed = false;
      let cuts = 0;
      const proxy = await between(server.port, (bytes) => {
        if (!armed || !bytes.includes("COMMIT\0")) return bytes;
        cuts += 1;
        return null;
      });
      const registry = createRegistry(
        openPostgres({ url: `postgres://postgres@127.0.0.1:${proxy.port}/${database}` }),
      );
      const { token } = await registry.machine.lease("s", "test", 60);
      armed = true;
      await expect(registry.machine.apply("s", token, [entry("cut")], false)).rejects.toBeInstanceOf(
        RegistryUnavailable,
      );
      armed = false;
      expect(cuts).toBe(1);
      const connectors = await registry.machine.apply("s", token, [entry("cut")], false);
      expect(connectors[0]?.outcome).toBe("unchanged");
      await registry.close();
      proxy.server.close();
      const rows = await server.asSuperuser(
        database,
        async (client) =>
          (
            await client.query(
              "select (select count(*)::int from connector_providers) as rows, (select count(*)::int from sentinel_events) as events",
            )
          ).rows,
      );
      expect(rows).toEqual([{ rows: 1, events: 1 }]);
    });

    it("ends its sessions, goes away and comes back: calls fail as outages, then work again", async () => {
      const database = await server.createDatabase(true);
      const registry = createRegistry(openPostgres({ url: server.url(database) }));
      await register(registry, "s", entry("lasting"));
      await server.asSuperuser("postgres", (client) =>
        client.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [database]),
      );
      await registry.machine
        .fingerprints("s")
        .catch((error: unknown) => expect(error).toBeInstanceOf(RegistryUnavailable));
      expect((await registry.machine.fingerprints("s")).connectors).toHaveLength(1);
      await server.kill();
      await expect(registry.machine.fingerprints("s")).rejects.toBeInstanceOf(RegistryUnavailable);
      await expect(registry.machine.fingerprints("s")).rejects.toBeInstanceOf(RegistryUnavailable);
      await server.start();
      expect((await registry.machine.fingerprints("s")).connectors).toHaveLength(1);
      await registry.close();
    });

    it("has a login that can only be the machine", async () => {
      const database = await server.createDatabase(true);
      await server.asSuperuser(database, (client) =>
        client.query("create role ci login password 'password'; grant sentinel_writer to ci"),
      );
      const registry = createRegistry(openPostgres({ url: server.url(database, "ci") }));
      const one = entry("by-ci");
      expect(await register(registry, "s", one)).toEqual({ "by-ci": "created" });
      expect(await registry.human("ci").list()).toHaveLength(1);
      await expect(registry.human("ci").approve("by-ci", one.digest)).rejects.toMatchObject({
        code: "registry.forbidden",
      });
      await registry.close();
    });

    it("says what to do when it has no registry, or not this login", async () => {
      const database = await server.createDatabase(false);
      for (const [url, code] of [
        [server.url(database), "registry.not_migrated"],
        [server.url("nowhere"), "registry.login_failed"],
        [server.url(database, "stranger"), "registry.login_failed"],
      ] as const) {
        const registry = createRegistry(openPostgres({ url }));
        await expect(registry.machine.fingerprints("s")).rejects.toMatchObject({ code });
        await registry.close();
      }
    });

    it("lets two runs of one source take turns, never mix", async () => {
      const database = await server.createDatabase(true);
      const [a, b] = [1, 2].map(() => createRegistry(openPostgres({ url: server.url(database) })));
      if (!a || !b) throw new Error("two registries");
      const { token } = await a.machine.lease("s", "test", 60);
      const batch = Array.from({ length: 50 }, (_, n) => entry(`turn-${n}`));
      const results = await Promise.all(
        [a, b, a, b].map((one) => one.machine.apply("s", token, batch, false)),
      );
      const created = results.map(
        (connectors) => connectors.filter(({ outcome }) => outcome === "created").length,
      );
      expect(created.sort()).toEqual([0, 0, 0, 50]);
      await a.close();
      await b.close();
    });

    it("stands behind a pooler: nothing of a call of the runtime stays in a session", async () => {
      const database = await server.createDatabase(true);
      const proxy = await between(server.port, renumbered);
      const last = async (port: number) => {
        const registry = createRegistry(
          openPostgres({ url: `postgres://postgres@127.0.0.1:${port}/${database}` }),
        );
        for (const _ of [1, 2]) expect(await registry.runtime.agent("nobody's")).toBeNull();
        const { rows } = await server.asSuperuser(database, (client) =>
          client.query<{ query: string }>(
            "select query from pg_stat_activity where datname = $1 and application_name = 'connector-sentinel'",
            [database],
          ),
        );
        await registry.close();
        return rows.map(({ query }) => query);
      };
      expect(await last(proxy.port)).toEqual(["commit"]);
      expect(await last(server.port)).toEqual(["select public.runtime_agent(token_hash => $1) as result"]);
      proxy.server.close();
    });

    it("answers each face in its own name, whoever had the session before, also after a refusal", async () => {
      const database = await server.createDatabase(true);
      const driver = openPostgres({ url: server.url(database) });
      const registry = createRegistry(driver);
      const { runtime } = registry;
      const one = entry("faces");
      const secret = { key_name: "PROVIDER_FACES_ACCESS_TOKEN", key_id: "k", ciphertext: "AAAA", version: 0 };
      // One call at a time: all of them get the same session.
      for (const round of [1, 2]) {
        expect(await runtime.agent("nobody's")).toBeNull();
        await expect(runtime.renewSecret("faces", "default", "ACCESS_TOKEN", secret)).rejects.toMatchObject({
          code: "call.not_approved",
        });
        expect(await runtime.agent("nobody's")).toBeNull();
        expect(await register(registry, "s", one)).toEqual({ faces: round === 1 ? "created" : "unchanged" });
        await driver.migrate();
        expect(await runtime.settle()).toBe(0);
        await registry.human("jane").governance.createToken(`ann-${round}`, sha256(`token ${round}`), null);
        expect(await runtime.agent(sha256(`token ${round}`))).toBe(`ann-${round}`);
      }
      await registry.close();
    });

    it.each([
      ["an approval that is withdrawn", "review_deprecate('waits', 'Old.')", "price", "call.not_approved"],
      [
        "a firearm that is asked for",
        "review_set_scopes('waits', '[\"read\"]', true, 'financial')",
        "note",
        "firearms.missing_grant",
      ],
    ])("judges a call that had to wait by %s meanwhile", async (_, decision, tool, code) => {
      const database = await server.createDatabase(true);
      const registry = createRegistry(openPostgres({ url: server.url(database) }));
      const one = shop("waits");
      await register(registry, "s", one);
      await registry.human("jane").approve("waits", one.digest);
      await registry.human("jane").governance.grant({
        ...{ agent: "ann", firearm_type: "PRICING_UPDATE", seconds: 60, uses: null, reason: null },
      });
      // Its receipt is not in the log yet: that is the first thing that whoever decides sees to.
      const before = asking(one, "note");
      await callOnce(registry.runtime, before);
      await server.asSuperuser(database, async (client) => {
        const claims = { role: "authenticated", sub: "jane", app_metadata: { role: "admin" } };
        await client.query("begin");
        await client.query("select set_config('request.jwt.claims', $1, true)", [JSON.stringify(claims)]);
        await client.query(`select public.${decision}`);
        const asked = registry.runtime.begin(asking(one, tool, { entity: before.entity }));
        await vi.waitUntil(
          async () =>
            (await client.query("select from pg_stat_activity where wait_event_type = 'Lock'")).rowCount ===
            1,
        );
        await client.query("commit");
        expect(await asked).toMatchObject({ outcome: "refused", code });
      });
      await registry.close();
    });

    it("is asked by a stranger without a digest: a draft serves nobody", async () => {
      const database = await server.createDatabase(true);
      const registry = createRegistry(openPostgres({ url: server.url(database) }));
      await register(registry, "s", shop("draft"));
      await registry.close();
      const asked = { agent: "ann", connector: "draft", tool: "list_things", mode: "write" };
      const { rows } = await server.asSuperuser(database, (client) =>
        client.query("select public.runtime_begin_call($1) as answer", [JSON.stringify(asked)]),
      );
      expect(rows[0]?.answer).toMatchObject({ outcome: "refused", code: "call.not_approved" });
    });

    it("is written to at length: calls that are under way, and plain new ones, do not wait for that", async () => {
      const database = await server.createDatabase(true);
      const registry = createRegistry(openPostgres({ url: server.url(database) }));
      const one = shop("meanwhile");
      await register(registry, "s", one);
      await registry.human("jane").approve("meanwhile", one.digest);
      // A draft in waiting changes nothing of that.
      await register(registry, "s", shop("meanwhile", "2.0.0"));
      const before = asking(one, "note");
      await registry.runtime.begin(before);
      await server.asSuperuser(database, async (client) => {
        await client.query("begin");
        await client.query("select private.begin_write()");
        expect(await registry.runtime.renew(before.call_id, 1, 60)).toBe(true);
        const receipt_id = randomUUID();
        const ended = { receipt_id, outcome: "succeeded", code: null, result: null, details: {} } as const;
        const finished = await registry.runtime.finish({ call_id: before.call_id, fence: 1, ...ended });
        expect(finished.accepted).toBe(true);
        expect(await callOnce(registry.runtime, asking(one, "note"))).toBe("begun");
        await client.query("rollback");
      });
      await registry.close();
    });

    it("was looked at while it was empty: what a call costs does not grow with the number of calls", async () => {
      const database = await server.createDatabase(true);
      await server.asSuperuser(database, (client) => client.query("vacuum analyze"));
      const registry = createRegistry(openPostgres({ url: server.url(database) }));
      const one = shop("growing");
      await register(registry, "s", one);
      await registry.human("jane").approve("growing", one.digest);
      const calls = 200;
      for (let n = 0; n < calls; n += 1) {
        await callOnce(registry.runtime, asking(one, "note"));
        if (n % 20 === 0) await registry.runtime.record([]);
      }
      await registry.close();
      await vi.waitUntil(async () => (await readOfCalls(server, database)).written === 2 * calls, {
        timeout: 20_000,
        interval: 100,
      });
      const { scanned, fetched } = await readOfCalls(server, database);
      expect(scanned).toBeLessThan(calls);
      expect(fetched).toBeLessThan(20 * calls);
    });

    it("is told an end again, while another writes: neither waits for what the other has", async () => {
      const database = await server.createDatabase(true);
      const registry = createRegistry(openPostgres({ url: server.url(database) }));
      const one = shop("repeated");
      await register(registry, "s", one);
      await registry.human("jane").approve("repeated", one.digest);
      const call = asking(one, "note");
      await registry.runtime.begin(call);
      const receipt_id = randomUUID();
      const known = { outcome: "succeeded", code: null, result: null, details: {} } as const;
      const ended = { call_id: call.call_id, receipt_id, fence: 1, ...known };
      const first = await registry.runtime.finish(ended);
      await server.asSuperuser(database, async (client) => {
        await client.query("begin");
        await client.query("select private.begin_write()");
        // Its answer was lost, and who lost a call comes back: both have to wait for the other's end.
        const again = registry.runtime.finish(ended);
        const stale = registry.runtime.finish({ ...ended, receipt_id: randomUUID(), fence: 0 });
        await sleep(1500);
        await client.query("select private.seal_calls()");
        await client.query("commit");
        expect(await again).toEqual(first);
        expect((await stale).accepted).toBe(false);
      });
      await registry.close();
    });

    it("has many calls under way: that costs the others nothing", async () => {
      const database = await server.createDatabase(true);
      const registry = createRegistry(openPostgres({ url: server.url(database) }));
      const one = shop("crowded");
      await register(registry, "s", one);
      await registry.human("jane").approve("crowded", one.digest);
      // Plans are made at the first call, and kept.
      await callOnce(registry.runtime, asking(one, "note"));
      const calls = Array.from({ length: 200 }, () => asking(one, "note"));
      for (const call of calls) await registry.runtime.begin(call);
      const ended = { outcome: "succeeded", code: null, result: null, details: {} } as const;
      for (const { call_id } of calls)
        await registry.runtime.finish({ call_id, receipt_id: randomUUID(), fence: 1, ...ended });
      await registry.close();
      await vi.waitUntil(async () => (await readOfCalls(server, database)).written === 2 * calls.length + 2, {
        timeout: 20_000,
        interval: 100,
      });
      const { scanned, fetched } = await readOfCalls(server, database);
      expect(scanned).toBeLessThan(calls.length);
      expect(fetched).toBeLessThan(10 * calls.length);
    });

    it("was looked at while it was empty: a session that began then looks its connectors up by key all the same", async () => {
      const database = await server.createDatabase(true);
      await server.asSuperuser(database, (client) => client.query("vacuum analyze"));
      const registry = createRegistry(openPostgres({ url: server.url(database) }));
      const batch = (version: string) =>
        Array.from({ length: 100 }, (_, n) => entry(`many-${n}`, { version, scopes: [scope("read")] }));
      await register(registry, "s", ...batch("1.0.0"));
      for (const minor of [1, 2]) await register(registry, "s", ...batch(`1.${minor}.0`));
      const one = entry("one", { scopes: [scope("read")] });
      expect(await register(registry, "s", one)).toEqual({ one: "created" });
      await registry.machine.lookup(["one"]);
      // Sessions hand in what they counted when they end.
      await registry.close();
      await vi.waitUntil(async () => (await scanned(server, database)) !== null, {
        timeout: 20_000,
        interval: 100,
      });
      expect(await scanned(server, database)).toEqual([]);
    });
  },
);
