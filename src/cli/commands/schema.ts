import { join } from "node:path";
import { jsonSchema } from "../../manifest/index.ts";
import { shownPath } from "../config.ts";
import type { CommandModule } from "../definitions.ts";
import { writeWhole } from "../files.ts";
import { flag } from "../options.ts";

/** The name under which manifests find the schema, in the folder of connectors. */
export const SCHEMA_FILE = "manifest.schema.json";

/** The schema as it is kept in a file. */
export function schemaText(): string {
  return `${JSON.stringify(jsonSchema(), null, 2)}\n`;
}

/** `sentinel schema`. The schema is the result itself, in whatever format. */
export const run: CommandModule["run"] = async ({ settings, output }, given) => {
  if (!flag(given, "write")) {
    output.plain(schemaText());
    return 0;
  }
  const path = join(settings.workspace.connectors, SCHEMA_FILE);
  await writeWhole(path, schemaText());
  const shown = shownPath(settings.workspace.cwd, path);
  await output.result({ json: { ok: true, path: shown }, pretty: () => `Wrote ${shown}` });
  return 0;
};
