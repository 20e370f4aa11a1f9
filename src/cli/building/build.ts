import { readFileSync } from "node:fs";
import {
  compareDiagnostics,
  type Diagnostic,
  diagnostic,
  type JsonObject,
  type Span,
  WHOLE_FILE,
} from "../../base/index.ts";
import { Notes, writeFolder } from "../../import/index.ts";
import { nameProblem, SCHEMA_COMMENT, unerasable } from "../../manifest/index.ts";
import type { DeclaredTool, Place } from "./declaration.ts";
import { type Service, serviceOf } from "./service.ts";
import { runSource } from "./source.ts";

/** What a file was made into. */
export interface Built {
  /** Null where there is no connector in the file. */
  readonly slug: string | null;
  /** Path within the folder → text. */
  readonly files: Readonly<Record<string, string>>;
  /** Where in the file a tool is made, by its name; where the connector is, by the empty text. */
  readonly spans: ReadonlyMap<string, Span>;
  readonly diagnostics: readonly Diagnostic[];
}

/** How a manifest says that it was built; in front of the name of the file. */
export const BUILT = "# Built by `sentinel build`, service.ts too. Change ";

/**
 * Makes a connector's files of a TypeScript file that declares it. The same file gives the same bytes.
 * @param file absolute path, links resolved
 * @param display what diagnostics call it
 */
export async function build(file: string, display: string, cwd: string): Promise<Built> {
  const source = readFileSync(file, "utf8").replace(/^\ufeff/, "");
  const lines = source.split("\n");
  const spanOf = (place: Place | null): Span => (place?.file === file ? spanAt(lines, place) : WHOLE_FILE);
  const problems = /\.[mc]?js$/.test(file) ? [] : await unerasable(source);
  if (problems.length > 0) {
    const diagnostics = problems.map(({ start, message, hint }) =>
      diagnostic("build.failed", display, spanAt(lines, placeAt(file, source, start)), message, hint),
    );
    return { slug: null, files: {}, spans: new Map(), diagnostics };
  }
  const answer = await runSource(file, cwd);
  if ("message" in answer) {
    const thrown = diagnostic(
      "build.failed",
      display,
      spanOf(answer.place),
      `The file can't be run: ${answer.message}`,
    );
    return { slug: null, files: {}, spans: new Map(), diagnostics: [thrown] };
  }
  const { fields, schemas, tools, faults, place, code } = answer;
  const spans = new Map(tools.map((tool) => [String(tool.fields.name), spanOf(tool.place ?? place)]));
  spans.set("", spanOf(place));
  const found = faults.map(({ code, message, hint, place }) =>
    diagnostic(code, display, spanOf(place), message, hint),
  );
  const service = serviceOf(source, code, wantedOf(tools, file, lines));
  found.push(
    ...service.refusals.map(({ tool, message, at }) => {
      const span = at === null ? (spans.get(tool) ?? WHOLE_FILE) : spanAt(lines, placeAt(file, source, at));
      return diagnostic("build.handler", display, span, message);
    }),
  );
  const slug = typeof fields.provider_slug === "string" ? fields.provider_slug : "";
  const problem = place === null ? null : nameProblem(slug);
  if (problem !== null) found.push(diagnostic(problem.code, display, spanOf(place), problem.message));
  const diagnostics = found.sort(compareDiagnostics);
  if (diagnostics.length > 0) return { slug: slug || null, files: {}, spans, diagnostics };
  return filesOf({ slug, fields, schemas, tools, service, spans, display });
}

interface Parts {
  readonly slug: string;
  readonly fields: JsonObject;
  readonly schemas: JsonObject;
  readonly tools: readonly DeclaredTool[];
  readonly service: Service;
  readonly spans: ReadonlyMap<string, Span>;
  readonly display: string;
}

/** The files of a connector that has nothing wrong so far. */
async function filesOf({ slug, fields, schemas, tools, service, spans, display }: Parts): Promise<Built> {
  const notes = new Notes();
  const draft = {
    slug,
    fields,
    schemas: new Map(Object.entries(schemas).map(([name, schema]) => [name, Object(schema)])),
    tools: tools.map((tool) => ({ tool: withHandler(tool, service), group: "tools" })),
    readme: { about: "", sources: [], limitations: [] },
  };
  const { files } = await writeFolder(draft, {}, notes);
  const { "manifest.yaml": manifest = "", "README.md": _, ...rest } = files;
  const name = display.split("/").at(-1) ?? display;
  const head = `${SCHEMA_COMMENT}\n${BUILT}${name} and build again.`;
  const diagnostics = notes.list.map(({ what, where, why }) =>
    diagnostic(
      "build.not_data",
      display,
      spans.get(where) ?? spans.get("") ?? WHOLE_FILE,
      `${what} (${where}): ${why}.`,
    ),
  );
  const written: Record<string, string> = {
    "manifest.yaml": manifest.replace(SCHEMA_COMMENT, head),
    ...rest,
  };
  if (service.text !== "") written["service.ts"] = service.text;
  return { slug, files: written, spans, diagnostics };
}

function withHandler({ fields, hasHandler }: DeclaredTool, { functions }: Service): JsonObject {
  return hasHandler ? { ...fields, handler: functions.get(String(fields.name)) ?? "" } : fields;
}

function wantedOf(
  tools: readonly DeclaredTool[],
  file: string,
  lines: readonly string[],
): { tool: string; at: number | null }[] {
  return tools
    .filter(({ hasHandler }) => hasHandler)
    .map(({ fields, place }) => ({
      tool: String(fields.name),
      at: place?.file === file ? offsetOf(lines, place) : null,
    }));
}

function offsetOf(lines: readonly string[], { line, column }: Place): number {
  const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  return before + column - 1;
}

function placeAt(file: string, source: string, at: number): Place {
  const before = source.slice(0, at).split("\n");
  return { file, line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

/** The word at a place. */
function spanAt(lines: readonly string[], { line, column }: Place): Span {
  const text = lines[line - 1] ?? "";
  const start = [...text.slice(0, column - 1)].length + 1;
  const word = /^[\w$]+/.exec(text.slice(column - 1))?.[0] ?? " ";
  return { line, column: start, end_line: line, end_column: start + [...word].length };
}
