import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { houseModule, type JsonObject } from "../../../src/base/index.ts";
import type { Sql } from "../../../src/manifest/index.ts";
import { createExecutor } from "../../../src/runtime/execution/executor.ts";
import { account, call, failureOf } from "./workbench.ts";

const folder = mkdtempSync(join(tmpdir(), "sentinel-sqlite-"));
const file = join(folder, "notes.sqlite");
const executor = createExecutor();

beforeAll(() => {
  const database = new DatabaseSync(file);
  database.exec(`create table notes (id integer primary key, title text, data blob);
    insert into notes values (1, 'one', x'00ff'), (2, 'two', null), (9007199254740993, 'big', null);
    create table labels (id text, amount real, seen);
    insert into labels values ('3', 3, 0);
    create virtual table pages using fts5(body);
    insert into pages values ('hello world'), ('good bye');
    create virtual table words using fts5vocab(pages, 'row');
    create virtual table mails using fts4(body);
    insert into mails values ('hello mail');
    create virtual table boxes using rtree(id, low, high, +name);
    insert into boxes values (1, 0, 5, 'small'), (2, 6, 90, 'large');
    create table family_node (id integer);
    create table kinds (id integer primary key);
    create table drafts (id integer primary key, v, kind integer generated always as (case when id < 0 then id end)
      references kinds (id) deferrable initially deferred);
    create trigger noted after insert on labels begin insert into pages values (new.id); end`);
  database.close();
});

afterAll(async () => {
  await executor.close();
  rmSync(folder, { recursive: true });
});

function sql(changes: Partial<Sql>): Sql {
  return {
    database: "local_path",
    file: null,
    query: null,
    query_field: null,
    params: {},
    response: null,
    ...changes,
  };
}

function run(
  changes: Partial<Sql>,
  input: JsonObject = {},
  writes = false,
  timeMs = 20_000,
): Promise<JsonObject> {
  return call(
    executor,
    { host: "unused.example" },
    {
      manifest: {
        auth: { type: "local_path", file_extensions: [".sqlite"], description: null, whoami: null },
      },
      tool: { side_effecting: writes, sql: sql(changes) },
      input,
      connection: account({}, { fields: { path: file } }),
      bounds: { timeMs },
    },
  );
}

describe("sql on SQLite", () => {
  it("binds parameters by name and gives rows", async () => {
    const query = "select * from notes where title = :title or :id is null order by id";
    const result = await run(
      { query, params: { title: "{{ params.title }}", id: "{{ params.id }}" } },
      { title: "two' or 1=1 --" },
    );
    expect(result.items).toEqual([
      { id: 1, title: "one", data: "AP8=" },
      { id: 2, title: "two", data: null },
      { id: "9007199254740993", title: "big", data: null },
    ]);
  });

  it("binds a whole number as one, and no other", async () => {
    const query = `select 'item-' || :id as text, 7 / :id as part, 7 / cast(:id as real) as exact,
      json_object('id', :id) as json, (select amount from labels where id = :id) as found, typeof(:half) as half`;
    const result = await run({ query, params: { id: "{{ params.id }}", half: 0.5 } }, { id: 3 });
    expect(result.items).toEqual([
      { text: "item-3", part: 2, exact: 7 / 3, json: '{"id":3}', found: 3, half: "real" },
    ]);
  });

  it("stores a whole number and a boolean as what their columns make of them", async () => {
    const query = `insert into labels values (:id, :id, :on)
      returning id, typeof(amount) as amount, seen, typeof(seen) as type`;
    const result = await run({ query, params: { id: 5, on: true } }, {}, true);
    expect(result.items).toEqual([{ id: "5", amount: "real", seen: 1, type: "integer" }]);
  });

  it("leaves a long number that comes as a text the text that it is", async () => {
    const query = "select title, typeof(:id) as type, :id as id from notes where id = :id";
    const result = await run({ query, params: { id: "{{ params.id }}" } }, { id: "9007199254740993" });
    expect(result.items).toEqual([{ title: "big", type: "text", id: "9007199254740993" }]);
  });

  it("maps rows", async () => {
    const response = { root: null, mapping: { titles: "[title]" }, static: null };
    const result = await run({ query: "select title from notes order by id limit 2", response });
    expect(result.titles).toEqual(["one", "two"]);
  });

  it.each([
    [
      "a full-text table",
      "select highlight(pages, 0, '<', '>') as v from pages where pages match 'hello'",
      "<hello> world",
    ],
    ["the words of a full-text table", "select term as v from words where term like 'by%'", "bye"],
    [
      "a full-text table of the older kind",
      "select body as v from mails where mails match 'mail'",
      "hello mail",
    ],
    ["an R*Tree", "select name as v from boxes where low <= 7 and high >= 7", "large"],
  ])("reads %s", async (_what, query, value) => {
    const result = await run({ query_field: "sql" }, { sql: `${query} limit 1` });
    expect(result.items).toEqual([{ v: value }]);
  });

  it.each([
    ["insert into pages values ('more of it')", "select 1 from pages where pages match 'more'"],
    ["insert into labels (id) values ('label')", "select 1 from pages where pages match 'label'"],
    [
      "update pages set body = 'other' where pages match 'bye'",
      "select 1 from pages where pages match 'other'",
    ],
    ["insert into mails values ('second mail')", "select 1 from mails where mails match 'second'"],
    ["insert into boxes values (3, 100, 101, 'far')", "select 1 from boxes where low > 99"],
  ])("finds again what %s wrote in a tool that writes", async (change, query) => {
    expect(await run({ query: change }, {}, true)).toMatchObject({ changes: 1 });
    expect((await run({ query })).items).toEqual([{ 1: 1 }]);
  });

  it.each(["pages", "mails"])(
    "says of a faulty search in %s that it failed, not that it is refused",
    async (table) => {
      const query = `select * from ${table} where ${table} match 'no (end'`;
      expect((await failureOf(run({ query_field: "sql" }, { sql: query }))).code).toBe("sql.failed");
    },
  );

  it("takes a statement with more at its end that is none", async () => {
    const result = await run({ query_field: "sql" }, { sql: "select 1 as n; ; -- done" });
    expect(result.items).toEqual([{ n: 1 }]);
  });

  it.each([
    [":x", "select 1 limit:x"],
    [":x$y", "select :x$y"],
    ["@x", "select 'y' where @x is null"],
    ["$x", "select a$b, $x from (select 1 as a$b)"],
    ["?", "select ?"],
    ["?1", "select ?1"],
  ])("says of %s in an agent's own query that nothing is bound to it", async (name, query) => {
    const failure = await failureOf(run({ query_field: "sql" }, { sql: query }, true));
    expect([failure.code, failure.sent]).toEqual(["sql.failed", false]);
    expect(failure.message).toBe(`Nothing is bound to "${name}".`);
  });

  it("takes what only looks like a parameter for what it is", async () => {
    const query = `select ':a' as t, a$b as "@c", [d:e] from (select 1 as a$b, 2 as [d:e]) -- ?`;
    const result = await run({ query_field: "sql" }, { sql: query });
    expect(result.items).toEqual([{ t: ":a", "@c": 1, "d:e": 2 }]);
  });

  it("tells the schema to an agent's own query", async () => {
    const result = await run({ query_field: "sql" }, { sql: "PRAGMA Table_Info(notes)" });
    expect(JSON.stringify(result.items)).toContain('"title"');
  });

  it.each([
    ["a write", "insert into notes (title) values ('x')"],
    ["ATTACH", `attach '${file}' as other`],
    ["VACUUM INTO", `vacuum into '${file}.copy'`],
    ["load_extension", "select load_extension('x')"],
    ["a pragma that changes something", "pragma journal_mode = delete"],
    ["a second statement", "select 1; delete from notes"],
    ["a transaction", "begin"],
    ["a function that writes files", "select writefile('/tmp/x', 'y')", "sql.failed"],
    ["a write to a full-text table", "insert into pages values ('x')"],
    ["a write to an R*Tree", "insert into boxes values (9, 1, 2, 'x')"],
    ["a write to what an R*Tree is made of", "delete from boxes_node"],
    ["a write to what is called like a part of an R*Tree", "insert into family_node values (1)"],
    ["a write to the schema", "delete from sqlite_schema"],
    ["a setting that full-text tables ask for", "pragma page_size = 1024"],
    ["a pragma that names files", "select * from pragma_database_list"],
    ["a function that takes an address", "select fts3_tokenizer('simple')"],
    ["a new full-text table", "create virtual table other using fts5(body)"],
  ])("refuses %s in a tool that reads", async (_what, query, code = "sql.refused") => {
    const failure = await failureOf(run({ query_field: "sql" }, { sql: query }));
    expect(failure.code).toBe(code);
    expect(failure.sent).toBe(false);
    expect(existsSync(`${file}.copy`)).toBe(false);
    const count = await run({ query: "select count(*) as n from notes" });
    expect(count.items).toEqual([{ n: 3 }]);
  });

  it.each([
    `attach '${file}' as other`,
    "pragma writable_schema = 1",
    "vacuum",
    "commit",
    "savepoint mine",
    `vacuum into '${file}.copy'`,
    "delete from sqlite_schema",
    "delete from pages_content",
    "delete from boxes_node",
    "select fts3_tokenizer('simple', x'00')",
    "pragma data_version = 1",
  ])("refuses %s in a tool that writes, too", async (query) => {
    const failure = await failureOf(run({ query_field: "sql" }, { sql: query }, true));
    expect(failure.code).toBe("sql.refused");
    expect(failure.sent).toBe(false);
  });

  it("makes no value that is larger than an answer may be, not even on the way", async () => {
    const query = "select length(hex(zeroblob(400000000))) as n";
    expect((await failureOf(run({ query_field: "sql" }, { sql: query }))).code).toBe("api.too_large");
  });

  it("writes in a tool that says so", async () => {
    const written = await run(
      {
        query: "insert into notes (id, title) values (:id, :title)",
        params: { id: 50, title: "{{ params.t }}" },
      },
      { t: ["x", true] },
      true,
    );
    expect(written).toMatchObject({ changes: 1, last_insert_id: 50 });
    const read = await run({ query: "select title from notes where id = 50" });
    expect(read.items).toEqual([{ title: '["x",true]' }]);
    const gone = await run({ query: "delete from notes where id = 50 returning id" }, {}, true);
    expect(gone.items).toEqual([{ id: 50 }]);
  });

  it.each([
    [
      "whose rows are too large for an answer",
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < 300)
        insert into drafts select i, hex(zeroblob(50000)) from n returning v`,
      "api.too_large",
    ],
    [
      "whose last row is too large for an answer",
      `insert into drafts values (1, 1), (2, zeroblob(12000000)) returning v`,
      "api.too_large",
    ],
    ["that keeps what it did before it failed", "insert or fail into drafts values (1, 1), (1, 2)"],
    ["that ends its transaction as it fails", "insert or rollback into drafts values (1, 1), (1, 2)"],
    ["whose fault shows at its end", "insert into drafts values (-1, 1)"],
    ["whose fault shows after its rows", "insert into drafts values (-1, 1) returning id"],
  ])(
    "leaves nothing of a change %s",
    async (_what, query, code = "sql.failed") => {
      for (let time = 0; time < 2; time++) {
        const failure = await failureOf(run({ query }, {}, true));
        expect([failure.code, failure.sent]).toEqual([code, false]);
        expect((await run({ query: "select count(*) as n from drafts" })).items).toEqual([{ n: 0 }]);
      }
    },
    20_000,
  );

  it("waits for another's change, also to a table whose module reads first", async () => {
    const other = new DatabaseSync(file);
    other.exec("begin immediate; insert into pages values ('other')");
    const mine = run({ query: "insert into pages values ('mine')" }, {}, true);
    setTimeout(() => other.exec("commit"), 1500);
    expect(await mine).toMatchObject({ changes: 1 });
    other.close();
  });

  it("does not know what became of a change that was stopped, and reads the file as it was before", async () => {
    const query = `with recursive n(i) as (select 1 union all select i + 1 from n)
      insert into drafts select i, 1 from n`;
    const failure = await failureOf(run({ query }, {}, true, 3000));
    expect([failure.code, failure.sent]).toEqual(["sql.timeout", true]);
    expect(existsSync(`${file}-journal`)).toBe(true);
    expect((await run({ query: "select count(*) as n from drafts" })).items).toEqual([{ n: 0 }]);
  }, 20_000);

  it("stops a query that never ends", async () => {
    const query = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n";
    const failure = await failureOf(run({ query }, {}, false, 1000));
    expect(failure.code).toBe("sql.timeout");
  }, 10_000);

  it("stops a query that takes too much memory", async () => {
    const columns = Array.from({ length: 80 }, (_, index) => `zeroblob(16000000) c${index}`);
    const failure = await failureOf(run({ query: `select ${columns.join(", ")}` }));
    expect([failure.code, failure.message]).toEqual([
      "api.too_large",
      "The query was stopped: it took more than 512 MB of memory.",
    ]);
  });

  it("ends by itself when whoever started it has died", async () => {
    const module = fileURLToPath(houseModule("runtime/execution/sql/sqlite-child"));
    const child = spawn(process.execPath, [module, "300"], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    const query = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n";
    const to = child.stdio[3];
    if (!(to instanceof Writable)) throw new Error("no pipe");
    to.write(`${JSON.stringify({ start: { file, query, params: {}, writes: false, max: 1000 } })}\n`);
    const [, signal] = await once(child, "exit");
    expect(signal).toBe("SIGKILL");
  }, 20_000);

  it("stops a result that never ends", async () => {
    const query =
      "with recursive n(i) as (select 1 union all select i + 1 from n) select i, randomblob(100000) as b from n";
    const failure = await failureOf(run({ query }));
    expect(failure.code).toBe("api.too_large");
  }, 20_000);

  it("says what is wrong with the file", async () => {
    const lines = join(folder, "text.sqlite");
    writeFileSync(
      lines,
      "no database at all, but long enough to have a header of sixteen bytes\n".repeat(20),
    );
    for (const [path, code] of [
      [join(folder, "none.sqlite"), "sql.no_database"],
      [folder, "account.bad_field"],
      [lines, "sql.no_database"],
      ["notes.sqlite", "sql.no_database"],
      ["", "account.field_missing"],
    ]) {
      const failure = await failureOf(
        call(
          executor,
          { host: "unused.example" },
          {
            manifest: {
              auth: { type: "local_path", file_extensions: [".sqlite"], description: null, whoami: null },
            },
            tool: { sql: sql({ query: "select 1" }) },
            connection: account({}, { fields: { path: path ?? "" } }),
          },
        ),
      );
      expect([path, failure.code]).toEqual([path, code]);
    }
  });

  it("takes of several files the one changed last", async () => {
    for (const [name, time] of [
      ["a-1.sqlite", 1000],
      ["a-2.sqlite", 3000],
      ["a-3.sqlite", 2000],
    ] as const) {
      const database = new DatabaseSync(join(folder, name));
      database.exec(`create table t (name text); insert into t values ('${name}')`);
      database.close();
      utimesSync(join(folder, name), time, time);
    }
    const result = await run({ query: "select name from t", file: join(folder, "a-*.sqlite") });
    expect(result.items).toEqual([{ name: "a-2.sqlite" }]);
  });
});
