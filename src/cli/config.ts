import { lstatSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { type Diagnostic, type LogLevel, registerSecret, UserError } from "../base/index.ts";
import type { Workspace } from "../reconcile/index.ts";
import type { Mode } from "../runtime/index.ts";
import type { Format } from "./output/output.ts";
import type { RegistryLayer } from "./target.ts";

/** The configuration file, in the working directory. */
export const CONFIG_FILE = "sentinel.config.yaml";

/** What was said on the command line, as commander names it. */
export interface Flags {
  readonly cwd?: string;
  readonly connectors?: string;
  readonly source?: string;
  readonly registry?: string;
  readonly databaseUrl?: string;
  readonly as?: string;
  readonly format?: Format;
  readonly quiet?: boolean;
}

/** What the daemon is told; absent: its own defaults. */
export interface WatchSettings {
  readonly settle_ms?: number | undefined;
  readonly rescan_seconds?: number | undefined;
  readonly poll_seconds?: number | undefined;
  readonly health_port?: number | undefined;
  readonly log_level?: LogLevel | undefined;
}

/** What `serve` and `call` are told; absent: their own defaults. */
export interface RuntimeSettings {
  /** Hosts of the operator's own, for which private addresses and `http://` are allowed. */
  readonly allowed_hosts?: readonly string[] | undefined;
  /** In whose name calls are made over stdio and by `call`. */
  readonly agent?: string | undefined;
  readonly mode?: Mode | undefined;
  /** Whether the activity log has the values of arguments. */
  readonly log_values?: boolean | undefined;
  /** `host:port` under which `serve` is reached, besides loopback. */
  readonly hosts?: readonly string[] | undefined;
  /** Origins of web pages that may use `serve`. */
  readonly origins?: readonly string[] | undefined;
  /** Which connector stands for a capability. */
  readonly capabilities?: Readonly<Record<string, string>> | undefined;
}

/** What one place, the file or the environment, says; the names are those of sentinel.config.yaml. */
export interface Said {
  readonly connectors?: string | undefined;
  readonly source?: string | undefined;
  readonly registry?: string | undefined;
  readonly database_url?: string | undefined;
  readonly supabase_url?: string | undefined;
  readonly as?: string | undefined;
  readonly format?: Format | undefined;
  readonly quiet?: boolean | undefined;
  readonly watch?: WatchSettings | undefined;
  readonly runtime?: RuntimeSettings | undefined;
}

/** Everything that decides how a command runs. */
export interface Settings {
  readonly workspace: Workspace;
  /** `.sentinel` in the working directory; absolute. */
  readonly stateDir: string;
  readonly source: string;
  /** Under whose name a person's decisions are recorded; null: the name of the account on this machine. */
  readonly as: string | null;
  readonly format: Format;
  readonly quiet: boolean;
  /** Who names a registry, strongest first. */
  readonly registry: readonly RegistryLayer[];
  readonly watch: WatchSettings;
  readonly runtime: RuntimeSettings;
  /** Where the vault's master key is said to be; null: nowhere. */
  readonly vaultKey: { readonly text: string | null; readonly file: string | null };
}

export interface Loaded {
  /** Without what the configuration file says where there are diagnostics. */
  readonly settings: Settings;
  readonly diagnostics: readonly Diagnostic[];
}

/** The environment variables that are read, with what they set. */
export const ENVIRONMENT = {
  SENTINEL_CONNECTORS: "connectors",
  SENTINEL_SOURCE: "source",
  SENTINEL_REGISTRY: "registry",
  SENTINEL_DATABASE_URL: "database_url",
  SENTINEL_AS: "as",
  SENTINEL_FORMAT: "format",
  SENTINEL_QUIET: "quiet",
  SENTINEL_SETTLE_MS: "settle_ms",
  SENTINEL_RESCAN_SECONDS: "rescan_seconds",
  SENTINEL_POLL_SECONDS: "poll_seconds",
  SENTINEL_HEALTH_PORT: "health_port",
  SENTINEL_LOG_LEVEL: "log_level",
  SENTINEL_AGENT: "agent",
  SENTINEL_MODE: "mode",
} as const;

/** Those that only name credentials; they have no place in the file. */
export const CREDENTIALS = [
  "SENTINEL_ACCESS_TOKEN",
  "SENTINEL_RUNTIME_TOKEN",
  "SENTINEL_VAULT_KEY",
  "SENTINEL_VAULT_KEY_FILE",
  "SUPABASE_SECRET_KEY",
  "SUPABASE_PUBLISHABLE_KEY",
] as const;

export const SOURCE_NAME = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;
/** The same for people. */
export const SOURCE_FORM = "lower-case letters, digits, `.`, `_` and `-`, at most 64";

/** The name of an agent, as the registry takes it. */
export const AGENT_NAME = /^[A-Za-z0-9][A-Za-z0-9._@:+-]{0,127}$/;
/** In whose name calls are made where nobody says: whoever sits at this machine. */
export const DEFAULT_AGENT = "local";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads flags, environment and sentinel.config.yaml; flags beat environment beats file.
 * Relative paths count from the working directory (`--cwd`).
 * @throws UserError `config.environment` for a variable that makes no sense
 */
export async function loadSettings(flags: Flags, environment: Environment = process.env): Promise<Loaded> {
  const cwd = resolve(flags.cwd ?? ".");
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UserError(
      "config.cwd",
      `There is no folder ${cwd}.`,
      "Create it, or name another one with --cwd.",
    );
  }
  const { said: file, diagnostics } = await fromFile(cwd);
  const env = await fromEnvironment(environment);
  const connectors = resolve(
    cwd,
    expandHome(flags.connectors ?? env.connectors ?? file.connectors ?? "connectors"),
  );
  const settings: Settings = {
    workspace: {
      cwd,
      connectors,
      display: display(cwd, connectors),
      cacheDir: join(cwd, ".sentinel", "cache"),
    },
    stateDir: join(cwd, ".sentinel"),
    source: flagSource(flags.source) ?? env.source ?? file.source ?? "default",
    as: flags.as ?? env.as ?? file.as ?? null,
    format: flags.format ?? env.format ?? file.format ?? "pretty",
    quiet: flags.quiet ?? env.quiet ?? file.quiet ?? false,
    registry: registryLayers(flags, env, file, environment),
    watch: { ...file.watch, ...env.watch },
    runtime: { ...file.runtime, ...env.runtime },
    vaultKey: vaultKey(cwd, environment),
  };
  return { settings, diagnostics };
}

function vaultKey(cwd: string, environment: Environment): Settings["vaultKey"] {
  const text = environment.SENTINEL_VAULT_KEY || null;
  if (text !== null) registerSecret(text);
  const file = environment.SENTINEL_VAULT_KEY_FILE || null;
  return { text, file: file === null ? null : resolve(cwd, expandHome(file)) };
}

function display(cwd: string, connectors: string): string {
  const path = relative(cwd, connectors);
  return path === "" ? "." : path.split(sep).join("/");
}

/** `~` is the shell's business, but in a file there is no shell. */
function expandHome(path: string): string {
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
}

function flagSource(name: string | undefined): string | undefined {
  if (name === undefined || SOURCE_NAME.test(name)) return name;
  throw new UserError("config.source", "--source is not a name of a source.", `Write ${SOURCE_FORM}.`);
}

// The strict reader takes its time to load; a directory without a file, which is the usual case, is spared it.

async function fromFile(cwd: string): Promise<{ said: Said; diagnostics: readonly Diagnostic[] }> {
  if (lstatSync(join(cwd, CONFIG_FILE), { throwIfNoEntry: false }) === undefined)
    return { said: {}, diagnostics: [] };
  const { readConfigFile } = await import("./config-file.ts");
  return readConfigFile(cwd);
}

async function fromEnvironment(environment: Environment): Promise<Said> {
  if (Object.keys(ENVIRONMENT).every((name) => (environment[name] ?? "") === "")) return {};
  const { readEnvironment } = await import("./config-file.ts");
  return readEnvironment(environment);
}

function registryLayers(flags: Flags, env: Said, file: Said, environment: Environment): RegistryLayer[] {
  const credentials = {
    key: environment.SUPABASE_SECRET_KEY || environment.SUPABASE_PUBLISHABLE_KEY || null,
    accessToken: environment.SENTINEL_ACCESS_TOKEN || null,
    runtimeToken: environment.SENTINEL_RUNTIME_TOKEN || null,
  };
  for (const secret of Object.values(credentials)) if (secret !== null) registerSecret(secret);
  const layer = (
    from: string,
    directory?: string,
    databaseUrl?: string,
    supabaseUrl?: string,
  ): RegistryLayer => ({
    from,
    directory: directory === undefined ? null : expandHome(directory),
    databaseUrl: databaseUrl ?? null,
    supabaseUrl: supabaseUrl ?? null,
    ...credentials,
  });
  return [
    layer("the command line", flags.registry, flags.databaseUrl),
    layer("the environment (SENTINEL_*)", env.registry, env.database_url),
    // Weaker than our own variables: a machine may have it for other programs.
    layer("the environment (SUPABASE_URL)", undefined, undefined, environment.SUPABASE_URL || undefined),
    layer(CONFIG_FILE, file.registry, file.database_url, file.supabase_url),
  ];
}

/** A path as people read it: relative to the working directory where it lies below it. */
export function shownPath(cwd: string, path: string): string {
  const below = relative(cwd, path);
  return below.startsWith("..") || isAbsolute(below) ? path : below.split(sep).join("/");
}
