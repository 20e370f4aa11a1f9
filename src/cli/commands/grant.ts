import type { Grant } from "../../registry/index.ts";
import type { Context } from "../context.ts";
import type { CommandModule, ExitCode } from "../definitions.ts";
import { seconds } from "../duration.ts";
import { argument, flag, idArgument, numberOption, textOption } from "../options.ts";
import { grantLines } from "../output/agents.ts";

/** `sentinel grant add`. */
export const add: CommandModule = {
  run: async (context, given) => {
    const { governance } = await context.human();
    const grant = await governance.grant({
      agent: argument(given, 0),
      firearm_type: argument(given, 1),
      seconds: seconds(textOption(given, "for") ?? "7d", "--for"),
      uses: numberOption(given, "uses"),
      reason: textOption(given, "reason"),
    });
    return told(context, grant);
  },
};

/** `sentinel grant list`. */
export const list: CommandModule = {
  run: async (context, given) => {
    const { governance } = await context.human();
    const all = await governance.grants(given.args[0]);
    const grants = flag(given, "good") ? all.filter(({ state }) => state === "good") : all;
    await context.output.result({
      json: { grants },
      pretty: (colour) =>
        grants.length === 0 ? "There are no grants." : grantLines(grants, colour).join("\n"),
    });
    return 0;
  },
};

/** `sentinel grant revoke`. */
export const revoke: CommandModule = {
  run: async (context, given) => {
    const id = idArgument(given, 0, "grant.unknown");
    const { governance } = await context.human();
    return told(context, await governance.revoke(id));
  },
};

async function told({ output }: Context, grant: Grant): Promise<ExitCode> {
  await output.result({
    json: { ok: true, grant },
    pretty: (colour) => grantLines([grant], colour).join("\n"),
  });
  return 0;
}
