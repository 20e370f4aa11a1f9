import { Bug, type Diagnostic, RegistryRefusal, scrubText, UserError } from "../../base/index.ts";
import { githubAnnotations, githubFailure } from "./github.ts";
import { json } from "./json.ts";
import { type Failure, sarif } from "./sarif.ts";
import { cleanLines, guard, type Paint, paint } from "./text.ts";

export const FORMATS = ["pretty", "json", "github", "sarif"] as const;
export type Format = (typeof FORMATS)[number];

/** What a command has to say, once per format; only the one asked for is made. */
export interface Report {
  /** For people. `diagnostics` stand before it and need no mention in it. */
  readonly pretty: (colour: Paint) => string;
  /** The object that `--format json` prints, without `format_version`. */
  readonly json: object;
  readonly diagnostics?: readonly Diagnostic[];
}

/** A stream as far as we need it; process.stdout and process.stderr are two. */
export interface Stream {
  readonly isTTY?: boolean;
  write(text: string, done: (error?: Error | null) => void): boolean;
}

/** How to print. */
export interface OutputOptions {
  readonly format: Format;
  readonly quiet: boolean;
  readonly colour: { readonly stdout: boolean; readonly stderr: boolean };
  /** What the files of diagnostics are relative to. */
  readonly cwd: string;
  readonly version: string;
}

/** The only place that prints: results on stdout, everything else on stderr. */
export class Output {
  readonly options: OutputOptions;
  readonly #stdout: Stream;
  readonly #stderr: Stream;
  readonly #pending = new Set<Promise<void>>();
  #line = false;

  constructor(options: OutputOptions, stdout: Stream = process.stdout, stderr: Stream = process.stderr) {
    this.options = options;
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  get format(): Format {
    return this.options.format;
  }

  /** Prints the command's result in the format asked for. */
  async result(report: Report): Promise<void> {
    const text = await this.#rendered(report);
    if (text !== "") this.#print(text);
  }

  async #rendered(report: Report): Promise<string> {
    const { format, cwd, version, colour } = this.options;
    const diagnostics = report.diagnostics ?? [];
    switch (format) {
      case "json":
        return json(report.json);
      case "sarif":
        return sarif(diagnostics, version);
      case "github":
        return githubAnnotations(diagnostics);
      default: {
        const palette = paint(colour.stdout);
        const parts = [report.pretty(palette)];
        if (diagnostics.length > 0) {
          const { prettyDiagnostics } = await import("./diagnostics.ts");
          parts.unshift(prettyDiagnostics(diagnostics, cwd, palette));
        }
        return guard(parts.filter((part) => part !== "").join("\n\n"));
      }
    }
  }

  /** Prints text as it is: a help page, a schema. */
  plain(text: string): void {
    this.#print(text.replace(/\n$/, ""));
  }

  /** What commander has to say of a command line that makes no sense. */
  usage(text: string): void {
    this.#write(this.#stderr, guard(text));
  }

  /** A remark beside the result, on stderr; nothing when quiet. */
  note(text: string): void {
    if (this.options.quiet) return;
    this.clearProgress();
    this.#write(this.#stderr, `${guard(cleanLines(text))}\n`);
  }

  /** Rewrites one line on a terminal; nothing anywhere else. */
  progress(text: string): void {
    if (this.options.quiet || this.#stderr.isTTY !== true) return;
    this.#line = true;
    this.#write(this.#stderr, `\r\u001b[K${guard(cleanLines(text))}`);
  }

  /** Takes the progress line away. */
  clearProgress(): void {
    if (!this.#line) return;
    this.#line = false;
    this.#write(this.#stderr, "\r\u001b[K");
  }

  /** Says why the command could not run: in the machine formats on stdout, for people on stderr. */
  failure(error: unknown): void {
    const failure = describe(error);
    const { code, message, hint } = failure;
    this.clearProgress();
    const { format, version, colour } = this.options;
    if (format === "json") {
      const details = error instanceof RegistryRefusal ? { details: error.details } : {};
      this.#print(json({ ok: false, error: { ...failure, ...details } }));
    } else if (format === "sarif") {
      this.#print(sarif([], version, failure));
    } else if (format === "github") {
      this.#print(githubFailure(code, message, hint));
    }
    const bug = !(error instanceof UserError);
    if (format !== "pretty" && !bug) return;
    const palette = paint(colour.stderr);
    const lines = [`${palette.red("error")} ${palette.dim(code)}`, `  ${cleanLines(message)}`];
    if (hint !== "") lines.push(`  ${palette.cyan("hint:")} ${cleanLines(hint)}`);
    if (bug) lines.push(cleanLines(stackOf(error)));
    this.#write(this.#stderr, `${guard(lines.join("\n"))}\n`);
  }

  /** Waits until everything printed has left. */
  async flush(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #print(text: string): void {
    this.clearProgress();
    this.#write(this.#stdout, `${text}\n`);
  }

  /** A reader that went away (EPIPE, `| head`) is no failure of ours: the rest is dropped and the work goes on. */
  #write(stream: Stream, text: string): void {
    const written = new Promise<void>((resolve) => {
      stream.write(text, () => resolve());
    });
    this.#pending.add(written);
    void written.then(() => this.#pending.delete(written));
  }
}

/** A failure as data; texts are scrubbed, as a driver's message may quote a URL with its password. */
function describe(error: unknown): Failure {
  if (error instanceof UserError) {
    return { code: error.code, message: scrubText(error.message), hint: scrubText(error.hint) };
  }
  const message = error instanceof Error ? error.message : String(error);
  const hint = "This is a fault of connector-sentinel itself; please report it with what is printed here.";
  return {
    code: error instanceof Bug ? "internal.bug" : "internal.error",
    message: scrubText(message),
    hint,
  };
}

function stackOf(error: unknown): string {
  return scrubText(error instanceof Error ? (error.stack ?? "") : "");
}
