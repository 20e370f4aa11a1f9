/**
 * What a generated `mcp.ts` imports, as `connector-sentinel/runtime`: its own entry beside the command, as it needs the
 * same wiring of rooms.
 */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import {
  type Connection,
  type Connector,
  connectorFace,
  PlainError,
  serveConnector,
} from "../runtime/index.ts";

export type { Connector, ConnectorData, ObjectSchema, ToolData } from "../runtime/index.ts";
export { defineConnector } from "../runtime/index.ts";

/**
 * Runs a connector as an MCP server over standard input and output. Its calls go through the gate of the workspace's
 * registry, and are refused unless exactly this content is approved; without a registry its tools are only listed.
 */
export function main(connector: Connector): Promise<void> {
  return serveConnector(connector, connect);
}

async function connect(connector: Connector): Promise<Connection | null> {
  const cwd = workspaceOf([process.cwd(), dirname(resolve(process.argv[1] ?? "."))]);
  if (cwd === null) return null;
  const [{ loadSettings, DEFAULT_AGENT }, { openLongLived }, { engineOf, houseOf }, { registryTarget }] =
    await Promise.all([
      import("./config.ts"),
      import("./wire.ts"),
      import("./engine.ts"),
      import("./target.ts"),
    ]);
  const { settings, diagnostics } = await loadSettings({ cwd });
  const [problem] = diagnostics;
  if (problem !== undefined) {
    const { code, file, line, message, hint } = problem;
    throw new PlainError(code, `${file}:${line}: ${message}`, hint);
  }
  const target = registryTarget(settings.registry, cwd);
  if (target.kind === "pglite" && !existsSync(target.directory)) return null;
  const { registry } = await openLongLived(target, { setUp: false });
  const engine = engineOf(settings, registry.runtime);
  const leave = houseOf(settings, registry, null);
  return {
    face: connectorFace(connector, engine),
    agent: settings.runtime.agent ?? DEFAULT_AGENT,
    close: async () => {
      await leave();
      await engine.close();
      await registry.close();
    },
  };
}

const MARKS = ["sentinel.config.yaml", ".sentinel"];

/** The nearest folder upwards that is a workspace; with a registry in the environment, the first place itself. */
function workspaceOf(places: readonly string[]): string | null {
  for (const place of places) {
    for (let at = place; ; at = dirname(at)) {
      if (MARKS.some((mark) => existsSync(join(at, mark)))) return at;
      if (dirname(at) === at) break;
    }
  }
  const { SENTINEL_DATABASE_URL, SENTINEL_REGISTRY, SUPABASE_URL } = process.env;
  const named = [SENTINEL_DATABASE_URL, SENTINEL_REGISTRY, SUPABASE_URL].some(
    (value) => (value ?? "") !== "",
  );
  return named ? (places[0] ?? null) : null;
}
