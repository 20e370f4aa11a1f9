import { byCodeUnit } from "../base/index.ts";
import { closure } from "./definitions.ts";
import type { ConnectorData, ObjectSchema, ToolData } from "./types.ts";

/**
 * Clients drop messages over 10 MiB, and the slowest of them read a message in one piece: it has a megabyte at most, with what
 * the protocol puts around the tools.
 */
const PAGE_BYTES = 1_000_000 - 2000;

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

/** What a server says of itself. */
export type Identity = Omit<Catalogue, "page" | "find">;

/** A tool whose listed form is made when it is first asked for. */
export interface LazyTool {
  readonly name: string;
  /** The tool, self-contained, under this name; the same object at every call. */
  readonly whole: () => ToolData;
}

/**
 * Prepares a connector's tools: sorted by name, each self-contained with the `$defs` that it reaches, listed in pages of
 * about 1 MB. A tool is completed when it is first asked for, so a large connector starts as fast as a small one.
 */
export function createCatalogue(connector: ConnectorData): Catalogue {
  const complete = completer(connector.$defs ?? {});
  const identity: Identity = {
    name: connector.name,
    title: connector.title,
    // The protocol wants a version; a connector without one is told apart by its content.
    version: connector.version ?? `0.0.0+${connector.digest.slice(0, 12)}`,
    instructions: connector.instructions,
  };
  return catalogueOf(
    identity,
    connector.tools.map((tool) => ({ name: tool.name, whole: () => complete(tool) })),
  );
}

/** A list of tools from anywhere, sorted by name and paged. No two of them have one name. */
export function catalogueOf(identity: Identity, tools: readonly LazyTool[]): Catalogue {
  const sorted = [...tools].sort((a, b) => byCodeUnit(a.name, b.name));
  const byName = new Map(sorted.map((tool) => [tool.name, tool]));
  const sizes = new Map<string, number>();

  const page = (cursor: string | undefined): Page | null => {
    const last = cursor === undefined ? "" : nameInCursor(cursor);
    if (last === null) return null;
    const listed: ToolData[] = [];
    let bytes = 0;
    // The list may have changed since the cursor was given, so it names a place in the order and not an index.
    for (const { name, whole } of sorted) {
      if (name <= last) continue;
      const tool = whole();
      // And a comma.
      const size = sizes.get(name) ?? Buffer.byteLength(JSON.stringify(tool)) + 1;
      sizes.set(name, size);
      bytes += size;
      const previous = listed.at(-1);
      if (previous && bytes > PAGE_BYTES) return { tools: listed, nextCursor: cursorAfter(previous.name) };
      listed.push(tool);
    }
    return { tools: listed };
  };
  return { ...identity, page, find: (name) => byName.get(name)?.whole() };
}

/** Gives tools the shared definitions that their schemas reach; the definitions themselves are not copied. */
export function completer(defs: { readonly [name: string]: unknown }): (tool: ToolData) => ToolData {
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
