import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { JsonObject } from "../../src/base/index.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** What a command left behind. */
export interface Ran {
  readonly code: number | null;
  /** All that it printed, on both streams. */
  readonly text: string;
  readonly json: JsonObject;
}

/** The command line in a folder, under the name jane; with something on its standard input. */
export function commandIn(
  folder: string,
): (args: readonly string[], input?: string, environment?: Record<string, string>) => Promise<Ran> {
  return (args, input = "", environment = {}) => {
    const whole = [MAIN, ...args, "--cwd", folder, "--as", "jane", "--format", "json"];
    const env = { PATH: process.env.PATH, HOME: folder, ...environment };
    const child = spawn(process.execPath, whole, { env });
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        text += chunk;
      });
    child.stdin.on("error", () => {}).end(input);
    return new Promise((resolve) => {
      child.once("close", (code) => {
        const json: JsonObject = text.startsWith("{") ? JSON.parse(text) : {};
        resolve({ code, text, json });
      });
    });
  };
}
