/**
 * Kills the built command at random moments and floods a stopped daemon with folders, far more often than the tests do:
 *
 *   node scripts/faults.ts [--kills 200] [--folders 20000] [--seed 1]
 *
 * After each kill one more `run` must bring registry and files to what an undisturbed run gives. Exits 1 when one did not.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { dump } from "../test/e2e/support/dump.ts";
import { Killer, leftovers } from "../test/e2e/support/kill.ts";
import { makeConnectors, makeManifest, seeded, tiny } from "../test/e2e/support/maker.ts";
import { eventually } from "../test/e2e/support/process.ts";
import { Project } from "../test/e2e/support/project.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    folders: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
  },
});
const [kills, folders, seed] = [Number(values.kills), Number(values.folders), Number(values.seed)];
const LANES = 2;
const CONNECTORS = 120;

/** What an undisturbed run makes of some folders. */
interface Reference {
  readonly folders: Readonly<Record<string, string>>;
  readonly rows: string;
  readonly files: Readonly<Record<string, string>>;
}

const registryOf = (project: Project): string => join(project.dir, ".sentinel/registry");

async function refer(connectors: Readonly<Record<string, string>>): Promise<Reference> {
  const calm = new Project();
  try {
    calm.writeAll(connectors);
    const { code, stderr } = await calm.run(["run"]);
    if (code !== 0) throw new Error(`the undisturbed run failed: ${stderr}`);
    return { folders: connectors, rows: await dump(registryOf(calm)), files: calm.files() };
  } finally {
    await calm.close();
  }
}

/** Kills one run, or a daemon under which the folders change. */
async function disturb(
  project: Project,
  to: Reference,
  command: "run" | "watch",
  random: () => number,
  killer: Killer,
): Promise<void> {
  if (command === "run") {
    project.writeAll(to.folders);
    return killer.kill(project, ["run"]);
  }
  const killed = killer.kill(project, ["watch"]);
  for (const [slug, text] of Object.entries(to.folders)) {
    project.write(slug, text);
    if (random() < 0.1) await sleep(20);
  }
  return killed;
}

/** What differs after one more run; null when nothing does. */
async function mended(
  project: Project,
  to: Reference,
  onRun: (milliseconds: number) => void,
): Promise<string | null> {
  project.writeAll(to.folders);
  const { code, stdout, stderr, milliseconds } = await project.run(["run"]);
  onRun(milliseconds);
  if (code !== 0) return `the run after it exited ${code}: ${stdout}${stderr}`;
  const files = project.files();
  const paths = new Set([...Object.keys(files), ...Object.keys(to.files)]);
  const other = [...paths].filter((path) => files[path] !== to.files[path]);
  if (other.length > 0) return `other files: ${other.join(", ")}`;
  const left = leftovers(project).filter((path) => path !== "watch.json");
  if (left.length > 0) return `left behind: ${left.join(", ")}`;
  return (await dump(registryOf(project))) === to.rows ? null : "other rows";
}

async function lane(
  command: "run" | "watch",
  count: number,
  references: readonly Reference[],
  laneSeed: number,
): Promise<{ hits: number; problems: string[] }> {
  const random = seeded(laneSeed);
  const problems: string[] = [];
  const killer = new Killer(random, command === "run" ? 2000 : 4000);
  let project = new Project();
  for (let at = 0; at < count; at += 1) {
    const to = references[at % references.length];
    if (to === undefined) throw new Error("there is no reference");
    // Every tenth kill hits the making of the registry, too.
    if (at % 10 === 9) rmSync(join(project.dir, ".sentinel"), { recursive: true, force: true });
    await disturb(project, to, command, random, killer);
    const problem = await mended(project, to, (milliseconds) => {
      // What is left to do after a kill is about what the killed one had to do.
      if (command === "run") killer.learn(milliseconds);
    });
    if (problem !== null) {
      problems.push(`${command}, kill ${at}: ${problem}`);
      await project.close();
      project = new Project();
    }
  }
  await project.close();
  return { hits: killer.hits, problems };
}

async function killMany(): Promise<string[]> {
  const first = makeConnectors(CONNECTORS, seed);
  const random = seeded(seed + 1);
  const second = Object.fromEntries(
    Object.entries(first).map(([slug, text]) => [slug, random() < 0.4 ? makeManifest(slug, random) : text]),
  );
  const references = [await refer(first), await refer(second)];
  const problems: string[] = [];
  for (const command of ["run", "watch"] as const) {
    const share = Math.ceil(kills / 2 / LANES);
    const lanes = Array.from({ length: LANES }, (_, at) => lane(command, share, references, seed * 100 + at));
    const results = await Promise.all(lanes);
    const hits = results.reduce((sum, one) => sum + one.hits, 0);
    console.log(`${command}: ${share * LANES} times, killed alive ${hits} times`);
    problems.push(...results.flatMap((one) => one.problems));
  }
  return problems;
}

/** Makes folders while the daemon can't look: the kernel's queue overflows without a word. */
async function flood(): Promise<string[]> {
  const project = new Project();
  try {
    project.write("first", tiny("first"));
    const daemon = project.start(["watch"], { timeoutMs: 900_000 });
    await eventually("the first pass", () => project.has("first/mcp.ts"), 60_000);
    await sleep(3000);
    daemon.child.kill("SIGSTOP");
    for (let at = 0; at < folders; at += 1) project.write(`late-${at}`, tiny(`late-${at}`));
    daemon.child.kill("SIGCONT");
    const began = performance.now();
    let from = 0;
    const all = (): boolean => {
      while (from < folders && project.has(`late-${from}/mcp.ts`)) from += 1;
      return from === folders;
    };
    await eventually("all late folders are generated", all, 600_000);
    console.log(
      `flood: ${folders} folders generated ${Math.round((performance.now() - began) / 1000)} s after SIGCONT`,
    );
    const { code } = await daemon.stop();
    if (code !== 0) return [`flood: watch exited ${code}`];
    const report = await project.json<{ summary: Record<string, number> }>(["run"], { timeoutMs: 600_000 });
    const done = report.summary.unchanged === folders + 1;
    return done ? [] : [`flood: ${JSON.stringify(report.summary)}`];
  } finally {
    await project.close();
  }
}

const problems = [...(kills > 0 ? await killMany() : []), ...(folders > 0 ? await flood() : [])];
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? "Nothing was lost." : `${problems.length} times something was lost.`);
process.exitCode = problems.length === 0 ? 0 : 1;
