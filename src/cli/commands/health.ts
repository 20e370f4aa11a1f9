import { type ConnectorHealth, ToolFailure } from "../../runtime/index.ts";
import type { CommandModule } from "../definitions.ts";
import { engineOf } from "../engine.ts";
import { healthLines } from "../output/health.ts";

/** `sentinel health`: 1 when something is not healthy. */
export const run: CommandModule["run"] = async (context, { args: [slug] }) => {
  const { runtime } = await context.registry();
  const engine = engineOf(context.settings, runtime, { mode: "readonly" });
  try {
    const { connectors, refused } = await engine.approved.refresh();
    const slugs = slug === undefined ? [...connectors.keys(), ...refused.keys()].sort() : [slug];
    const found = await Promise.all(
      slugs.map((one) => engine.health(one).catch((error: unknown) => unwell(one, error))),
    );
    const ok = found.every(({ status }) => status === "healthy");
    await context.output.result({
      json: { ok, connectors: found },
      pretty: (colour) => healthLines(found, colour).join("\n"),
    });
    return ok ? 0 : 1;
  } finally {
    await engine.close();
  }
};

/** A connector that can't be looked at: nobody has approved it, or it is not what was approved. */
function unwell(connector: string, error: unknown): ConnectorHealth {
  if (!(error instanceof ToolFailure)) throw error;
  const { code, message, hint } = error;
  const status = code === "call.unknown_connector" ? "needs_setup" : "error";
  return { connector, status, reasons: [{ code, message, hint }], accounts: [] };
}
