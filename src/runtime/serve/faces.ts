import type { CallToolResult } from "@modelcontextprotocol/server";
import { copied, type JsonObject } from "../../base/index.ts";
import { catalogueOf, type Identity } from "../catalogue.ts";
import type { Gate } from "../gate/gate.ts";
import { no } from "../gate/refusals.ts";
import type { Call, Face } from "../server.ts";
import { answerOf, failed, unexpected } from "./answers.ts";
import type { Offered } from "./arguments.ts";
import { outputProblem } from "./schemas.ts";
import type { Choice } from "./selection.ts";
import type { ListedTools } from "./tools.ts";

/** What faces are made with. */
export interface FaceParts {
  readonly identity: Identity;
  readonly gate: Pick<Gate, "call">;
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
  run(
    call: Pick<Call, "agent" | "signal">,
    given: JsonObject,
    named?: { readonly account: string | null; readonly key: string | null },
  ): Promise<CallToolResult>;
}

/** Makes the way to a tool. The listed form is made when it is first asked for. */
export function offering({ gate, tools }: FaceParts, choice: Choice): Offering {
  const { approved, tool, name } = choice;
  let made: Offered | null = null;
  const offered = (): Offered => {
    made ??= tools.offered(approved.manifest, tool, name);
    return made;
  };
  return {
    choice,
    offered,
    run: async ({ agent, signal }, given, named) => {
      try {
        const { data, split } = offered();
        const { account, key, input } = split(given);
        for (const [what, inside, outside] of [
          ["account", account, named?.account],
          ["idempotency key", key, named?.key],
        ] as const) {
          if (inside !== null && typeof outside === "string")
            throw no("call.invalid_input", `The ${what} is given twice: in the arguments and beside them.`);
        }
        const answer = await gate.call({
          agent,
          connector: approved.slug,
          tool: tool.name,
          account: named?.account ?? account,
          key: named?.key ?? key,
          input,
          signal,
        });
        const wrong = data.outputSchema && outputProblem(data.outputSchema, answer.value);
        return wrong ? unexpected(answer, wrong) : answerOf(answer);
      } catch (error) {
        return failed(error);
      }
    },
  };
}
