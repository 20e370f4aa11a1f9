import { join } from "node:path";
import { z } from "zod";
import { type Diagnostic, type Json, UserError } from "../base/index.ts";
import { type Finding, readYamlFile, UNCOMPILED } from "../manifest/index.ts";
import {
  AGENT_NAME,
  CONFIG_FILE,
  ENVIRONMENT,
  type Environment,
  type Said,
  SOURCE_FORM,
  SOURCE_NAME,
} from "./config.ts";
import { FORMATS } from "./output/output.ts";
import { passwordOf } from "./target.ts";

const text = z.string().min(1).max(1000);
const whole = (low: number, high: number) =>
  z.number().refine((value) => Number.isInteger(value) && value >= low && value <= high, {
    error: `write a whole number from ${low} to ${high}`,
  });
const sourceName = z.string().regex(SOURCE_NAME, SOURCE_FORM);

const WATCH = {
  settle_ms: whole(0, 60_000),
  rescan_seconds: whole(1, 86_400),
  poll_seconds: whole(1, 3_600),
  health_port: whole(0, 65_535),
  log_level: z.enum(["debug", "info", "warn", "error"]),
};

const names = z.array(text).max(100);
const RUNTIME = {
  allowed_hosts: names,
  agent: z.string().regex(AGENT_NAME, "letters, digits and . _ @ : + -, at most 128 of them"),
  mode: z.enum(["readonly", "write", "admin"]),
  log_values: z.boolean(),
  hosts: names,
  origins: names,
  capabilities: z.record(z.string().regex(/^[a-z0-9_.]{1,100}$/, "noun.verb"), text),
};

/** The shape of sentinel.config.yaml; every field may be left out. */
const FILE = z.strictObject({
  connectors: text.optional(),
  source: sourceName.optional(),
  registry: text.optional(),
  database_url: text.optional(),
  supabase_url: text.optional(),
  as: text.optional(),
  format: z.enum(FORMATS).optional(),
  quiet: z.boolean().optional(),
  watch: z.strictObject(WATCH).partial().optional(),
  runtime: z.strictObject(RUNTIME).partial().optional(),
});

/** Reads sentinel.config.yaml as strictly as a manifest; one that is not there says nothing. */
export async function readConfigFile(
  cwd: string,
): Promise<{ said: Said; diagnostics: readonly Diagnostic[] }> {
  const { value, diagnostics } = await readYamlFile(join(cwd, CONFIG_FILE), CONFIG_FILE, FILE, secrets);
  return { said: value ?? {}, diagnostics };
}

/** Reads the SENTINEL_* variables by the same shapes. @throws UserError `config.environment` */
export function readEnvironment(environment: Environment): Said {
  const { watch, runtime, ...top } = FILE.shape;
  const shapes: Readonly<Record<string, z.ZodType>> = { ...top, ...WATCH, ...RUNTIME };
  const raw: Record<string, unknown> = {};
  const daemon: Record<string, unknown> = {};
  const serving: Record<string, unknown> = {};
  for (const [variable, key] of Object.entries(ENVIRONMENT)) {
    const said = environment[variable];
    if (said === undefined || said === "") continue;
    if (isNumber(key) && !/^\d+$/.test(said)) throw wrongVariable(variable, "a whole number is wanted");
    const value = key === "quiet" ? readBoolean(said) : isNumber(key) ? Number(said) : said;
    const parsed = shapes[key]?.safeParse(value, UNCOMPILED);
    if (parsed?.success !== true) throw wrongVariable(variable, parsed?.error.issues[0]?.message);
    (key in WATCH ? daemon : key in RUNTIME ? serving : raw)[key] = value;
  }
  return FILE.parse({ ...raw, watch: daemon, runtime: serving }, UNCOMPILED);
}

function isNumber(key: string): boolean {
  return key.endsWith("_ms") || key.endsWith("_seconds") || key.endsWith("_port");
}

function readBoolean(said: string): unknown {
  if (/^(?:1|true|yes|on)$/i.test(said)) return true;
  return /^(?:0|false|no|off)$/i.test(said) ? false : said;
}

function wrongVariable(variable: string, why: string | undefined): UserError {
  const message = `The environment variable ${variable} makes no sense${why === undefined ? "" : `: ${why}`}.`;
  return new UserError(
    "config.environment",
    message,
    "Correct it or unset it; docs/config.md names every variable.",
  );
}

const SECRET_KEY = /secret|password|token|key$/i;

/** What the configuration file must not hold: a password in a URL, a key under whatever name. */
function secrets(raw: Json): Finding[] {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return [];
  const findings: Finding[] = [];
  for (const [name, value] of Object.entries(raw)) {
    if (typeof value === "string" && passwordOf(value) !== null) {
      findings.push({
        code: "config.secret",
        path: [name],
        at: "value",
        message: `${name} holds a password.`,
      });
    } else if (SECRET_KEY.test(name)) {
      findings.push({
        code: "config.secret",
        path: [name],
        at: "key",
        message: `${name} would hold a secret.`,
      });
    }
  }
  const named = ["registry", "database_url", "supabase_url"].filter((name) => Object.hasOwn(raw, name));
  for (const name of named.slice(1)) {
    const message = `${name} names a second registry beside ${named[0]}.`;
    findings.push({ code: "config.two_registries", path: [name], at: "key", message });
  }
  return findings;
}
