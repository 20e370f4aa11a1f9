/**
 * `npm run bench:runtime`: what the runtime costs between an agent and a provider, on a registry in PostgreSQL.
 * - calls: one call after the other of `sentinel serve` against the official SDK's low-level server with the same request
 *   written by hand, both over standard input and output, with the official client, the same provider on the loopback and
 *   fresh processes in turn. A read, and a side effect with its record before and its receipt after; with a provider that
 *   answers at once, which is what shows the runtime's own cost, and with one that takes 10 ms. A side effect also against
 *   the same server with the barest record by hand, two rows that are committed: what nobody can spare who keeps one.
 * - start: from starting `sentinel serve` with 1,000 approved connectors of ten tools each until `tools/list` answers.
 * - many: calls a second, 16 at a time, of the same five tools where they are among 10,000 and among 10.
 * Quoted are medians of each side, and of the ratios of the pairs.
 * Usage: runtime.ts [--pairs 5] [--calls 1000] [--connectors 1000] [--profiles <folder>] [calls | start | many …]
 * --profiles has every server write a CPU profile. Needs PostgreSQL's server programs and what `npm run build` makes.
 */
import { parseArgs } from "node:util";
import { startPostgres } from "../../test/helpers/postgres.ts";
import { atOnce, bareOf, type Call, connect, inTurn, type Served, sentinelOf } from "./calling.ts";
import { type House, makeHouse, removeHouse, startProvider } from "./house.ts";
import { median, type Row, table } from "./measure.ts";
import { slugOf } from "./tree.ts";

const LINES = ["calls", "start", "many"];
const WIDTH = 16;
const START_SECONDS = 1.5;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: "string", default: "5" },
    calls: { type: "string", default: "1000" },
    connectors: { type: "string", default: "1000" },
    profiles: { type: "string" },
  },
});
const wanted = new Set(positionals.length > 0 ? positionals : LINES);
const [pairs, calls, connectors] = [Number(values.pairs), Number(values.calls), Number(values.connectors)];

/** The tools that are called: one each of five connectors, far from each other in the long list. */
const few = [0, 1, 2, 3, 4];
const spread = few.map((at) => at * Math.max(1, Math.floor(connectors / few.length)));

let serial = 0;
/** A call that was never made before: a side effect is not made twice. */
function fresh(name: string, more: Call["arguments"] = {}, id = "n"): Call {
  serial += 1;
  return { name, arguments: { id: `${id}${serial}`, ...more } };
}

function toolOf(connector: number, name: string): string {
  return `${slugOf(connector).replaceAll("-", "_")}__${name}`;
}

const READ = { tool: "get_item", more: {}, reach: 1.25 } as const;
const CHANGE = { tool: "set_item", more: { name: "Box" }, reach: 2 } as const;
/** How the provider takes an id, and how large a share of the calls it gets. */
const AT_ONCE = { id: "n", share: 1 } as const;
const LATER = { id: "slow", share: 0.1 } as const;

/** What is called, and what it may cost in times of what the bare server costs. */
const KINDS = [
  { what: "a call that reads", ...READ, ...AT_ONCE },
  { what: "a call that changes something", ...CHANGE, ...AT_ONCE },
  { what: "a read, provider takes 10 ms", ...READ, ...LATER },
  { what: "a change, provider takes 10 ms", ...CHANGE, ...LATER },
];

/** Median milliseconds of each kind of call in one process; the first calls of each warm it up. */
async function callTimes(server: Served, prefix: string): Promise<number[]> {
  const client = await connect(server, values.profiles);
  const times: number[] = [];
  for (const { tool, more, id, share } of KINDS) {
    const next = (): Call => fresh(prefix + tool, more, id);
    await inTurn(client, (calls * share) / 2, next);
    times.push(median(await inTurn(client, calls * share, next)));
  }
  await client.close();
  return times;
}

async function callRows(house: House, port: number): Promise<Row[]> {
  const found: { ours: number[]; theirs: number[]; recorded: number[] }[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const theirs = await callTimes(bareOf(port), "");
    const recorded = await callTimes(bareOf(port, house.url), "");
    found.push({ theirs, recorded, ours: await callTimes(sentinelOf(house), toolOf(0, "")) });
  }
  const row = (
    what: string,
    against: string,
    at: number,
    reach: number,
    peer: "theirs" | "recorded",
  ): Row => {
    const pick = (times: number[]): number => times[at] ?? Number.NaN;
    const ours = median(found.map((one) => pick(one.ours)));
    const theirs = median(found.map((one) => pick(one[peer])));
    return {
      what,
      against,
      ours: `${ours.toFixed(2)} ms`,
      theirs: `${theirs.toFixed(2)} ms`,
      ratio: median(found.map((one) => pick(one.ours) / pick(one[peer]))),
      reach,
      note: `${(ours - theirs).toFixed(2)} ms more`,
    };
  };
  const bare = "the SDK's low-level server, the same request";
  return KINDS.flatMap(({ what, tool, reach }, at) => [
    row(what, bare, at, reach, "theirs"),
    ...(tool === "set_item" ? [row(what, `${bare}, two rows by hand`, at, reach, "recorded")] : []),
  ]);
}

async function startRow(house: House): Promise<Row> {
  const times: number[] = [];
  const whole: number[] = [];
  let tools = 0;
  for (let pair = 0; pair < pairs; pair += 1) {
    const start = performance.now();
    const since = (): number => (performance.now() - start) / 1000;
    const client = await connect(sentinelOf(house), values.profiles);
    let page = await client.request({ method: "tools/list", params: {} });
    times.push(since());
    tools = page.tools.length;
    while (page.nextCursor !== undefined) {
      page = await client.request({ method: "tools/list", params: { cursor: page.nextCursor } });
      tools += page.tools.length;
    }
    whole.push(since());
    await client.close();
  }
  if (tools !== connectors * 10) throw new Error(`${tools} tools are listed`);
  const ours = median(times);
  return {
    what: `start-up of \`serve\`, ${connectors} approved connectors, until \`tools/list\` answers`,
    against: "a bound",
    ours: `${ours.toFixed(2)} s`,
    theirs: `${START_SECONDS} s`,
    ratio: ours / START_SECONDS,
    reach: 1,
    note: `all ${tools} tools after ${median(whole).toFixed(2)} s`,
  };
}

/** Calls a second of tools in turn, in one process. */
async function rate(house: House, names: readonly string[]): Promise<number> {
  const client = await connect(sentinelOf(house), values.profiles);
  const next = (): Call => fresh(names[serial % names.length] ?? "");
  await atOnce(client, WIDTH, calls, next);
  const found = await atOnce(client, WIDTH, 4 * calls, next);
  await client.close();
  return found;
}

async function manyRow(large: House, small: House): Promise<Row> {
  const found: { many: number; few: number }[] = [];
  const namesOf = (numbers: readonly number[]): string[] => numbers.map((at) => toolOf(at, "get_item"));
  for (let pair = 0; pair < pairs; pair += 1) {
    const slow = await rate(small, namesOf(few));
    found.push({ few: slow, many: await rate(large, namesOf(spread)) });
  }
  const [many, less] = [median(found.map((one) => one.many)), median(found.map((one) => one.few))];
  return {
    what: `calls a second among ${connectors * 10} tools, ${WIDTH} at a time: time for each`,
    against: "the same among 10 tools",
    ours: `${many.toFixed(0)}/s`,
    theirs: `${less.toFixed(0)}/s`,
    ratio: median(found.map((one) => one.few / one.many)),
    reach: 1.11,
    note: `${median(found.map((one) => one.many / one.few)).toFixed(2)} times the calls`,
  };
}

const rows: Row[] = [];
function add(...more: Row[]): void {
  for (const { what, ours, theirs, ratio } of more)
    process.stderr.write(`${what}: ${ours} / ${theirs} = ${ratio.toFixed(2)}\n`);
  rows.push(...more);
}

const postgres = await startPostgres();
const provider = await startProvider();
const houses: House[] = [];
try {
  const { port } = provider;
  const small = await makeHouse(postgres, port, few.length, 1, few);
  houses.push(small);
  if (wanted.has("calls")) add(...(await callRows(small, port)));
  if (wanted.has("start") || wanted.has("many")) {
    const large = await makeHouse(postgres, port, connectors, 5, spread);
    houses.push(large);
    if (wanted.has("start")) add(await startRow(large));
    if (wanted.has("many")) add(await manyRow(large, small));
  }
} finally {
  for (const house of houses) removeHouse(house);
  provider.stop();
  await postgres.stop();
}
process.stdout.write(`${table(rows)}\n`);
