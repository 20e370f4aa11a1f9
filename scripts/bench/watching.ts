/** Lines about the daemon: from a save to the committed row, and what it costs to sit idle over a large tree. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { median, percentile, type Row } from "./measure.ts";

/** A daemon under measurement. */
export interface Daemon {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Printed on stdout or stderr, or answered with 200 at a URL, when it watches. */
  readonly ready: RegExp | string;
}

const REST_MS = 120_000;

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

/** Starts a daemon and waits until it is ready, two minutes at most. @throws Error when it ends or never gets there. */
export async function start(daemon: Daemon): Promise<ChildProcess> {
  const child = spawn(process.execPath, daemon.args, {
    env: { ...process.env, ...daemon.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      said = (said + chunk).slice(-10_000);
    });
  }
  const { ready } = daemon;
  for (let waited = 0; waited < 120_000; waited += 50) {
    if (child.exitCode !== null) throw new Error(`${daemon.name} ended: ${said}`);
    if (typeof ready === "string" ? await answers(ready) : ready.test(said)) return child;
    await pause(50);
  }
  child.kill("SIGKILL");
  throw new Error(`${daemon.name} was not ready in two minutes: ${said}`);
}

/** Stops a daemon and waits for its end. */
export async function stop(child: ChildProcess): Promise<void> {
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  await ended;
}

interface Saves {
  readonly root: string;
  readonly url: string;
  /** SQL with $1 = slug and $2 = the marker: one row when the save is committed. */
  readonly committed: string;
  readonly count: number;
}

/** Saves a manifest over and over, atomically as editors do, and returns the milliseconds until each row is committed. */
export async function latencies(saves: Saves, slugs: readonly string[]): Promise<number[]> {
  const client = new pg.Client({ connectionString: saves.url });
  await client.connect();
  const found: number[] = [];
  for (let index = 0; index < saves.count; index += 1) {
    const slug = slugs[(index * 37) % slugs.length] ?? "";
    const path = join(saves.root, slug, "manifest.yaml");
    const marker = `Saved ${process.pid} ${Date.now()} ${index}`;
    const text = readFileSync(path, "utf8").replace(
      /^display_name:.*$/m,
      `display_name: ${JSON.stringify(marker)}`,
    );
    const temporary = join(saves.root, "..", "bench-save.tmp");
    writeFileSync(temporary, text);
    const start = performance.now();
    renameSync(temporary, path);
    while ((await client.query(saves.committed, [slug, marker])).rowCount === 0) {
      if (performance.now() - start > 30_000) throw new Error(`${slug} was not committed within 30 s`);
    }
    found.push(performance.now() - start);
    await pause(40);
  }
  await client.end();
  return found;
}

/** Resident MiB and CPU seconds of a process now. */
function usage(pid: number | undefined): { resident: number; cpu: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  // utime and stime, in ticks of 1/100 s.
  const cpu = (Number(fields[11]) + Number(fields[12])) / 100;
  return { resident: Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024, cpu };
}

/** Lets both daemons sit over the same tree for a while and compares memory and CPU. */
export async function idle(ours: Daemon, theirs: Daemon, seconds: number): Promise<Row[]> {
  const children = [await start(ours), await start(theirs)];
  // Until V8 has given back what the start needed, which it does once and late.
  await pause(REST_MS);
  const before = children.map(({ pid }) => usage(pid));
  await pause(seconds * 1000);
  const after = children.map(({ pid }) => usage(pid));
  for (const child of children) await stop(child);
  const memory = after.map(({ resident }) => resident);
  // In whole ticks again: the difference of two fractions is a little more or less than what was counted.
  const cpu = after.map((now, at) => Math.round((now.cpu - (before[at]?.cpu ?? 0)) * 100) / 100);
  const ratio = (values: number[], floor: number): number =>
    Math.max(values[0] ?? 0, floor) / Math.max(values[1] ?? 0, floor);
  return [
    {
      what: "`watch` idle: memory",
      against: theirs.name,
      ours: `${memory[0]?.toFixed(0)} MiB`,
      theirs: `${memory[1]?.toFixed(0)} MiB`,
      ratio: ratio(memory, 1),
      reach: 1.5,
      note: "",
    },
    {
      what: `\`watch\` idle: CPU over ${seconds} s`,
      against: theirs.name,
      ours: `${cpu[0]?.toFixed(2)} s`,
      theirs: `${cpu[1]?.toFixed(2)} s`,
      // Below one accounting tick a ratio says nothing.
      ratio: ratio(cpu, 0.01),
      reach: 2,
      note: "CPU is counted in ticks of 10 ms",
    },
  ];
}

/** The rows for two lists of latencies; the settle window is taken off ours. */
export function latencyRows(ours: readonly number[], theirs: readonly number[], settle: number): Row[] {
  const row = (name: string, reach: number, pick: (values: readonly number[]) => number): Row => {
    const [left, right] = [Math.max(0, pick(ours) - settle), pick(theirs)];
    return {
      what: `\`watch\`: save → row committed, ${name}`,
      against: "raw event + one bare upsert",
      ours: `${left.toFixed(1)} ms`,
      theirs: `${right.toFixed(1)} ms`,
      ratio: left / right,
      reach,
      note: `the settle window of ${settle} ms is taken off`,
    };
  };
  return [row("p50", 5, median), row("p99", 10, (values) => percentile(values, 0.99))];
}
