import { spawn } from "node:child_process";
import { homedir } from "node:os";
import type { Json } from "../../base/index.ts";
import type { Applescript } from "../../manifest/index.ts";
import { ToolFailure } from "../seams.ts";
import type { Turn } from "./call.ts";
import { failure, shown } from "./failure.ts";
import { plainText, type Renderer } from "./templates.ts";

const OSASCRIPT = "/usr/bin/osascript";
const MAX_ERROR = 200;

/** The arguments of a script's `on run` handler: one text each, the empty text for what is absent. */
export function scriptArguments({ args }: Applescript, renderer: Renderer): string[] {
  return args.map((arg) => plainText(renderer.value(arg)));
}

/**
 * Runs an AppleScript. The script is what was approved, given on standard input; values are arguments of its process.
 * @param command what to run instead of macOS's `osascript`, for tests on other systems
 * @returns what the script returns: JSON where it is JSON, otherwise text
 * @throws ToolFailure `runtime.wrong_platform`, `script.failed`, `script.timeout`, `api.too_large`
 */
export async function runApplescript(applescript: Applescript, turn: Turn, command?: string): Promise<Json> {
  const { tool, limits } = turn.call;
  if (command === undefined && process.platform !== "darwin") {
    throw failure("runtime.wrong_platform", `AppleScript runs on macOS, and this is ${process.platform}.`);
  }
  const args = scriptArguments(applescript, turn.renderer);
  if (tool.side_effecting) turn.mark(true);
  try {
    const text = await output(
      command ?? OSASCRIPT,
      args,
      applescript.script,
      limits.responseBytes,
      limits.signal,
    );
    return read(text);
  } catch (error) {
    const late = error instanceof ToolFailure && error.code === "api.timeout";
    throw late ? failure("script.timeout", error.message) : error;
  }
}

function output(
  command: string,
  args: readonly string[],
  script: string,
  max: number,
  signal: AbortSignal,
): Promise<string> {
  // `-` is standard input; what starts with a hyphen after it is an argument like any.
  const child = spawn(command, ["-", ...args], { env: { HOME: homedir(), LANG: "en_US.UTF-8" } });
  const chunks: Buffer[] = [];
  let size = 0;
  let said = "";
  return new Promise<string>((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    child.once("error", (error) =>
      reject(failure("script.failed", `osascript can't be started: ${error.message}.`)),
    );
    child.stderr.on("data", (chunk) => {
      said = (said + chunk).slice(0, MAX_ERROR);
    });
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > max) reject(failure("api.too_large", `The script returns more than ${max} bytes.`));
      else chunks.push(chunk);
    });
    child.once("close", (code) => {
      if (code === 0) resolve(Buffer.concat(chunks).toString("utf8"));
      else reject(failure("script.failed", `The script failed: ${shown(said.trim())}.`));
    });
    child.stdin.on("error", () => {});
    child.stdin.end(script);
  }).finally(() => child.kill("SIGKILL"));
}

/** `osascript` ends what it prints with a line end. */
function read(text: string): Json {
  const value = text.replace(/\n$/, "");
  if (!/^\s*[[{"]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
