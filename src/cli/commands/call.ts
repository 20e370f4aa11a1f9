import { type Json, type JsonObject, UserError } from "../../base/index.ts";
import { type CallRequest, type Engine, parseAccount, ToolFailure } from "../../runtime/index.ts";
import type { Context } from "../context.ts";
import type { CommandModule, ExitCode, Given } from "../definitions.ts";
import { engineOf } from "../engine.ts";
import { argument, flag, textOption } from "../options.ts";
import { readInput } from "../output/ask.ts";
import { answerLines, planLines, refusalLines } from "../output/calls.ts";
import { agentOption, modeOption } from "../runtime-options.ts";

const LONGEST_INPUT = 10 * 1024 * 1024;

/** `sentinel call`: 1 when the call is refused or fails. */
export const run: CommandModule["run"] = async (context, given) => {
  const request = await requestOf(context, given);
  const { runtime } = await context.registry();
  const engine = engineOf(context.settings, runtime, {
    mode: modeOption(given),
    onBug: (what) => context.output.note(what),
  });
  const plans = flag(given, "plan") || flag(given, "dryRun");
  try {
    return plans ? await plan(context, engine, request) : await call(context, engine, request);
  } catch (error) {
    if (!(error instanceof ToolFailure)) throw error;
    const { code, message, hint } = error;
    await context.output.result({
      json: { ok: false, error: { code, message, hint } },
      pretty: (colour) => refusalLines({ code, message, hint }, colour).join("\n"),
    });
    return 1;
  } finally {
    await engine.close();
  }
};

async function call({ output }: Context, engine: Engine, request: CallRequest): Promise<ExitCode> {
  const { value, connector, account, receipt, replayed } = await engine.gate.call(request);
  await output.result({
    json: { ok: true, connector, account, tool: request.tool, result: value, receipt, replayed },
    pretty: (colour) => answerLines({ value, receipt, replayed }, colour).join("\n"),
  });
  return 0;
}

async function plan({ output }: Context, engine: Engine, request: CallRequest): Promise<ExitCode> {
  const made = await engine.gate.plan(request);
  await output.result({
    json: { ok: true, plan: made },
    pretty: (colour) => planLines(made, colour).join("\n"),
  });
  return 0;
}

async function requestOf({ settings }: Context, given: Given): Promise<CallRequest> {
  const { connector, account } = parseAccount(argument(given, 0));
  return {
    agent: agentOption(given, settings),
    connector,
    tool: argument(given, 1),
    account: oneAccount(account, textOption(given, "account")),
    input: await inputOf(textOption(given, "input") ?? "{}"),
    key: textOption(given, "key"),
    signal: interrupted(),
  };
}

function oneAccount(named: string | null, option: string | null): string | null {
  if (named === null || option === null || named === option) return named ?? option;
  const message = `The call names the account ${named}, and --account another.`;
  throw new UserError("usage.conflict", message, "Keep one of them.");
}

/** Aborts with the first Ctrl-C: what was not sent yet is not sent. */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  process.once("SIGINT", () => controller.abort()).once("SIGTERM", () => controller.abort());
  return controller.signal;
}

async function inputOf(text: string): Promise<JsonObject> {
  const tooLong = new UserError("usage.input", "--input is longer than 10 MiB.", "Give less at a time.");
  const json = text === "-" ? ((await readInput(LONGEST_INPUT, tooLong)) ?? "") : text;
  try {
    const value: Json = JSON.parse(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Told below, with what is wanted.
  }
  throw new UserError(
    "usage.input",
    "--input is no object of JSON.",
    `Write --input '{"id": "42"}', or - for standard input.`,
  );
}
