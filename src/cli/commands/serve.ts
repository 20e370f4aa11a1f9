import { createLogger, type Logger } from "../../base/index.ts";
import type { RuntimeFace } from "../../registry/index.ts";
import { Serving, type ServingOptions, serveHttp, serveOverStdio } from "../../runtime/index.ts";
import type { Context } from "../context.ts";
import type { CommandModule, Given } from "../definitions.ts";
import { engineOf, houseOf } from "../engine.ts";
import { flag, numberOption, textOption } from "../options.ts";
import { agentOption, EXPOSE, modeOption, namesOption } from "../runtime-options.ts";

/** How long calls over stdio may take to end when a signal comes. */
const DRAIN_MS = 10_000;

/** `sentinel serve`: runs until its input ends or it is stopped. */
export const run: CommandModule["run"] = async (context, given) => {
  const { settings, output } = context;
  const agent = agentOption(given, settings);
  const logger = await createLogger({
    level: output.options.quiet ? "warn" : "info",
    format: process.stderr.isTTY === true ? "pretty" : "json",
    colour: output.options.colour.stderr,
  });
  const { registry, moved } = await context.longLived();
  const readOnly = flag(given, "readOnly");
  const engine = engineOf(settings, registry.runtime, {
    mode: readOnly ? "readonly" : modeOption(given),
    onTrouble: () => logger.warn("the activity log can't be written now"),
    onBug: (what) => logger.error("a call failed inside this program", { what }),
  });
  const serving = new Serving({ engine, moved, logger, ...offered(context, given) });
  await serving.start();
  const leave = houseOf(settings, registry, logger);
  try {
    const port = numberOption(given, "port");
    if (port === null) await overStdio(agent, serving);
    else await overHttp(context, given, serving, { port, runtime: registry.runtime, logger });
  } finally {
    await leave();
    await engine.close();
  }
  return 0;
};

function offered(
  { settings, output }: Context,
  given: Given,
): Pick<ServingOptions, "identity" | "selection" | "expose" | "preferred"> {
  const { capabilities } = settings.runtime;
  const expose = textOption(given, "expose");
  return {
    identity: {
      ...{ name: "connector-sentinel", title: "Connector Sentinel", version: output.options.version },
      instructions: undefined,
    },
    selection: {
      connectors: namesOption(given, "connectors"),
      tools: namesOption(given, "tools"),
      readOnly: flag(given, "readOnly"),
    },
    expose: EXPOSE.find((one) => one === expose) ?? "tools",
    ...(capabilities && { preferred: capabilities }),
  };
}

async function overStdio(agent: string, serving: Serving): Promise<void> {
  const server = serveOverStdio(serving.current, { agent, listChanged: true });
  serving.onChange(() => server.listChanged());
  await Promise.race([server.ended, stopped()]);
  await serving.drain(DRAIN_MS);
  await server.close();
}

async function overHttp(
  { settings, output }: Context,
  given: Given,
  serving: Serving,
  { port, runtime, logger }: { port: number; runtime: RuntimeFace; logger: Logger },
): Promise<void> {
  const { hosts = [], origins = [] } = settings.runtime;
  const lower = (texts: readonly string[]): string[] => texts.map((text) => text.toLowerCase());
  const host = textOption(given, "host") ?? "127.0.0.1";
  const doors = { hosts: lower(hosts), origins: lower(origins) };
  const server = await serveHttp({ serving, runtime, host, port, doors, logger });
  serving.onChange(() => server.listChanged());
  output.note(`serving at http://${host.includes(":") ? `[${host}]` : host}:${server.port}/mcp`);
  logger.info("listening", { host, port: server.port });
  await stopped();
  logger.info("ending");
  await server.close();
}

/** Resolves at the first SIGTERM or SIGINT. */
function stopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGTERM", () => resolve()).once("SIGINT", () => resolve());
  });
}
