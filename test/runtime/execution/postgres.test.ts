import { existsSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/base/index.ts";
import type { Sql } from "../../../src/manifest/index.ts";
import { createExecutor } from "../../../src/runtime/execution/executor.ts";
import type { Connection } from "../../../src/runtime/seams.ts";
import { manifest, tool } from "../../generate/manifest.ts";
import { freePort, type PostgresServer, serversMissing, startPostgres } from "../../helpers/postgres.ts";
import { account, call, failureOf, listen } from "./workbench.ts";

const missing = serversMissing();
const executor = createExecutor();
let server: PostgresServer | null = null;
let url = "";

beforeAll(async () => {
  if (missing !== null) return;
  server = await startPostgres();
  url = server.url(await server.createDatabase(false));
  await server.asSuperuser(new URL(url).pathname.slice(1), async (client) => {
    await client.query(
      "create table orders (id bigint primary key, at timestamptz, note jsonb, raw bytea, price numeric)",
    );
    await client.query(`insert into orders values
      (1, '2026-01-02 03:04:05.123456+00', '{"a": [1]}', '\\x00ff', 1.10), (9007199254740993, null, null, null, null)`);
  });
}, 60_000);

afterAll(async () => {
  await executor.close();
  await server?.stop();
});

function run(
  changes: Partial<Sql>,
  input: JsonObject = {},
  writes = false,
  timeMs = 15_000,
): Promise<JsonObject> {
  return call(
    executor,
    { host: "unused.example" },
    {
      tool: {
        side_effecting: writes,
        sql: {
          database: "postgres",
          file: null,
          query: null,
          query_field: null,
          params: {},
          response: null,
          ...changes,
        },
      },
      input,
      connection: account({ DATABASE_URL: url }),
      bounds: { timeMs },
    },
  );
}

const count = () => run({ query: "select count(*) as n from orders" });

describe.skipIf(missing !== null)(`sql on PostgreSQL${missing === null ? "" : ` (${missing})`}`, () => {
  it("binds parameters by name and gives rows", async () => {
    const result = await run(
      {
        query:
          "select *, ':no' as \"a:b\", :id::bigint as t from orders where id = :id or :list::jsonb ? 'x' order by orders.id",
        params: { id: "{{ params.id }}", list: "{{ params.list }}" },
      },
      { id: 1, list: ["x"] },
    );
    expect(result.items).toEqual([
      {
        id: 1,
        at: "2026-01-02 03:04:05.123456+00",
        note: { a: [1] },
        raw: "AP8=",
        price: "1.10",
        "a:b": ":no",
        t: 1,
      },
      { id: "9007199254740993", at: null, note: null, raw: null, price: null, "a:b": ":no", t: 1 },
    ]);
  });

  it("binds parameters in lists and beside slices", async () => {
    const query = `select array[:a, :b]::text[] as list, (array[1, 2, 3])[2:id] as slice, (array[1, 2, 3])[ :a::int] as one
      /* :no /* and */ :no */ from orders where id = 2 + :a::int or id = 1`;
    const result = await run({ query, params: { a: "2", b: "x" } });
    expect(result.items).toEqual([{ list: ["2", "x"], slice: [], one: 2 }]);
  });

  it("leaves an agent's own query as it stands", async () => {
    const slice = await run(
      { query_field: "sql" },
      { sql: "select (array[1, 2])[:id] as v from orders where id = 1" },
    );
    expect(slice.items).toEqual([{ v: [1] }]);
    expect((await failureOf(run({ query_field: "sql" }, { sql: "select :x as v" }))).code).toBe("sql.failed");
  });

  it.each([
    ["json", `'{"id": 9007199254740993}'::json`, { id: "9007199254740993" }],
    ["jsonb", `'{"id": 9007199254740993}'::jsonb`, { id: "9007199254740993" }],
    [
      "a list of jsonb",
      `array['{"id": 9007199254740993}', null]::jsonb[]`,
      [{ id: "9007199254740993" }, null],
    ],
    ["a number that is none", "'NaN'::float8", "NaN"],
    ["a number without end", "'-Infinity'::float4", "-Infinity"],
    ["a list with such a number", "array['Infinity', 0.5]::float8[]", ["Infinity", 0.5]],
    ["a list of bigint", "array[[9007199254740993], [1]]::int8[]", [["9007199254740993"], [1]]],
    ["a list of numeric", "array[1.10, 12345678901234567890.1]", ["1.10", "12345678901234567890.1"]],
    ["a list of dates", "array['2026-01-02'::date, null]", ["2026-01-02", null]],
    ["a list of intervals", "array['1 day 2 hours'::interval]", ["1 day 02:00:00"]],
    ["a list of bytes", "array['\\x00ff'::bytea]", ["AP8="]],
    ["a count", "(select count(*) from orders)", 2],
    ["a sum of bigint, which is numeric", "(select sum(id) from orders where id = 1)", "1"],
  ])("gives %s with nothing lost", async (_what, expression, value) => {
    expect((await run({ query: `select ${expression} as v` })).items).toEqual([{ v: value }]);
  });

  it("leaves JSON that is nested too deeply to be read as its text", async () => {
    const query = "select (repeat('[', 3000) || repeat(']', 3000))::jsonb as deep";
    expect(await run({ query })).toMatchObject({
      items: [{ deep: "[".repeat(3000) + "]".repeat(3000) }],
    });
  });

  it.each([
    ["a write", "delete from orders", "sql.refused"],
    [
      "a write in a query",
      "with gone as (delete from orders returning id) select * from gone",
      "sql.refused",
    ],
    ["a write by a function", "select setval('pg_catalog.none', 1)", "sql.failed"],
    ["two statements", "select 1; delete from orders", "sql.failed"],
    ["an end of the transaction and more", "commit; delete from orders", "sql.refused"],
    ["a write that is explained as it is done", "explain analyze delete from orders", "sql.refused"],
    ["a block of code", "do $$ begin perform 1; end $$", "sql.refused"],
    ["a notice", "notify news, 'read'", "sql.refused"],
    ["a word behind a comment in a comment", "/* /* */ select 1 */ call nothing()", "sql.refused"],
    ["a missing table", "select * from nothing", "sql.failed"],
    ["a parameter that nobody binds", "select $1::int", "sql.failed"],
    ["a question about a database that is not there", "select pg_database_size('none')", "sql.failed"],
  ])("refuses %s in a tool that reads", async (_what, query, code) => {
    const failure = await failureOf(run({ query_field: "sql" }, { sql: query }));
    expect([failure.code, failure.sent]).toEqual([code, false]);
    expect((await count()).items).toEqual([{ n: 2 }]);
  });

  it.each([
    ["a program of the server's", (file: string) => `copy (select 1) to program 'touch ${file}'`],
    ["a file of the server's", (file: string) => `-- ;\n Copy orders to '${file}'`],
    ["rows as a stream that nobody reads", () => "copy orders to stdout"],
    ["the end of the transaction", () => "; COMMIT"],
    ["a part of a transaction", () => "savepoint mine"],
    ["a setting of later transactions", () => "set session characteristics as transaction read write"],
    ["another role", () => "set role postgres"],
    ["code of the server's", () => "load 'auto_explain'"],
    ["a statement to be kept", () => "prepare mine as select 1"],
    ["what would be heard later", () => "/**/listen news"],
  ])("refuses %s, whatever the tool may do", async (_what, query) => {
    const file = join(tmpdir(), `sentinel-copied-${process.pid}`);
    for (const writes of [false, true]) {
      for (const sql of [{ query: query(file) }, { query_field: "sql" }]) {
        const failure = await failureOf(run(sql, { sql: query(file) }, writes));
        expect([failure.code, failure.sent]).toEqual(["sql.refused", false]);
      }
    }
    expect(existsSync(file)).toBe(false);
  });

  it.each([
    ["( select 1 as n) union all select 2 limit 1", { n: 1 }],
    ["/* /* */ */ -- x\n table orders limit 0", undefined],
    ["values (1)", { column1: 1 }],
    ["with one as (select 1 as n) select n from one", { n: 1 }],
    ["show transaction_read_only", { transaction_read_only: "on" }],
    ["explain (costs off) select 1", { "QUERY PLAN": "Result" }],
  ])("reads %s", async (query, row) => {
    const result = await run({ query_field: "sql" }, { sql: query });
    expect(result.items).toEqual(row === undefined ? [] : [row]);
  });

  it("says in a plan what it would refuse", async () => {
    const sql: Sql = {
      database: "postgres",
      file: null,
      query: "call nothing()",
      query_field: null,
      params: {},
      response: null,
    };
    const preview = executor.preview(manifest(), tool({ sql }), {}, account());
    expect((await failureOf(preview)).code).toBe("sql.refused");
  });

  it("leaves nothing of what a read-only transaction lets through", async () => {
    const file = "select lo_import(current_setting('config_file')) > 0 as made";
    expect((await run({ query: file })).items).toEqual([{ made: true }]);
    const left = await run({ query: "select count(*) as n from pg_largeobject_metadata" });
    expect(left.items).toEqual([{ n: 0 }]);
  });

  it("notifies nobody in a tool that reads", async () => {
    const heard: unknown[] = [];
    await server?.asSuperuser(new URL(url).pathname.slice(1), async (client) => {
      client.on("notification", ({ payload }) => heard.push(payload));
      await client.query("listen news");
      await run({ query: "select pg_notify('news', 'read')" });
      await run({ query: "notify news, 'written'" }, {}, true);
      await expect.poll(() => heard).toContain("written");
    });
    expect(heard).toEqual(["written"]);
  });

  it("writes in a tool that says so, whole or not at all", async () => {
    expect(
      await run({ query: "insert into orders (id) values (:id)", params: { id: 5 } }, {}, true),
    ).toMatchObject({ changes: 1 });
    const twice = await failureOf(run({ query: "insert into orders (id) values (6), (5)" }, {}, true));
    expect([twice.code, twice.sent]).toEqual(["sql.failed", false]);
    expect(
      (await run({ query: "delete from orders where id >= 5 and id < 7 returning id" }, {}, true)).items,
    ).toEqual([{ id: 5 }]);
  });

  it("ends what does not end, there as well as here", async () => {
    const failure = await failureOf(run({ query: "select pg_sleep(60)" }, {}, false, 800));
    expect(failure.code).toBe("sql.timeout");
    const still =
      "select count(*) as n from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'";
    await expect
      .poll(async () => (await run({ query: still })).items, { timeout: 10_000 })
      .toEqual([{ n: 0 }]);
  }, 20_000);

  it("has few connections at a time, and keeps the others waiting", async () => {
    const query = `select pg_sleep(0.1), count(*) filter (where query like '%-- many') as n from pg_stat_activity -- many`;
    const results = await Promise.all(Array.from({ length: 120 }, () => run({ query })));
    const seen = results.map(({ items }) => Object(items)[0].n);
    expect(Math.max(...seen)).toBeLessThanOrEqual(4);
    expect(Math.max(...seen)).toBeGreaterThan(1);
  }, 30_000);

  it("sends nothing of a change whose time is over while it waits", async () => {
    const others = [1, 2, 3, 4].map(() => run({ query: "select pg_sleep(2)" }));
    const failure = await failureOf(run({ query: "insert into orders (id) values (77)" }, {}, true, 500));
    expect([failure.code, failure.sent]).toEqual(["sql.timeout", false]);
    await Promise.all(others);
    expect((await run({ query: "select 1 from orders where id = 77" })).items).toEqual([]);
  }, 20_000);

  it("cuts off what is too large", async () => {
    const failure = await failureOf(
      run({ query: "select repeat('x', 100000) from generate_series(1, 1000000)" }),
    );
    expect(failure.code).toBe("api.too_large");
  }, 20_000);
});

describe("sql on a PostgreSQL that is not there", () => {
  const sql: Sql = {
    database: "postgres",
    file: null,
    query: "select 1",
    query_field: null,
    params: {},
    response: null,
  };

  /** A server that lets everyone in, and then answers each packet with the next of these. */
  async function pretended(...answers: ((socket: Socket) => void)[]): Promise<[Server, Connection]> {
    const fake = createServer((socket) => {
      let turn = 0;
      socket.on("data", () => {
        if (turn === 0) socket.write(Buffer.concat([message("R", "\0\0\0\0"), message("Z", "I")]));
        else answers[turn - 1]?.(socket);
        turn += 1;
      });
      socket.on("error", () => {});
    });
    const url = `postgres://me:x@127.0.0.1:${await listen(fake)}/x`;
    return [fake, account({ DATABASE_URL: url })];
  }

  function message(type: string, body: string, length = body.length): Buffer {
    const size = Buffer.alloc(4);
    size.writeInt32BE(4 + length);
    return Buffer.concat([Buffer.from(type), size, Buffer.from(body)]);
  }

  it("says so when it is a pooler that has no connection", async () => {
    const error = message("E", "SFATAL\0C08P01\0Mno server\0\0");
    const [fake, connection] = await pretended((socket) => socket.write(error));
    const failure = await failureOf(
      call(executor, { host: "unused.example" }, { tool: { sql }, connection }),
    );
    expect([failure.code, failure.message]).toEqual([
      "sql.no_database",
      "The database can't be reached: no server.",
    ]);
    await new Promise((resolve) => fake.close(resolve));
  });

  it("does not wait for the end of a row that is too large", async () => {
    const begun = Buffer.concat([message("C", "BEGIN\0"), message("Z", "T")]);
    // The row says that it has a gigabyte, and these are its first 8 MiB.
    const row = Buffer.concat([message("D", "", 2 ** 30), Buffer.alloc(8 * 1024 * 1024)]);
    const [fake, connection] = await pretended(
      (socket) => socket.write(begun),
      (socket) => socket.write(row),
    );
    const bounds = { timeMs: 5000, responseBytes: 1024 * 1024 };
    const failure = await failureOf(
      call(executor, { host: "unused.example" }, { tool: { sql }, connection, bounds }),
    );
    expect(failure.code).toBe("api.too_large");
    await new Promise((resolve) => fake.close(resolve));
  }, 20_000);

  it("says so, and without its password", async () => {
    const password = ["pass", "word", "7x"].join("");
    const connection = account({ DATABASE_URL: `postgres://me:${password}@127.0.0.1:${await freePort()}/x` });
    const failure = await failureOf(
      call(executor, { host: "unused.example" }, { tool: { sql }, connection }),
    );
    expect(failure.code).toBe("sql.no_database");
    expect(`${failure.message}${failure.hint}`).not.toContain(password);
    const none = await failureOf(call(executor, { host: "unused.example" }, { tool: { sql } }));
    expect([none.code, none.hint]).toEqual([
      "auth.missing",
      "Store it with `sentinel vault set acme DATABASE_URL`.",
    ]);
  });
});
