import type { AgentosFolder, AgentosOptions, Imported } from "../../../src/import/index.ts";
import { importAgentos } from "../../../src/import/index.ts";
import type { Manifest, Tool } from "../../../src/manifest/index.ts";
import { makeWorkbench } from "../workbench.ts";

/** What an import gave, read back by the manifest's own reader. */
export interface Brought {
  readonly imported: Imported;
  readonly manifest: Manifest;
  readonly warnings: readonly string[];
  readonly lost: readonly string[];
  tool(name: string): Tool;
}

/** Files of a provider: readme.md, `<app>.yaml`, and below `tools/` what the apps say. */
export type Files = Readonly<Record<string, string>>;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The folder of files as the command line reads it. */
export function folderOf(files: Files, name = "acme"): AgentosFolder {
  const entries = Object.entries(files);
  const readme = files["readme.md"];
  return {
    name,
    readme: readme === undefined ? null : encode(readme),
    apps: entries
      .filter(([path]) => /^[\w-]+\.ya?ml$/.test(path))
      .map(([path, text]) => ({ name: path, bytes: encode(text) })),
    schemas: new Map(
      entries
        .filter(([path]) => path.startsWith("tools/"))
        .map(([path, text]) => [path.slice("tools/".length), encode(text)]),
    ),
    others: [],
  };
}

/** Imports folders, and reads what that makes. */
export function makeImporter(): (files: Files, options?: AgentosOptions) => Promise<Brought> {
  const bench = makeWorkbench();
  return async (files, options = {}) => {
    const imported = await importAgentos(folderOf(files), options);
    bench.write(imported.slug, imported.files);
    const reading = await bench.read(imported.slug);
    if (!reading.ok) throw new Error(`not good: ${JSON.stringify(reading.diagnostics, null, 1)}`);
    const { manifest } = reading;
    return {
      imported,
      manifest,
      warnings: reading.diagnostics.map(({ code }) => code),
      lost: imported.report.notCarried.map(({ what, where, why }) => `${where}: ${what}: ${why}`),
      tool: (name) => {
        const tool = manifest.tools.find((one) => one.name === name);
        if (tool === undefined)
          throw new Error(`no tool ${name} among ${manifest.tools.map((one) => one.name)}`);
        return tool;
      },
    };
  };
}

/** A readme.md with lines of YAML at its top. */
export function readme(...lines: string[]): string {
  return [
    "---",
    "id: acme",
    "name: Acme",
    ...lines,
    "---",
    "",
    "# Acme",
    "",
    "## Setup",
    "",
    "Ask Acme.",
  ].join("\n");
}

/** A provider of one app, `things`, with lines of YAML under `actions:`. */
export function provider(actions: string, ...lines: string[]): Files {
  return { "readme.md": readme(...lines), "things.yaml": `actions:\n${actions.replace(/^(?=.)/gm, "  ")}` };
}
