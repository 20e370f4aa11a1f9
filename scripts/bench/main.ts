/**
 * `npm run bench`: what the product costs, each line against a floor or a peer measured in the same run.
 * Usage: main.ts [--pairs 5] [--count 10000] [--idle 60] [line …]; lines: unchanged cold changed first check supabase
 * latency idle growth. Needs PostgreSQL's server programs; the supabase line needs SENTINEL_TEST_POSTGREST besides.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type PostgresServer, startPostgres } from "../../test/helpers/postgres.ts";
import { postgrestMissing } from "../../test/helpers/postgrest.ts";
import { type Row, table } from "./measure.ts";
import * as runs from "./runs.ts";
import { overSupabase } from "./supabase.ts";
import { slugOf } from "./tree.ts";
import { type Daemon, idle, latencies, latencyRows, start, stop } from "./watching.ts";

const LINES = ["unchanged", "cold", "changed", "first", "check", "supabase", "latency", "idle", "growth"];
const SETTLE_MS = 40;
const SAVES = 200;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: "string", default: "5" },
    count: { type: "string", default: "10000" },
    idle: { type: "string", default: "60" },
  },
});
const wanted = new Set(positionals.length > 0 ? positionals : LINES);
const [pairs, count] = [Number(values.pairs), Number(values.count)];
const rows: Row[] = [];

function add(...more: Row[]): void {
  for (const row of more)
    process.stderr.write(`${row.what}: ${row.ours} / ${row.theirs} = ${row.ratio.toFixed(2)}\n`);
  rows.push(...more);
}

function daemons(ground: runs.Ground, port: number): { ours: Daemon; theirs: Daemon } {
  const bare = new URL("./bare-watch.ts", import.meta.url).pathname;
  return {
    ours: {
      name: "sentinel watch",
      args: [
        runs.CLI,
        "watch",
        "--cwd",
        ground.directory,
        "--database-url",
        ground.url,
        "--health-port",
        `${port}`,
      ],
      ready: `http://127.0.0.1:${port}/readyz`,
    },
    theirs: {
      name: "bare chokidar",
      args: [bare, join(ground.directory, "connectors"), ground.url],
      ready: /ready/,
    },
  };
}

async function watching(ground: runs.Ground, postgres: PostgresServer): Promise<void> {
  await postgres.asSuperuser(new URL(ground.url).pathname.slice(1), (client) =>
    client.query(
      "create schema if not exists floor; create table if not exists floor.saved (slug text primary key, text text)",
    ),
  );
  const { ours, theirs } = daemons(ground, 19464);
  if (wanted.has("latency")) {
    const slugs = Array.from({ length: ground.count }, (_, index) => slugOf(index));
    const root = join(ground.directory, "connectors");
    const measure = async (daemon: Daemon, committed: string): Promise<number[]> => {
      const child = await start(daemon);
      const found = await latencies({ root, url: ground.url, committed, count: SAVES }, slugs);
      await stop(child);
      // The first saves warm both sides up.
      return found.slice(SAVES / 10);
    };
    const left = await measure(
      ours,
      "select 1 from connector_providers where provider_id = $1 and display_name = $2",
    );
    const right = await measure(
      theirs,
      "select 1 from floor.saved where slug = $1 and text like '%' || $2 || '%'",
    );
    add(...latencyRows(left, right, SETTLE_MS));
  }
  if (wanted.has("idle")) add(...(await idle(ours, theirs, Number(values.idle))));
}

async function measureGrowth(postgres: PostgresServer, ground: runs.Ground): Promise<void> {
  const small = await runs.makeGround(
    Math.ceil(count / 10),
    pairs,
    postgres.url(await postgres.createDatabase(false)),
  );
  const costs = async (one: runs.Ground): Promise<Record<string, number>> => ({
    "cold `run`, seconds": await runs.coldSeconds(one, pairs),
    "`check` of the whole tree, seconds": await runs.alone(runs.sentinel(one, "embedded", "check"), pairs),
    "`run` with nothing to do, seconds": await runs.alone(runs.sentinel(one, "postgres", "run"), pairs),
  });
  const [left, right] = [await costs(small), await costs(ground)];
  for (const [what, cost] of Object.entries(left)) add(runs.growth(what, cost, right[what] ?? Number.NaN));
  runs.removeGround(small);
}

const postgres = await startPostgres();
try {
  const ground = await runs.makeGround(count, pairs, postgres.url(await postgres.createDatabase(false)));
  if (wanted.has("check")) add(await runs.checkOne(ground));
  if (wanted.has("first")) add(await runs.firstRun(ground.url, pairs));
  for (const where of ["postgres", "embedded"] as const) {
    if (wanted.has("cold")) add(await runs.cold(ground, where));
    if (wanted.has("unchanged")) add(await runs.unchanged(ground, where));
    if (wanted.has("changed")) add(await runs.someChanged(ground, where));
  }
  if (wanted.has("latency") || wanted.has("idle")) {
    await runs.register(ground, "postgres");
    await watching(ground, postgres);
  }
  if (wanted.has("growth")) await measureGrowth(postgres, ground);
  runs.removeGround(ground);
  if (wanted.has("supabase")) {
    const missing = postgrestMissing();
    if (missing === null) add(...(await overSupabase(postgres, pairs)));
    else process.stderr.write(`supabase: left out, ${missing}\n`);
  }
} finally {
  await postgres.stop();
}
process.stdout.write(`${table(rows)}\n`);
