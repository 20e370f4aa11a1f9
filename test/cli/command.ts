import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { expect } from "vitest";
import type { JsonObject } from "../../src/base/index.ts";
import { MAIN, requireFreshBuild } from "../e2e/support/process.ts";

const SCHEMAS = new URL("../../docs/schemas/", import.meta.url);
const ajv = new Ajv({
  schemas: readdirSync(SCHEMAS).map((name) => JSON.parse(readFileSync(new URL(name, SCHEMAS), "utf8"))),
  strict: false,
});

/** Which of docs/schemas describes what a command prints; the longest name counts. */
const DESCRIBED: Readonly<Record<string, string>> = {
  ...{ account: "account", agent: "agent", call: "call", capabilities: "capabilities", config: "config" },
  ...{ connect: "connect", grant: "grant", health: "health", log: "log", "log verify": "log-verify" },
  ...{
    contract: "contract",
    migrate: "migrate",
    new: "new",
    review: "review",
    run: "run",
    vault: "vault",
    "vault list": "vault-list",
  },
};

/** What of an object is not as docs/schemas says. */
function undescribed([first = "", second = ""]: readonly string[], printed: JsonObject): unknown {
  const name =
    "error" in printed ? "failure" : (DESCRIBED[`${first} ${second}`] ?? DESCRIBED[first] ?? "none");
  const validate = ajv.getSchema(`${name}.json`);
  return validate?.(printed) === true ? [] : [`${name}.json`, printed, validate?.errors];
}

/** What a command left behind. */
export interface Ran {
  readonly code: number | null;
  /** All that it printed, on both streams. */
  readonly text: string;
  readonly json: JsonObject;
}

/**
 * The command line as it was built, which starts in half the time: in a folder, under the name jane, with something on its
 * standard input. What it prints is as docs/schemas describes it.
 */
export function commandIn(
  folder: string,
): (args: readonly string[], input?: string, environment?: Record<string, string>) => Promise<Ran> {
  requireFreshBuild();
  return async (args, input = "", environment = {}) => {
    const whole = [MAIN, ...args, "--cwd", folder, "--as", "jane", "--format", "json"];
    const env = { PATH: process.env.PATH, HOME: folder, ...environment };
    const child = spawn(process.execPath, whole, { env });
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        text += chunk;
      });
    child.stdin.on("error", () => {}).end(input);
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    const json: JsonObject = text.startsWith("{") ? JSON.parse(text) : {};
    if (text.startsWith("{")) expect(undescribed(args, json), args.join(" ")).toEqual([]);
    return { code, text, json };
  };
}
