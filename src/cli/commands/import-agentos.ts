import { importAgentos } from "../../import/index.ts";
import { readAgentosFolder } from "../agentos-folder.ts";
import type { CommandModule } from "../definitions.ts";
import { land, landingOf } from "../importing.ts";
import { argument, textOption } from "../options.ts";

/** `sentinel import agentos`. */
export const run: CommandModule["run"] = async (context, given) => {
  const { cwd } = context.settings.workspace;
  const folder = readAgentosFolder(argument(given, 0), textOption(given, "tools"), cwd);
  const slug = textOption(given, "slug");
  const baseUrl = textOption(given, "baseUrl");
  const imported = await importAgentos(folder, {
    ...(slug === null ? {} : { slug }),
    ...(baseUrl === null ? {} : { baseUrl }),
  });
  return land(context, imported, landingOf(given));
};
