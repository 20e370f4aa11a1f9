import type { DestinationStream, LoggerOptions } from "pino";
import { scrub, scrubText } from "./scrub.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Where a long-running command says what happens. The message is a fixed sentence; what varies goes into the fields. */
export interface Logger {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
  setLevel(level: LogLevel): void;
}

export interface LoggerSettings {
  readonly level: LogLevel;
  /** `json`: one object a line; `pretty`: for people at a terminal. */
  readonly format: "json" | "pretty";
  /** Only with `pretty`. */
  readonly colour?: boolean;
  /** Where lines go instead of standard error. */
  readonly destination?: DestinationStream;
}

/**
 * A logger on standard error whose every line is scrubbed by value as its last step, so that no path, depth, case or
 * error object carries a secret out (see `registerSecret`). pino loads here and not before: most commands never log.
 */
export async function createLogger(settings: LoggerSettings): Promise<Logger> {
  const { pino } = await import("pino");
  const options: LoggerOptions = {
    level: settings.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    hooks: { streamWrite: scrubLine },
  };
  const out = settings.destination ?? standardError(pino.destination({ fd: 2, sync: true }));
  const sink = settings.format === "pretty" ? await prettyOver(out, settings.colour ?? false) : out;
  const logger = pino(options, sink);
  return {
    debug: (message, fields = {}) => logger.debug(plain(fields), message),
    info: (message, fields = {}) => logger.info(plain(fields), message),
    warn: (message, fields = {}) => logger.warn(plain(fields), message),
    error: (message, fields = {}) => logger.error(plain(fields), message),
    setLevel: (level) => {
      logger.level = level;
    },
  };
}

/** Whoever read our log may go away (a closed pipe): that must not end the daemon. */
function standardError<T extends { on(event: "error", listener: () => void): unknown }>(stream: T): T {
  stream.on("error", () => {});
  return stream;
}

async function prettyOver(out: DestinationStream, colour: boolean): Promise<DestinationStream> {
  const { prettyFactory } = (await import("pino-pretty")).default;
  const prettify = prettyFactory({
    colorize: colour,
    ignore: "pid,hostname",
    translateTime: "SYS:HH:MM:ss.l",
  });
  return { write: (line: string) => out.write(prettify(line)) };
}

/** One JSON line in, one out; parsed first, so that a value is found in whatever way JSON escapes it. */
function scrubLine(line: string): string {
  try {
    const { level, time, ...rest } = JSON.parse(line);
    return `${JSON.stringify({ level, time, ...Object(scrub(rest)) })}\n`;
  } catch {
    return `${scrubText(line.trimEnd())}\n`;
  }
}

/** Errors at any depth as data (JSON would make `{}` of them), and what refers to itself cut. */
function plain(value: object): object {
  return Object(convert(value, []));
}

function convert(value: unknown, path: readonly object[]): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (path.includes(value) || path.length > 20) return "[cut]";
  const deeper = [...path, value];
  if (Array.isArray(value)) return value.map((one) => convert(one, deeper));
  if (value instanceof Date) return value;
  if (value instanceof Map || value instanceof Set) return convert([...value], path);
  const own = Object.entries(value).map(([name, inner]) => [name, convert(inner, deeper)]);
  if (!(value instanceof Error)) return Object.fromEntries(own);
  const { name, message, stack, cause } = value;
  return {
    type: name,
    message,
    ...Object.fromEntries(own),
    stack,
    ...(cause === undefined ? {} : { cause: convert(cause, deeper) }),
  };
}
