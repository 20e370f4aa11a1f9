import { readFileSync } from "node:fs";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { Bug, PACKAGE_ROOT, UserError } from "../base/index.ts";
import type { Flags, Loaded } from "./config.ts";
import { COMMANDS, type CommandDefinition, type ExitCode, type OptionDefinition } from "./definitions.ts";
import { FORMATS, type Format, Output } from "./output/output.ts";
import { hasColour, ignoreClosedPipes } from "./output/streams.ts";

/** The width of help pages, the same everywhere: docs/cli.md is made of them. */
const HELP_WIDTH = 100;

const LAST_PORT = 65_535;

const { version } = JSON.parse(readFileSync(new URL("package.json", PACKAGE_ROOT), "utf8"));

/** Runs the command line to its end and leaves the process with its exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  ignoreClosedPipes();
  const code = await runCli(argv);
  // What a command may have left open (a socket, a worker) must not keep the process alive.
  process.exit(code);
}

/** Runs the command line to its end. Prints whatever there is to say; never throws. */
async function runCli(argv: readonly string[]): Promise<ExitCode> {
  const early = new Output(outputOptions(formatIn(argv), false, true, process.cwd()));
  let code: ExitCode = 0;
  const named = COMMANDS.filter(({ name }) => name === argv[0]);
  // Where a command is named, the others would take longer to declare than it takes to start.
  const program = createProgram(
    early,
    (done) => {
      code = done;
    },
    named.length > 0 ? named : COMMANDS,
  );
  try {
    await program.parseAsync(argv.length === 0 ? ["--help"] : [...argv], { from: "user" });
  } catch (error) {
    code = 2;
    // 0 is commander's way out after help and version.
    if (error instanceof CommanderError && error.exitCode === 0) code = 0;
    else if (!(error instanceof CommanderError)) early.failure(error);
    else if (error.code !== "commander.help") early.failure(usageError(error));
  }
  await early.flush();
  return code;
}

/** The format that a command line asks for, whatever else is wrong with it. */
function formatIn(argv: readonly string[]): Format {
  const at = argv.findIndex((word) => word === "--format" || word.startsWith("--format="));
  const wish = argv[at]?.split("=")[1] ?? argv[at + 1];
  return FORMATS.find((format) => at >= 0 && format === wish) ?? "pretty";
}

/**
 * What commander says of a command line that makes no sense, in our words' form: without the values of arguments that are
 * too many or of options that there are not, as they may be secrets.
 */
function usageError({ code, message }: CommanderError): UserError {
  const said = message.replace(/^error: /, "").replace(/^(too many arguments[^:]*): .*$/s, "$1");
  const [what = "", guess] = said.replace(/^(unknown option '-[^=]*)=.*'/s, "$1'").split(/\s*\n\s*/);
  const name = code.replace(/^commander\./, "").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const hint = guess?.replace(/^\((.*)\)$/, "$1") ?? "`sentinel help` shows what there is.";
  return new UserError(
    `usage.${name}`,
    `${what.charAt(0).toUpperCase()}${what.slice(1)}`.replace(/\.?$/, "."),
    hint,
  );
}

/**
 * The whole command line as commander knows it: every command with its options and help, none of them loaded yet.
 * @param done told the exit code of the command that ran
 * @param commands those that there are
 */
export function createProgram(
  output: Output,
  done: (code: ExitCode) => void,
  commands: readonly CommandDefinition[] = COMMANDS,
): Command {
  const program = new Command("sentinel")
    .description("A printing press for MCP connectors: checks folders, generates servers, registers drafts.")
    .version(String(version), "--version", "print the version")
    .helpOption("-h, --help", "show help")
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, helpWidth: HELP_WIDTH })
    .configureOutput({
      writeOut: (text) => output.plain(text),
      writeErr: (text) => output.usage(text),
      // Said at the end, in the format asked for.
      outputError: () => {},
      getOutHelpWidth: () => HELP_WIDTH,
      getErrHelpWidth: () => HELP_WIDTH,
    });
  for (const option of globalOptions()) program.addOption(option);
  program.addHelpText("after", examples(FIRST_STEPS));
  for (const definition of commands) addCommand(program, definition, done);
  return program;
}

const FIRST_STEPS = [
  ["sentinel new acme", "a connector's folder to start from"],
  ["sentinel check", "what is wrong, where, and what to write instead"],
  ["sentinel run", "generate and register everything, as drafts"],
  ["sentinel review list", "what waits for a person"],
] as const;

function globalOptions(): Option[] {
  return [
    text("--cwd <dir>", "where connectors/, sentinel.config.yaml and .sentinel/ are"),
    text("--connectors <dir>", "the folder of connectors (default: connectors)"),
    text("--source <name>", "whose connectors these are (default: default)"),
    text("--registry <dir>", "embedded registry (default: .sentinel/registry)").conflicts("databaseUrl"),
    text("--database-url <url>", "registry in PostgreSQL"),
    text("--as <name>", "under whose name decisions are recorded"),
    new Option("--format <format>", "how results are printed").choices(FORMATS),
    new Option("-q, --quiet", "results only: no progress, no remarks"),
    new Option("--no-color", "no colours (also: NO_COLOR)"),
  ];
}

function text(flags: string, description: string): Option {
  return new Option(flags, description).argParser(named);
}

/** What an option was given; nothing, as from a variable of the shell that is not set, was not meant. */
function named(value: string): string {
  if (value.split(",").every((one) => one.trim() === "")) throw new InvalidArgumentError("Nothing is named.");
  return value;
}

function examples(list: CommandDefinition["examples"]): string {
  const width = Math.max(...list.map(([command]) => command.length));
  const long = width > 60;
  const lines = list.map(([command, does]) =>
    long ? `  # ${does}\n  ${command}` : `  ${command.padEnd(width)}  # ${does}`,
  );
  return `\nExamples:\n${lines.join("\n")}`;
}

function addCommand(parent: Command, definition: CommandDefinition, done: (code: ExitCode) => void): void {
  const { name, args, summary, description, excess, options = [], commands = [] } = definition;
  const command = parent.command(name).summary(summary).description(description);
  if (excess !== undefined) {
    command.exitOverride((error) => {
      if (error.code !== "commander.excessArguments") throw error;
      throw new UserError("usage.excess_arguments", usageError(error).message, excess);
    });
  }
  if (args !== undefined) command.arguments(args);
  for (const option of options) command.addOption(toOption(option));
  command.addHelpText("after", examples(definition.examples));
  for (const child of commands) addCommand(command, child, done);
  if (definition.load !== undefined) {
    command.action(async () => done(await execute(definition, command)));
  }
}

function toOption({ flags, description, kind, choices }: OptionDefinition): Option {
  const option = new Option(flags, description);
  if (choices !== undefined) option.choices(choices);
  else if (flags.includes("<")) option.argParser(named);
  if (kind === "whole" || kind === "port") {
    option.argParser((text: string): number => {
      const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
      if (kind === "port" && !(number <= LAST_PORT))
        throw new InvalidArgumentError(`A whole number from 0 to ${LAST_PORT} is wanted.`);
      if (Number.isNaN(number)) throw new InvalidArgumentError("A whole number is wanted.");
      return number;
    });
  }
  if (kind === "list") {
    option.argParser((text: string, before: unknown): string[] => [
      ...(Array.isArray(before) ? before : []),
      named(text),
    ]);
  }
  return option;
}

/** Reads the configuration, runs one command, and says why if it could not run. */
async function execute(definition: CommandDefinition, command: Command): Promise<ExitCode> {
  const options = command.optsWithGlobals();
  const { color, ...flags }: Flags & { color?: boolean } = { ...options, ...shadowed(definition) };
  const wish = flags.format ?? "pretty";
  let output = new Output(outputOptions(wish, flags.quiet ?? false, color !== false, process.cwd()));
  try {
    const { loadSettings } = await import("./config.ts");
    const loaded = await loadSettings(flags);
    const { workspace, quiet } = loaded.settings;
    const format = formatFor(definition, loaded, flags.format);
    output = new Output(outputOptions(format, quiet, color !== false, workspace.cwd));
    if (loaded.diagnostics.length > 0 && definition.tolerant !== true)
      return await badConfiguration(output, loaded);
    return await work(definition, { args: command.args, options }, loaded, output, flags);
  } catch (error) {
    output.failure(error);
    return 2;
  } finally {
    await output.flush();
  }
}

/** An option of the command's own is not the one of the same name that all commands have. */
function shadowed({ options = [] }: CommandDefinition): Record<string, undefined> {
  return Object.fromEntries(options.map((one) => [toOption(one).attributeName(), undefined]));
}

async function work(
  definition: CommandDefinition,
  given: { args: string[]; options: Readonly<Record<string, unknown>> },
  { settings }: Loaded,
  output: Output,
  flags: Flags,
): Promise<ExitCode> {
  if (definition.load === undefined) throw new Bug(`${definition.name} has nothing to run`);
  const [{ run }, { createContext }] = await Promise.all([definition.load(), import("./context.ts")]);
  const { context, close } = createContext(settings, output, flags);
  try {
    return await run(context, given);
  } finally {
    output.clearProgress();
    await close();
  }
}

/** A format that a command can't print is a mistake on the command line; from elsewhere it was meant for others. */
function formatFor(definition: CommandDefinition, { settings }: Loaded, flag: Format | undefined): Format {
  const formats: readonly Format[] = definition.formats ?? ["pretty", "json"];
  if (formats.includes(settings.format)) return settings.format;
  if (flag === undefined) return "pretty";
  const message = `This command can't print ${flag}.`;
  throw new UserError("usage.format", message, `Use --format ${formats.join(" or ")}.`);
}

async function badConfiguration(output: Output, { diagnostics }: Loaded): Promise<ExitCode> {
  await output.result({
    diagnostics,
    pretty: () => "Nothing was done: the configuration is not valid.",
    json: { ok: false, diagnostics },
  });
  return 2;
}

function outputOptions(format: Format, quiet: boolean, colour: boolean, cwd: string) {
  const stream = (which: "stdout" | "stderr"): boolean => colour && hasColour(which);
  return {
    format,
    quiet,
    colour: { stdout: stream("stdout"), stderr: stream("stderr") },
    cwd,
    version: String(version),
  };
}
