import { AGENT_COMMANDS } from "./agent-definitions.ts";
import type { Context } from "./context.ts";
import { IMPORT } from "./import-definitions.ts";
import type { Format } from "./output/output.ts";
import { REVIEW } from "./review-definitions.ts";
import { RUNTIME_COMMANDS } from "./runtime-definitions.ts";

/** What was given to a command besides the options that all understand. */
export interface Given {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** Exit codes: fine, findings, could not run. */
export type ExitCode = 0 | 1 | 2;

export interface CommandModule {
  /** Does the command's work. Users' mistakes are thrown as UserError, findings are returned as 1. */
  run(context: Context, given: Given): Promise<ExitCode>;
}

export interface OptionDefinition {
  readonly flags: string;
  readonly description: string;
  /** `whole`: a whole number from 0; `port`: one up to 65535; `list`: may be given several times. */
  readonly kind?: "whole" | "port" | "list";
  readonly choices?: readonly string[];
}

/** A command as help and parser know it; its work is loaded when it is called and not before. */
export interface CommandDefinition {
  readonly name: string;
  /** Its arguments in commander's notation: `<slug>`, `[slug...]`. */
  readonly args?: string;
  /** One line, for lists. */
  readonly summary: string;
  readonly description: string;
  readonly options?: readonly OptionDefinition[];
  readonly examples: readonly (readonly [command: string, does: string])[];
  /** What `--format` may be; without it pretty and json. */
  readonly formats?: readonly Format[];
  /** What to do instead, for whoever gives more arguments than there are. */
  readonly excess?: string;
  /** Works without a sound sentinel.config.yaml. */
  readonly tolerant?: boolean;
  readonly load?: () => Promise<CommandModule>;
  readonly commands?: readonly CommandDefinition[];
}

const ALL_FORMATS = ["pretty", "json", "github", "sarif"] as const;

const ALLOW_ARCHIVE: OptionDefinition = {
  flags: "--allow-archive <count>",
  description: "how many connectors may be archived because their folders are gone",
  kind: "whole",
};

/** Every command, in the order of help. */
export const COMMANDS: readonly CommandDefinition[] = [
  {
    name: "check",
    args: "[slug...]",
    summary: "validate connectors and compare their generated files",
    description:
      "Validates connectors and compares their generated files. Writes nothing and needs no registry.\nWithout slugs: all of them, and what they must not have in common.",
    examples: [
      ["sentinel check", "every connector"],
      ["sentinel check shopify --format json", "one connector, as an agent reads it"],
      ["sentinel check --format github", "annotations on a pull request"],
    ],
    formats: ALL_FORMATS,
    load: () => import("./commands/check.ts"),
  },
  {
    name: "plan",
    args: "[slug...]",
    summary: "show what run would change in files and registry",
    description:
      "Shows what `run` would change, per file and per field of the registry, and changes nothing.\nHuman decisions are not listed, as no run touches them.",
    options: [ALLOW_ARCHIVE],
    examples: [
      ["sentinel plan", "all that would change"],
      ["sentinel plan --format json", "the same as data"],
    ],
    formats: ALL_FORMATS,
    load: () => import("./commands/plan.ts"),
  },
  {
    name: "run",
    args: "[slug...]",
    summary: "check, generate and register once",
    description:
      "Checks every connector, writes its generated files, and registers its content as a draft. A connector with errors keeps its last good revision; its neighbours are registered.\nA draft serves nobody until a person approves it: see `sentinel review`.",
    options: [
      ALLOW_ARCHIVE,
      { flags: "--changes", description: "say what changed in the registry, per row and field" },
    ],
    examples: [
      ["sentinel run", "every connector, into the embedded registry"],
      ["sentinel run --database-url postgres://sentinel@db/registry", "into PostgreSQL"],
      ["sentinel run --allow-archive 3", "three folders were deleted on purpose"],
    ],
    formats: ALL_FORMATS,
    load: () => import("./commands/run.ts"),
  },
  {
    name: "watch",
    summary: "do the same for ever, as folders change",
    description:
      "The daemon: registers what changes, within a moment, until it is stopped (SIGTERM finishes the work at hand). SIGHUP reads sentinel.config.yaml again. Logs go to standard error.",
    options: [
      ALLOW_ARCHIVE,
      {
        flags: "--health-port <port>",
        description: "serve /healthz, /readyz and /metrics on 127.0.0.1 (0: any free port)",
        kind: "port",
      },
      {
        flags: "--log-level <level>",
        description: "least important log line to write",
        choices: ["debug", "info", "warn", "error"],
      },
    ],
    examples: [
      ["sentinel watch", "until Ctrl-C"],
      ["sentinel watch --health-port 9464", "as a service"],
    ],
    load: () => import("./commands/watch.ts"),
  },
  {
    name: "status",
    summary: "list what is registered, in which state",
    description: "Lists what is registered, in which state, and what each draft still needs from a person.",
    examples: [
      ["sentinel status", "a table"],
      ["sentinel status --format json", "the same as data"],
    ],
    load: () => import("./commands/status.ts"),
  },
  {
    name: "show",
    args: "<slug>",
    summary: "show all that is registered of one connector",
    description:
      "Shows everything that is registered of one connector: its declaration, what a person has decided, what is served now, which draft waits and how it differs.",
    examples: [
      ["sentinel show shopify", "for people"],
      ["sentinel show shopify --format json", "as data"],
    ],
    load: () => import("./commands/show.ts"),
  },
  REVIEW,
  ...RUNTIME_COMMANDS,
  ...AGENT_COMMANDS,
  {
    name: "new",
    args: "<slug>",
    summary: "write the folder of a new connector",
    description:
      "Writes connectors/<slug>/ with a manifest that passes `check` and explains itself, cases in tests.yaml, and a README. An existing folder is left alone.",
    options: [
      { flags: "--name <name>", description: "display_name of the provider; from the slug if absent" },
    ],
    examples: [
      ["sentinel new tiktok-ads", "connectors/tiktok-ads/"],
      ['sentinel new acme --name "ACME Corp"', "with its proper name"],
    ],
    load: () => import("./commands/new.ts"),
  },
  IMPORT,
  {
    name: "build",
    args: "<file>",
    summary: "make a connector's folder of a TypeScript file",
    description:
      "Runs a file that declares a connector with connector-sentinel/sdk (docs/sdk.md), in a process of its own without environment, and writes connectors/<slug>/: manifest.yaml, and service.ts where tools have handlers. The same file gives the same bytes.",
    options: [{ flags: "--dry-run", description: "say what would be written, and write nothing" }],
    examples: [
      ["sentinel build acme.ts", "connectors/acme/"],
      ["sentinel build src/acme.ts --dry-run --format json", "whether the folder is up to date, as data"],
    ],
    formats: ALL_FORMATS,
    load: () => import("./commands/build.ts"),
  },
  {
    name: "contract",
    args: "<slug>",
    summary: "print a connector's God Config contract",
    description:
      "Prints the contract JSON of a connector, as its manifest says (docs/contract.md). It is always a draft and decides nothing; `sentinel import contract` reads it back.",
    options: [
      {
        flags: "--output <path>",
        description:
          "write it to this file instead, or into this folder as {PROVIDER}_CONNECTOR_CONTRACT.json",
      },
    ],
    examples: [
      ["sentinel contract shopify", "on standard output"],
      ["sentinel contract shopify --output contracts/", "contracts/SHOPIFY_CONNECTOR_CONTRACT.json"],
    ],
    load: () => import("./commands/contract.ts"),
  },
  {
    name: "certify",
    args: "<slug>",
    summary: "judge a connector by the five gates of certification",
    description:
      "Judges a connector by five gates, with evidence for each: contract, safety, audit, docs and tests (tests.yaml, whose cases are run with their recorded answers). What only people can decide is pending. Writes nothing, sends nothing and needs no registry.",
    examples: [
      ["sentinel certify shopify", "for people"],
      ["sentinel certify shopify --format json", "as data"],
    ],
    load: () => import("./commands/certify.ts"),
  },
  {
    name: "schema",
    summary: "print the JSON Schema of manifest.yaml",
    description:
      "Prints the JSON Schema (draft-07) of manifest.yaml, which editors use to complete and check it.",
    options: [{ flags: "--write", description: "write it to connectors/manifest.schema.json instead" }],
    examples: [
      ["sentinel schema > manifest.schema.json", "to a file of your choice"],
      ["sentinel schema --write", "where `sentinel new` expects it"],
    ],
    load: () => import("./commands/schema.ts"),
  },
  {
    name: "migrate",
    summary: "set up or update the registry's database",
    description:
      "Brings the registry's tables and functions up to date. Safe at any time, by any number of processes. The embedded registry does it by itself; on PostgreSQL it needs a login that may create roles; Supabase has its own tool (docs/cli.md).",
    examples: [
      ["sentinel migrate", "the registry that is configured"],
      ["sentinel migrate --database-url postgres://postgres@db/registry", "PostgreSQL, as its owner"],
    ],
    load: () => import("./commands/migrate.ts"),
  },
  {
    name: "doctor",
    summary: "say what is wrong with this installation",
    description:
      "Looks at everything that a run needs, and says what is wrong and how to mend it. Changes nothing.",
    examples: [
      ["sentinel doctor", "for people"],
      ["sentinel doctor --format json", "as data"],
    ],
    tolerant: true,
    load: () => import("./commands/doctor.ts"),
  },
];
