import { importOpenapi } from "../../import/index.ts";
import type { CommandModule } from "../definitions.ts";
import { fetchSource } from "../fetching.ts";
import { land, landingOf } from "../importing.ts";
import { argument, flag, listOption, textOption } from "../options.ts";

/** `sentinel import openapi`. */
export const openapi: CommandModule = {
  run: async (context, given) => {
    const { bytes, address, name } = await fetchSource(argument(given, 0), context.settings.workspace.cwd);
    context.output.progress("reading the description");
    const slug = textOption(given, "slug");
    const imported = await importOpenapi(bytes, {
      ...(slug === null ? {} : { slug }),
      ...(address === null ? { source: fileName(name) } : { address }),
      include: listOption(given, "include"),
      exclude: listOption(given, "exclude"),
      readOnly: flag(given, "readOnly"),
    });
    return land(context, imported, landingOf(given));
  },
};

/** The name of a file alone: where it lay on this machine is nobody's business. */
function fileName(path: string): string {
  return path.split(/[/\\]/).at(-1) ?? path;
}
