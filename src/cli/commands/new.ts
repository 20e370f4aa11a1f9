import { existsSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { CODES, UserError } from "../../base/index.ts";
import { nameProblem, vaultPlatform } from "../../manifest/index.ts";
import { shownPath } from "../config.ts";
import type { CommandModule } from "../definitions.ts";
import { writeFolder, writeWhole } from "../files.ts";
import { argument, textOption } from "../options.ts";
import { nameFromSlug, skeletonManifest, skeletonReadme, skeletonTests } from "../skeleton.ts";
import { SCHEMA_FILE, schemaText } from "./schema.ts";

const MAX_NAME = 80;

/** `sentinel new`. */
export const run: CommandModule["run"] = async ({ settings, output }, given) => {
  const { cwd, connectors } = settings.workspace;
  const slug = argument(given, 0);
  refuse(slug, connectors);
  const folder = join(connectors, slug);
  const name = displayName(textOption(given, "name") ?? nameFromSlug(slug));
  await writeFolder(folder, {
    "manifest.yaml": skeletonManifest(slug, name),
    "README.md": skeletonReadme(slug, name),
    "tests.yaml": skeletonTests(),
  });
  const files = ["README.md", "manifest.yaml", "tests.yaml"].map((path) => join(folder, path));
  const schema = join(connectors, SCHEMA_FILE);
  if (!existsSync(schema)) {
    await writeWhole(schema, schemaText());
    files.push(schema);
  }
  const paths = files.map((path) => shownPath(cwd, path));
  await output.result({
    json: { ok: true, provider_slug: slug, files: paths },
    pretty: (colour) =>
      [
        ...paths.map((path) => `wrote ${path}`),
        "",
        `Next: edit ${paths[1]}, then ${colour.bold(`sentinel check ${slug}`)}`,
      ].join("\n"),
  });
  return 0;
};

/** @throws UserError when the slug can't be a connector's, or is one already, or would share another's vault keys */
function refuse(slug: string, connectors: string): void {
  const problem = nameProblem(slug);
  if (problem !== null) throw new UserError(problem.code, problem.message, CODES[problem.code].remedy);
  if (lstatSync(join(connectors, slug), { throwIfNoEntry: false }) !== undefined) {
    throw new UserError("files.exists", `There is a connector ${slug} already.`, "Choose another name.");
  }
  const platform = vaultPlatform(slug);
  const rival = existsSync(connectors)
    ? readdirSync(connectors).find((other) => vaultPlatform(other) === platform)
    : undefined;
  if (rival === undefined) return;
  const code = "folder.vault_collision";
  throw new UserError(
    code,
    `${slug} would share the vault keys of ${platform} with ${rival}.`,
    CODES[code].remedy,
  );
}

function displayName(name: string): string {
  const trimmed = name.trim();
  if (trimmed !== "" && trimmed.length <= MAX_NAME) return trimmed;
  throw new UserError(
    "usage.name",
    `A name has 1 to ${MAX_NAME} characters.`,
    "Pass another one with --name.",
  );
}
