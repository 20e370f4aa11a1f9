import type { CallToolResult } from "@modelcontextprotocol/server";
import { copied, type JsonObject } from "../../base/index.ts";
import { catalogueOf, type Identity } from "../catalogue.ts";
import type { Gate } from "../gate/gate.ts";
import { no } from "../gate/refusals.ts";
import type { Call, Face } from "../server.ts";
import { answerOf, failed, unexpected } from "./answers.ts";
import type { Offered, Split } from "./arguments.ts";
import { outputProblem } from "./schemas.ts";
import type { Choice } from "./selection.ts";
import type { ListedTools } from "./tools.ts";

/** What faces are made with. */
export interface FaceParts {
  readonly identity: Identity;
  readonly gate: Pick<Gate, "call" | "refuse">;
  readonly tools: ListedTools;
}

/** Every tool by itself, as `connector__tool`. */
export function toolsFace(parts: FaceParts, choices: readonly Choice[]): Face {
  const named = new Map(choices.map((choice) => [choice.name, offering(parts, choice)]));
  const catalogue = catalogueOf(
    parts.identity,
    [...named].map(([name, { offered }]) => ({ name, whole: () => offered().data })),
  );
  return {
    catalogue,
    call: async (call) => {
      const found = named.get(call.tool.name);
      return found === undefined
        ? failed(new Error("a listed tool is gone"))
        : found.run(call, copied(call.arguments));
    },
  };
}

/** A tool that is offered, and the way through the gate to it. */
export interface Offering {
  readonly choice: Choice;
  readonly offered: () => Offered;
  /**
   * @param given the arguments as the tool lists them
   * @param named what of the gate's arguments was said beside them; saying one in both places is refused
   */
  run(call: Pick<Call, "agent" | "signal">, given: JsonObject, named?: Named): Promise<CallToolResult>;
  /** A call whose arguments say nothing that could be run, on record like every refusal. */
  refuse(call: Pick<Call, "agent" | "signal">, error: unknown): CallToolResult;
}

/** What is for the gate and stands beside a tool's own arguments. */
export interface Named {
  readonly account: string | null;
  readonly key: string | null;
}

/** Makes the way to a tool. The listed form is made when it is first asked for. */
export function offering({ gate, tools }: FaceParts, choice: Choice): Offering {
  const { approved, tool, name } = choice;
  let made: Offered | null = null;
  const offered = (): Offered => {
    made ??= tools.offered(approved.manifest, tool, name);
    return made;
  };
  const about = { connector: approved.slug, tool: tool.name };
  const refuse: Offering["refuse"] = ({ agent, signal }, error) =>
    failed(gate.refuse({ ...about, agent, signal, account: null, key: null, input: {} }, error));
  return {
    choice,
    offered,
    refuse,
    run: async ({ agent, signal }, given, named) => {
      let asked: Split;
      try {
        asked = together(offered().split(given), named);
      } catch (error) {
        return refuse({ agent, signal }, error);
      }
      try {
        const answer = await gate.call({ ...about, ...asked, agent, signal });
        const { outputSchema } = offered().data;
        const wrong = outputSchema && outputProblem(outputSchema, answer.value);
        return wrong ? unexpected(answer, wrong) : answerOf(answer);
      } catch (error) {
        return failed(error);
      }
    },
  };
}

/** @throws ToolFailure `call.invalid_input` for what is said in both places */
function together(split: Split, named: Named | undefined): Split {
  if (named === undefined) return split;
  for (const what of ["account", "key"] as const) {
    if (split[what] === null || named[what] === null) continue;
    const word = what === "key" ? "idempotency key" : what;
    throw no("call.invalid_input", `The ${word} is given twice: in the arguments and beside them.`);
  }
  const { input } = split;
  return { input, account: named.account ?? split.account, key: named.key ?? split.key };
}
