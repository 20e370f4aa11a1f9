import { existsSync } from "node:fs";
import { join } from "node:path";
import { CONFIG_FILE, CREDENTIALS, DEFAULT_AGENT, type Settings } from "../../config.ts";
import type { CommandModule } from "../../definitions.ts";
import { DEFAULT_MODE } from "../../engine.ts";
import { columns } from "../../output/text.ts";
import { registryTarget } from "../../target.ts";

/** `sentinel config show`: what counts here; of what is secret, only whether it is there. */
export const run: CommandModule["run"] = async ({ settings, output }) => {
  const { workspace, source, as, format, watch, runtime } = settings;
  const file = join(workspace.cwd, CONFIG_FILE);
  const config = {
    cwd: workspace.cwd,
    file: existsSync(file) ? file : null,
    connectors: workspace.connectors,
    ...{ source, as, format },
    registry: registryOf(settings),
    vault_key: vaultKeyOf(settings),
    watch,
    runtime: { ...runtime, mode: runtime.mode ?? DEFAULT_MODE, agent: runtime.agent ?? DEFAULT_AGENT },
    credentials: Object.fromEntries(CREDENTIALS.map((name) => [name, (process.env[name] ?? "") !== ""])),
  };
  await output.result({
    json: { config },
    pretty: (colour) => columns(["setting", "value"], rows(config), colour).join("\n"),
  });
  return 0;
};

/** Where the registry is, without who logs in and with what. */
function registryOf(settings: Settings): { readonly kind: string; readonly location: string } {
  const target = registryTarget(settings.registry, settings.workspace.cwd);
  if (target.kind === "pglite") return { kind: target.kind, location: target.directory };
  const { protocol, host, pathname } = new URL(target.url);
  return { kind: target.kind, location: `${protocol}//${host}${pathname}` };
}

function vaultKeyOf({ vaultKey, registry, workspace }: Settings): string {
  if (vaultKey.text !== null) return "SENTINEL_VAULT_KEY";
  if (vaultKey.file !== null) return vaultKey.file;
  const target = registryTarget(registry, workspace.cwd);
  return target.kind === "pglite" ? `${target.directory}.vault-key` : "nowhere";
}

function rows(value: object, prefix = ""): string[][] {
  return Object.entries(value).flatMap(([name, inner]): string[][] => {
    const path = `${prefix}${name}`;
    if (typeof inner === "object" && inner !== null && !Array.isArray(inner)) return rows(inner, `${path}.`);
    if (typeof inner === "boolean" && prefix === "credentials.") return [[path, inner ? "set" : "not set"]];
    return [[path, inner === null ? "-" : Array.isArray(inner) ? inner.join(", ") : String(inner)]];
  });
}
