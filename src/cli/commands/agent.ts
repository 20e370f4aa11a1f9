import { randomBytes } from "node:crypto";
import { sha256 } from "../../base/index.ts";
import type { CommandModule } from "../definitions.ts";
import { seconds } from "../duration.ts";
import { argument, idArgument, textOption } from "../options.ts";
import { tokenLines } from "../output/agents.ts";

/** `sentinel agent add`: the token is shown here and nowhere else, ever. */
export const add: CommandModule = {
  run: async (context, given) => {
    const agent = argument(given, 0);
    const lasts = textOption(given, "for");
    const token = `sentinel_${randomBytes(32).toString("base64url")}`;
    const { governance } = await context.human();
    const token_id = await governance.createToken(
      agent,
      sha256(token),
      lasts === null ? null : seconds(lasts, "--for"),
    );
    await context.output.result({
      json: { ok: true, agent, token_id, token },
      pretty: (colour) =>
        [token, colour.dim(`The token of ${agent}; nobody can show it again (id ${token_id}).`)].join("\n"),
    });
    return 0;
  },
};

/** `sentinel agent list`. */
export const list: CommandModule = {
  run: async (context) => {
    const tokens = await (await context.human()).governance.tokens();
    await context.output.result({
      json: { tokens },
      pretty: (colour) =>
        tokens.length === 0 ? "There are no tokens." : tokenLines(tokens, colour).join("\n"),
    });
    return 0;
  },
};

/** `sentinel agent revoke`. */
export const revoke: CommandModule = {
  run: async (context, given) => {
    const token_id = idArgument(given, 0, "agent.unknown_token");
    await (await context.human()).governance.revokeToken(token_id);
    await context.output.result({
      json: { ok: true, token_id },
      pretty: () => `The token ${token_id} is worthless now.`,
    });
    return 0;
  },
};
