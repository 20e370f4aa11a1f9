import { parseAccount, ToolFailure } from "../../runtime/index.ts";
import type { CommandModule } from "../definitions.ts";
import { engineOf } from "../engine.ts";
import { argument, numberOption } from "../options.ts";
import { refusalLines } from "../output/calls.ts";

const MINUTES = 10;
const DEFAULT_PORT = 8914;

/** `sentinel connect`: waits for the person in the browser. */
export const run: CommandModule["run"] = async (context, given) => {
  const { output } = context;
  const { connector, account } = parseAccount(argument(given, 0));
  // A person takes minutes: an embedded registry is let go meanwhile.
  const { registry } = await context.longLived();
  const engine = engineOf(context.settings, registry.runtime);
  try {
    await engine.connect(connector, account, {
      port: numberOption(given, "port") ?? DEFAULT_PORT,
      show: (url, redirectUri) => {
        output.note(`The provider has to know this address to come back to: ${redirectUri}`);
        output.note(`Open in a browser: ${url}`);
      },
      signal: AbortSignal.timeout(MINUTES * 60_000),
    });
    await output.result({
      json: { ok: true, connector, account: account ?? "default" },
      pretty: (colour) => colour.green(`${connector} is connected.`),
    });
    return 0;
  } catch (error) {
    if (!(error instanceof ToolFailure)) throw error;
    const { code, message, hint } = error;
    await output.result({
      json: { ok: false, error: { code, message, hint } },
      pretty: (colour) => refusalLines({ code, message, hint }, colour).join("\n"),
    });
    return 1;
  } finally {
    await engine.close();
  }
};
