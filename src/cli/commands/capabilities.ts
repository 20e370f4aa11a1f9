import type { CommandModule } from "../definitions.ts";
import { engineOf } from "../engine.ts";
import { clean, columns } from "../output/text.ts";

/** `sentinel capabilities`. */
export const run: CommandModule["run"] = async (context, { args: [wanted] }) => {
  const { runtime } = await context.registry();
  const engine = engineOf(context.settings, runtime);
  const { connectors } = await engine.approved.refresh();
  await engine.close();
  const preferred = context.settings.runtime.capabilities ?? {};
  const capabilities = [...connectors.values()]
    .flatMap(({ slug, manifest }) =>
      manifest.tools.map(({ capability, name, side_effecting, destructive }) => ({
        ...{ capability: capability ?? "", connector: slug, tool: name, side_effecting, destructive },
        preferred: preferred[capability ?? ""] === slug,
      })),
    )
    .filter(({ capability }) => capability !== "" && (wanted === undefined || capability === wanted))
    .sort((a, b) => (a.capability < b.capability ? -1 : a.capability > b.capability ? 1 : 0));
  await context.output.result({
    json: { capabilities },
    pretty: (colour) => {
      if (capabilities.length === 0)
        return wanted === undefined
          ? "No approved tool has a capability."
          : `Nobody provides ${clean(wanted)}.`;
      const rows = capabilities.map((one) => [
        one.capability,
        one.preferred ? `${one.connector} (preferred)` : one.connector,
        one.tool,
        one.destructive ? "destroys" : one.side_effecting ? "changes" : "reads",
      ]);
      return columns(["capability", "connector", "tool", "effects"], rows, colour).join("\n");
    },
  });
  return 0;
};
