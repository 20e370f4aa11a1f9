/** Lines about one-shot commands over a large tree. */
import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { compare, median, once, type Row, type Side } from "./measure.ts";
import { slugOf, touchTree, writeTree } from "./tree.ts";

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const seconds = (value: number): string => `${value.toFixed(value < 1 ? 3 : 2)} s`;

/** Where the commands under measurement are. */
export const CLI = at("dist/cli/main.js");

/** A tree in a temporary folder of its own, and what to measure with. */
export interface Ground {
  readonly directory: string;
  readonly count: number;
  readonly pairs: number;
  /** An empty PostgreSQL database of our own. */
  readonly url: string;
}

/** Makes a tree and puts it under git, whose `status` is a floor for looking at every file. */
export async function makeGround(count: number, pairs: number, url: string): Promise<Ground> {
  const directory = mkdtempSync(join(tmpdir(), "sentinel-bench-"));
  writeTree(directory, count);
  return { directory, count, pairs, url };
}

/** Removes the tree. */
export function removeGround({ directory }: Ground): void {
  rmSync(directory, { recursive: true, force: true });
}

/** `sentinel` as one side; `where` picks the registry. */
export function sentinel(
  ground: Ground,
  where: "embedded" | "postgres",
  command: string,
  ...more: string[]
): Side {
  const registry = where === "embedded" ? [] : ["--database-url", ground.url];
  return {
    name: `${command} (${where})`,
    command: process.execPath,
    args: [CLI, command, "--cwd", ground.directory, "--quiet", ...registry, ...more],
  };
}

/**
 * Forgets the embedded registry, the cache and everything generated. Nothing is deleted before the end: for minutes
 * after, ext4 looks at each freed inode again for every file that is created, which would be the most of a run's time.
 */
export function forgetTree({ directory, count }: Ground): void {
  const grave = mkdtempSync(join(directory, "forgotten-"));
  const bury = (path: string, name: string): void => {
    if (existsSync(path)) renameSync(path, join(grave, name));
  };
  bury(join(directory, ".sentinel"), "state");
  for (let index = 0; index < count; index += 1) {
    bury(join(directory, "connectors", slugOf(index), "mcp.ts"), `${index}.ts`);
  }
}

/** Forgets the tree's state and empties the database. */
export async function forget(ground: Ground): Promise<void> {
  forgetTree(ground);
  await freshDatabase(ground.url);
}

/** Drops and creates the database that the URL names. */
export async function freshDatabase(url: string): Promise<void> {
  const admin = new URL(url);
  const name = admin.pathname.slice(1);
  admin.pathname = "/postgres";
  const client = new pg.Client({ connectionString: admin.href });
  await client.connect();
  await client.query(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`);
  await client.query(`create database ${pg.escapeIdentifier(name)}`);
  await client.end();
}

/** Registers the tree, from nothing. */
export async function register(ground: Ground, where: "embedded" | "postgres"): Promise<void> {
  await forget(ground);
  if (where === "postgres") await once(sentinel(ground, where, "migrate"));
  await once(sentinel(ground, where, "run"));
  // What was written a moment ago is trusted by the run after the next.
  await once(sentinel(ground, where, "run"));
  await settle();
}

/** Lets the machine come to rest: for seconds after ten thousand folders were written, nothing else runs at its own pace. */
async function settle(): Promise<void> {
  await once({ name: "sync", command: "sync", args: [] });
  await sleep(10_000);
}

/** A run with nothing to do, against `git status` of the same tree. */
export async function unchanged(ground: Ground, where: "embedded" | "postgres"): Promise<Row> {
  await register(ground, where);
  const git = (...args: string[]): Side => ({
    name: "git",
    command: "git",
    args: ["-C", ground.directory, ...args],
  });
  rmSync(join(ground.directory, ".git"), { recursive: true, force: true });
  await once(git("init", "-q"));
  await once(git("add", "connectors"));
  await once(git("-c", "user.name=b", "-c", "user.email=b@example.com", "commit", "-qm", "tree"));
  await settle();
  const result = await compare(
    sentinel(ground, where, "run"),
    git("status", "--short", "connectors"),
    ground.pairs,
  );
  return {
    what: `\`run\`, nothing changed, ${ground.count}, ${where}`,
    against: "`git status`, warm",
    ours: seconds(result.ours),
    theirs: seconds(result.theirs),
    ratio: result.ratio,
    reach: 1.5,
    note: `peak ${result.oursPeakMiB.toFixed(0)} MiB`,
  };
}

/** The first run over a tree, against the bare floor on the same database. */
export async function cold(ground: Ground, where: "embedded" | "postgres"): Promise<Row> {
  const floorDirectory = join(ground.directory, "floor-db");
  const database = where === "embedded" ? ["pglite", floorDirectory] : ["postgres", ground.url];
  const floor: Side = {
    name: "floor",
    command: process.execPath,
    args: [at("scripts/bench/floor.ts"), join(ground.directory, "connectors"), ...database],
    before: async () => {
      rmSync(floorDirectory, { recursive: true, force: true });
      await freshDatabase(ground.url);
    },
  };
  const before = async (): Promise<void> => {
    await forget(ground);
    if (where === "postgres") await once(sentinel(ground, where, "migrate"));
  };
  const result = await compare({ ...sentinel(ground, where, "run"), before }, floor, ground.pairs);
  return {
    what: `\`run\`, cold, ${ground.count}, ${where}`,
    against: "the bare floor, js-yaml, one thread",
    ours: seconds(result.ours),
    theirs: seconds(result.theirs),
    ratio: result.ratio,
    reach: 2,
    note: `peak ${result.oursPeakMiB.toFixed(0)} MiB against ${result.theirsPeakMiB.toFixed(0)} MiB`,
  };
}

/** A run in which one connector in a hundred has changed, against one in which none has. */
export async function someChanged(ground: Ground, where: "embedded" | "postgres"): Promise<Row> {
  await register(ground, where);
  let round = 0;
  const numbers = Array.from({ length: Math.ceil(ground.count / 100) }, (_, index) => index * 100);
  const changed: Side = {
    ...sentinel(ground, where, "run"),
    before: () => {
      round += 1;
      touchTree(ground.directory, numbers, round);
    },
  };
  // After a run that changed something, one more that settles what was too young to be trusted.
  const still: Side = {
    ...sentinel(ground, where, "run"),
    before: async () => void (await once(sentinel(ground, where, "run"))),
  };
  const result = await compare(changed, still, ground.pairs);
  const what = `\`run\`, ${numbers.length} of ${ground.count} changed, ${where}`;
  const row = { what, ours: seconds(result.ours), reach: 2.5 };
  if (where === "postgres") {
    const { ratio, theirs } = result;
    return { ...row, against: "`run`, nothing changed", theirs: seconds(theirs), ratio, note: "" };
  }
  // A run with nothing to do does not open the database, and this one has to: that much nobody can save.
  const open: Side = {
    name: "open",
    command: process.execPath,
    args: [at("scripts/bench/open-pglite.ts"), join(ground.directory, ".sentinel/registry")],
  };
  const theirs = result.theirs + (await alone(open, ground.pairs));
  return {
    ...row,
    against: "`run`, nothing changed, and opening bare PGlite",
    theirs: seconds(theirs),
    ratio: result.ours / theirs,
    note: `${result.ratio.toFixed(2)} times the run with nothing changed alone`,
  };
}

/** `check` of one connector, against starting Node. */
export async function checkOne(ground: Ground): Promise<Row> {
  await once(sentinel(ground, "embedded", "run"));
  const node: Side = { name: "node", command: process.execPath, args: ["-e", "0"] };
  const result = await compare(
    sentinel(ground, "embedded", "check", slugOf(0)),
    node,
    Math.max(ground.pairs, 11),
  );
  return {
    what: "`check` of one connector",
    against: "`node -e 0`",
    ours: seconds(result.ours),
    theirs: seconds(result.theirs),
    ratio: result.ratio,
    reach: 5,
    note: "",
  };
}

/** The first run of a new user, against opening a registry that is there. */
export async function firstRun(url: string, pairs: number): Promise<Row> {
  const ground = await makeGround(8, pairs, url);
  const forgetAll = (): void => rmSync(join(ground.directory, ".sentinel"), { recursive: true, force: true });
  const first: Side = { ...sentinel(ground, "embedded", "run"), before: forgetAll };
  // `status` opens the registry and reads eight rows.
  const open: Side = {
    ...sentinel(ground, "embedded", "status"),
    before: async () => void (await once(sentinel(ground, "embedded", "run"))),
  };
  const result = await compare(first, open, pairs);
  removeGround(ground);
  return {
    what: "first `run` on an empty embedded registry, 8 connectors",
    against: "opening an existing one (`status`)",
    ours: seconds(result.ours),
    theirs: seconds(result.theirs),
    ratio: result.ratio,
    reach: 3,
    note: "",
  };
}

/** How the cost grows with ten times the work: `small` and `large` are medians of the same thing. */
export function growth(what: string, small: number, large: number): Row {
  return {
    what: `growth of ${what}, 10×`,
    against: "itself at a tenth of the size",
    ours: large.toFixed(2),
    theirs: small.toFixed(2),
    ratio: large / small,
    reach: 11,
    note: "",
  };
}

/** The median seconds of a cold run on PostgreSQL. */
export async function coldSeconds(ground: Ground, runs: number): Promise<number> {
  const before = async (): Promise<void> => {
    await forget(ground);
    await once(sentinel(ground, "postgres", "migrate"));
  };
  return alone({ ...sentinel(ground, "postgres", "run"), before }, runs);
}

/** The median seconds of one side alone. */
export async function alone(side: Side, runs: number): Promise<number> {
  const samples: number[] = [];
  for (let run = 0; run < runs; run += 1) samples.push((await once(side)).seconds);
  return median(samples);
}
