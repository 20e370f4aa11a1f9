import type { CodeMeaning } from "./codes.ts";

/** The codes of what can be wrong with sentinel.config.yaml beyond its shape, and of commands that can't run as they are given. */
export const CLI_CODES = {
  "config.secret": {
    severity: "error",
    meaning: "sentinel.config.yaml would hold a secret.",
    remedy: "Remove it and set the environment variable instead: SENTINEL_DATABASE_URL, SUPABASE_SECRET_KEY.",
  },
  "config.two_registries": {
    severity: "error",
    meaning: "sentinel.config.yaml names more than one registry.",
    remedy: "Keep one of registry, database_url and supabase_url.",
  },
  "config.cwd": {
    severity: "error",
    meaning: "The working directory that is named does not exist.",
    remedy: "Create it, or name another one with --cwd.",
  },
  "config.database_url": {
    severity: "error",
    meaning: "The database URL is not a URL of PostgreSQL.",
    remedy: "Write postgres://user@host:5432/database.",
  },
  "config.environment": {
    severity: "error",
    meaning: "A variable of the environment has a value that makes no sense.",
    remedy: "Correct it or unset it; docs/config.md names every variable.",
  },
  "config.source": {
    severity: "error",
    meaning: "The name of the source is not one.",
    remedy: "Write lower-case letters, digits, `.`, `_` and `-`, at most 64.",
  },
  "config.supabase_key": {
    severity: "error",
    meaning: "Supabase is named as the registry, and there is no key for it.",
    remedy:
      "Set SUPABASE_SECRET_KEY; a person who reviews sets SUPABASE_PUBLISHABLE_KEY and SENTINEL_ACCESS_TOKEN.",
  },
  "config.supabase_url": {
    severity: "error",
    meaning: "The URL of Supabase is not one.",
    remedy: "Write https://<project>.supabase.co.",
  },
  "check.unknown_connector": {
    severity: "error",
    meaning: "A connector is named that no folder has.",
    remedy: "Name a folder of connectors, or none for all of them.",
  },
  "files.exists": {
    severity: "error",
    meaning: "There is something at the place where a new folder would be.",
    remedy: "Choose another name.",
  },
  "files.not_written": {
    severity: "error",
    meaning: "A file can't be written.",
    remedy: "Mend what the message names (space, permissions), then try again.",
  },
  "connect.not_oauth": {
    severity: "error",
    meaning: "The connector's credential does not come by OAuth.",
    remedy: "Store it with `sentinel vault set`.",
  },
  "connect.port_taken": {
    severity: "error",
    meaning: "The port for the provider's answer can't be opened.",
    remedy: "Choose another --port, and tell the provider.",
  },
  "serve.port_taken": {
    severity: "error",
    meaning: "The port to serve on can't be opened.",
    remedy: "Choose another --port, or end what uses it.",
  },
  "serve.bad_host": {
    severity: "error",
    meaning: "The address to serve on is none of this machine's.",
    remedy: "Name an address of this machine with --host: 127.0.0.1, or 0.0.0.0 for all of them.",
  },
  "watch.port_taken": {
    severity: "error",
    meaning: "The port for health and metrics can't be opened.",
    remedy: "Choose another --health-port, or end what uses it.",
  },
  "usage.unknown_command": {
    severity: "error",
    meaning: "The command line names a command that does not exist.",
    remedy: "`sentinel help` shows what there is.",
  },
  "usage.unknown_option": {
    severity: "error",
    meaning: "The command has no such option.",
    remedy: "`sentinel <command> --help` shows its options.",
  },
  "usage.missing_argument": {
    severity: "error",
    meaning: "An argument of the command is missing.",
    remedy: "`sentinel <command> --help` shows what it takes.",
  },
  "usage.argument": {
    severity: "error",
    meaning: "An argument of the command is missing.",
    remedy: "`sentinel <command> --help` shows what it takes.",
  },
  "usage.excess_arguments": {
    severity: "error",
    meaning: "The command takes fewer arguments.",
    remedy: "`sentinel <command> --help` shows what it takes.",
  },
  "usage.invalid_argument": {
    severity: "error",
    meaning: "The value of an option or an argument is not one that it takes.",
    remedy: "Write what the message says.",
  },
  "usage.option_missing_argument": {
    severity: "error",
    meaning: "An option is given without its value.",
    remedy: "Write the value behind it.",
  },
  "usage.conflicting_option": {
    severity: "error",
    meaning: "Two options exclude each other.",
    remedy: "Keep one of them.",
  },
  "usage.conflict": {
    severity: "error",
    meaning: "Two options of the command, or an option and an argument, exclude each other.",
    remedy: "Keep one of them.",
  },
  "usage.decision": {
    severity: "error",
    meaning: "A decision is asked for and none is named.",
    remedy: "Add --type <type>, or --none.",
  },
  "usage.digest": {
    severity: "error",
    meaning: "Nobody can be asked which content is meant.",
    remedy: "Pass --digest with what `sentinel review show` prints, or --yes for whatever is current.",
  },
  "usage.duration": {
    severity: "error",
    meaning: "A length of time or a moment is not one.",
    remedy: "Write 45m, 12h or 7d; a moment also as a date.",
  },
  "usage.field": {
    severity: "error",
    meaning: "An account's field is not set in the form name=value.",
    remedy: "Write name=value; name= takes the field away.",
  },
  "usage.format": {
    severity: "error",
    meaning: "The command does not print that format.",
    remedy: "Use one of the formats that the message names.",
  },
  "usage.input": {
    severity: "error",
    meaning: "The input of a call is no object of JSON.",
    remedy: 'Write --input \'{"id": "42"}\', or - for standard input.',
  },
  "usage.key": {
    severity: "error",
    meaning: "It is not clear which secret is to be deleted.",
    remedy: "Name a key, or pass --all for the account.",
  },
  "usage.name": {
    severity: "error",
    meaning: "The name of a new connector is empty or too long.",
    remedy: "Pass another one with --name.",
  },
  "usage.scopes": {
    severity: "error",
    meaning: "It is not clear which scopes are meant.",
    remedy: "Name them, or pass --all.",
  },
} as const satisfies Record<string, CodeMeaning>;
