import { CODES, UserError } from "../base/index.ts";
import type { Expose, Mode } from "../runtime/index.ts";
import { AGENT_NAME, DEFAULT_AGENT, type Settings } from "./config.ts";
import type { Given, OptionDefinition } from "./definitions.ts";
import { textOption } from "./options.ts";

/** The modes, from the least to the most that a call may do. */
const MODES: readonly Mode[] = ["readonly", "write", "admin"];

/** The ways to show tools. */
export const EXPOSE: readonly Expose[] = ["tools", "search", "capabilities"];

export const MODE: OptionDefinition = {
  flags: "--mode <mode>",
  description: "readonly: changes nothing; write: destroys nothing (default); admin: anything",
  choices: MODES,
};

export const AGENT: OptionDefinition = {
  flags: "--agent <name>",
  description: "in whose name calls are made (default: local)",
};

/** In whose name calls are made. @throws UserError `agent.bad_name` */
export function agentOption(given: Given, { runtime }: Settings): string {
  const agent = textOption(given, "agent") ?? runtime.agent ?? DEFAULT_AGENT;
  if (AGENT_NAME.test(agent)) return agent;
  const { remedy } = CODES["agent.bad_name"];
  throw new UserError("agent.bad_name", "--agent is not a name of an agent.", remedy);
}

/** The mode that was asked for; undefined: what the configuration says. */
export function modeOption(given: Given): Mode | undefined {
  const text = textOption(given, "mode");
  return MODES.find((mode) => mode === text);
}

/** Names given with commas; null: the option was not. */
export function namesOption(given: Given, name: string): readonly string[] | null {
  const names = textOption(given, name)
    ?.split(",")
    .map((one) => one.trim());
  return names?.filter((one) => one !== "") ?? null;
}
