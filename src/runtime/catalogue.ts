import { byCodeUnit } from "../base/index.ts";
import { closure } from "./definitions.ts";
import type { ConnectorData, ObjectSchema, ToolData } from "./types.ts";

/** Clients drop messages over 10 MiB, and the slowest of them read a message in one piece. */
const PAGE_BYTES = 1_000_000;

/** One page of a list of tools. */
export interface Page {
  readonly tools: readonly ToolData[];
  /** Where the next page starts; absent on the last one. */
  readonly nextCursor?: string;
}

/** The tools of one server, in the form in which they are listed, prepared once for all its connections. */
export interface Catalogue {
  readonly name: string;
  readonly title: string;
  /** Semver. */
  readonly version: string;
  readonly instructions: string | undefined;
  /** The page after a cursor, or the first one; null when the cursor is none of ours. */
  readonly page: (cursor: string | undefined) => Page | null;
  readonly find: (name: string) => ToolData | undefined;
}

/**
 * Prepares a connector's tools: sorted by name, each self-contained with the `$defs` that it reaches, listed in pages of
 * about 1 MB. A tool is completed when it is first asked for, so a large connector starts as fast as a small one.
 */
export function createCatalogue(connector: ConnectorData): Catalogue {
  const complete = completer(connector.$defs ?? {});
  const sorted = [...connector.tools].sort((a, b) => byCodeUnit(a.name, b.name));
  const byName = new Map(sorted.map((tool) => [tool.name, tool]));

  const page = (cursor: string | undefined): Page | null => {
    const last = cursor === undefined ? "" : nameInCursor(cursor);
    if (last === null) return null;
    const tools: ToolData[] = [];
    let bytes = 0;
    // The list may have changed since the cursor was given, so it names a place in the order and not an index.
    for (const tool of sorted) {
      if (tool.name <= last) continue;
      const whole = complete(tool);
      bytes += Buffer.byteLength(JSON.stringify(whole));
      const previous = tools.at(-1);
      if (previous && bytes > PAGE_BYTES) return { tools, nextCursor: cursorAfter(previous.name) };
      tools.push(whole);
    }
    return { tools };
  };

  return {
    name: connector.name,
    title: connector.title,
    // The protocol wants a version; a connector without one is told apart by its content.
    version: connector.version ?? `0.0.0+${connector.digest.slice(0, 12)}`,
    instructions: connector.instructions,
    page,
    find: (name) => {
      const tool = byName.get(name);
      return tool && complete(tool);
    },
  };
}

/** Gives tools the shared definitions that their schemas reach; the definitions themselves are not copied. */
function completer(defs: { readonly [name: string]: unknown }): (tool: ToolData) => ToolData {
  const done = new Map<ToolData, ToolData>();
  const reach = closure(defs);
  const whole = (schema: ObjectSchema): ObjectSchema => {
    const reached = reach(schema);
    return reached.length === 0
      ? schema
      : { ...schema, $defs: { ...Object(schema.$defs), ...Object.fromEntries(reached) } };
  };
  return (tool) => {
    const known = done.get(tool);
    if (known) return known;
    const { outputSchema } = tool;
    const made: ToolData = {
      ...tool,
      inputSchema: whole(tool.inputSchema),
      ...(outputSchema && { outputSchema: whole(outputSchema) }),
    };
    done.set(tool, made);
    return made;
  };
}

const CURSOR = "after:";

function cursorAfter(name: string): string {
  return Buffer.from(CURSOR + name).toString("base64url");
}

/** The name that a cursor carries; null when it was not made by `cursorAfter`. */
function nameInCursor(cursor: string): string | null {
  const text = Buffer.from(cursor, "base64url").toString("utf8");
  if (!text.startsWith(CURSOR)) return null;
  const name = text.slice(CURSOR.length);
  return name !== "" && cursorAfter(name) === cursor ? name : null;
}
