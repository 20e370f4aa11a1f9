/**
 * Times whole processes: fresh ones, both sides in turn, so that a machine whose speed drifts slows both alike.
 * What is quoted is the median of each side and the median of the pairwise ratios.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** One side of a comparison. */
export interface Side {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Runs before each timed process, untimed: to empty a database, to touch files. */
  readonly before?: () => Promise<void> | void;
  /** Exit codes that mean that the work was done; others stop the benchmark. */
  readonly accept?: readonly number[];
}

/** One finished process. */
export interface Sample {
  readonly seconds: number;
  /** Peak resident memory in MiB; 0 where nobody looked, or the platform has no /proc. */
  readonly peakMiB: number;
  readonly stdout: string;
}

/** The medians of a comparison. */
export interface Comparison {
  readonly ours: number;
  readonly theirs: number;
  readonly ratio: number;
  readonly oursPeakMiB: number;
  readonly theirsPeakMiB: number;
}

/** The middle value; the mean of the two middle ones where there are two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}

/** The value below which the given share of the values lies, 0 to 1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/**
 * Runs one side once.
 * @param watched whether to look at its memory meanwhile, which slows it down: such a run is not one to time
 * @throws Error when it exits with a code that it doesn't accept
 */
export async function once(side: Side, watched = false): Promise<Sample> {
  await side.before?.();
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(side.command, side.args, {
      ...(side.cwd === undefined ? {} : { cwd: side.cwd }),
      env: { ...process.env, ...side.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr, peakMiB] = ["", "", 0];
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    const look = (): void => {
      peakMiB = Math.max(peakMiB, peakOf(child.pid));
    };
    const poll = watched ? setInterval(look, 20) : undefined;
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(poll);
      const seconds = (performance.now() - start) / 1000;
      if ((side.accept ?? [0]).includes(code ?? -1)) resolve({ seconds, peakMiB, stdout });
      else reject(new Error(`${side.name} exited ${code}: ${stderr.slice(-2000)}${stdout.slice(-2000)}`));
    });
  });
}

/** Runs both sides in turn after one warm-up of each, whose memory is looked at. */
export async function compare(ours: Side, theirs: Side, pairs: number): Promise<Comparison> {
  const theirsPeakMiB = (await once(theirs, true)).peakMiB;
  const oursPeakMiB = (await once(ours, true)).peakMiB;
  const [left, right]: [Sample[], Sample[]] = [[], []];
  for (let pair = 0; pair < pairs; pair += 1) {
    right.push(await once(theirs));
    left.push(await once(ours));
  }
  return {
    ours: median(left.map((sample) => sample.seconds)),
    theirs: median(right.map((sample) => sample.seconds)),
    ratio: median(left.map((sample, at) => sample.seconds / (right[at]?.seconds ?? Number.NaN))),
    oursPeakMiB,
    theirsPeakMiB,
  };
}

/** One row of the printed table. */
export interface Row {
  readonly what: string;
  readonly against: string;
  readonly ours: string;
  readonly theirs: string;
  readonly ratio: number;
  readonly reach: number;
  readonly note: string;
}

/** The table as Markdown, `ok` where the ratio is within reach. */
export function table(rows: readonly Row[]): string {
  const head =
    "| what | against | ours | theirs | ratio | reach | | note |\n|---|---|---|---|---|---|---|---|";
  const lines = rows.map(
    ({ what, against, ours, theirs, ratio, reach, note }) =>
      `| ${what} | ${against} | ${ours} | ${theirs} | ${ratio.toFixed(2)} | ${reach} | ${ratio <= reach ? "ok" : "OVER"} | ${note} |`,
  );
  return [head, ...lines].join("\n");
}
