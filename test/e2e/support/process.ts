/** Running the built command as a user does: a process of its own, its two streams, its exit code. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The package under test: this checkout, or the copy that `SENTINEL_E2E_PACKAGE` names. */
export const PACKAGE =
  process.env.SENTINEL_E2E_PACKAGE ?? fileURLToPath(new URL("../../../", import.meta.url));
export const MAIN = join(PACKAGE, "dist/cli/main.js");

/** A process that has ended. */
export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
  /** Peak resident memory (VmHWM), only where it was asked for. */
  readonly peakMiB: number;
  /** Standard output as JSON. */
  json<T>(): T;
}

export interface SpawnOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Words put before the command, such as a program that drops privileges. */
  readonly prefix?: readonly string[];
  /** Writes the peak memory of the process to `peakMiB`; Linux only. */
  readonly measure?: boolean;
  /** After this long the process is killed and the test fails: nothing may hang. */
  readonly timeoutMs?: number;
}

/** A running process. */
export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly output: { stdout: string; stderr: string };
  readonly finished: Promise<Finished>;
  /** Waits until either stream has matched. @throws Error when it ends or does not match in time. */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<void>;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Finished>;
}

/** Fails early when what would be tested is not what stands in `src`. */
export function requireFreshBuild(): void {
  if (!existsSync(MAIN)) throw new Error("There is no dist/: run `npm run build` first.");
  // An installed package has no src.
  if (!existsSync(join(PACKAGE, "src"))) return;
  const built = statSync(MAIN).mtimeMs;
  const newer = readdirSync(join(PACKAGE, "src"), { recursive: true, encoding: "utf8" }).find(
    (path) => path.endsWith(".ts") && statSync(join(PACKAGE, "src", path)).mtimeMs > built,
  );
  if (newer !== undefined) throw new Error(`dist/ is older than src/${newer}: run \`npm run build\` first.`);
}

// Loaded into the process (and into whatever it starts) to tell its peak at the end; a poll from outside misses it.
const METER = `import{readFileSync as r,appendFileSync as a}from"node:fs";process.on("exit",()=>a(process.env.E2E_PEAK,/VmHWM:\\s+(\\d+)/.exec(r("/proc/self/status","utf8"))[1]+"\\n"))`;
let measured = 0;

function environment(options: SpawnOptions, peakFile: string | null): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) {
    // What the machine's owner has set must not decide a test; nor must the test runner's own switches.
    if (!/^(?:SENTINEL_|SUPABASE_|VITEST|NODE_|PG|FORCE_COLOR|CI$|GITHUB_)/.test(name)) env[name] = value;
  }
  env.NO_COLOR = "1";
  if (peakFile !== null) {
    env.NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(METER)}`;
    env.E2E_PEAK = peakFile;
  }
  return { ...env, ...options.env };
}

/** Starts the command and returns at once. */
export function start(args: readonly string[], options: SpawnOptions = {}): Running {
  const peakFile = options.measure === true ? join(tmpdir(), `e2e-peak-${process.pid}-${measured++}`) : null;
  const [command, ...rest] = [...(options.prefix ?? []), process.execPath, MAIN, ...args];
  const began = performance.now();
  const child = spawn(command ?? process.execPath, rest, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: environment(options, peakFile),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (chunk: string) => {
      output[name] += chunk;
      for (const listener of listeners) listener();
    });
  }
  const limit = options.timeoutMs ?? 90_000;
  const finished = new Promise<Finished>((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, limit);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (late)
        reject(new Error(`hung for ${limit} ms: ${args.join(" ")}\n${output.stdout}${output.stderr}`));
      else resolve(finish(output, code, signal, performance.now() - began, peakFile));
    });
  });
  // Whoever only stops it later must not be told of its end as an unhandled rejection.
  finished.catch(() => undefined);

  const waitFor = (pattern: RegExp, timeoutMs = 30_000): Promise<void> =>
    new Promise((resolve, reject) => {
      const seen = (): boolean => pattern.test(output.stdout) || pattern.test(output.stderr);
      const settle = (done: () => void): void => {
        clearTimeout(timer);
        listeners.delete(look);
        done();
      };
      const fail = (why: string): void =>
        settle(() => reject(new Error(`${why} ${pattern}:\n${output.stdout}${output.stderr}`)));
      const look = (): void => {
        if (seen()) settle(resolve);
      };
      const timer = setTimeout(() => fail(`not within ${timeoutMs} ms:`), timeoutMs);
      listeners.add(look);
      finished.then(
        () => (seen() ? settle(resolve) : fail("ended without")),
        (error: Error) => settle(() => reject(error)),
      );
      look();
    });
  const stop = (signal: NodeJS.Signals = "SIGTERM"): Promise<Finished> => {
    child.kill(signal);
    return finished;
  };
  return { child, pid: child.pid ?? 0, output, finished, waitFor, stop };
}

function finish(
  output: { stdout: string; stderr: string },
  code: number | null,
  signal: NodeJS.Signals | null,
  milliseconds: number,
  peakFile: string | null,
): Finished {
  let peakMiB = 0;
  if (peakFile !== null && existsSync(peakFile)) {
    peakMiB = Math.max(...readFileSync(peakFile, "utf8").trim().split("\n").map(Number)) / 1024;
    rmSync(peakFile);
  }
  return {
    ...{ code, signal, milliseconds, peakMiB, stdout: output.stdout, stderr: output.stderr },
    json<T>(): T {
      try {
        return JSON.parse(output.stdout);
      } catch {
        throw new Error(`no JSON on stdout (exit ${code}):\n${output.stdout}\n${output.stderr}`);
      }
    },
  };
}

/** Runs the command to its end. */
export function sentinel(args: readonly string[], options: SpawnOptions = {}): Promise<Finished> {
  return start(args, options).finished;
}

/** Tries again until it neither throws nor returns false. @throws Error what was wrong at the last try. */
export async function eventually(what: string, probe: () => unknown, timeoutMs = 20_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    let problem: unknown = null;
    try {
      if ((await probe()) !== false) return;
    } catch (error) {
      problem = error;
    }
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`, { cause: problem });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
