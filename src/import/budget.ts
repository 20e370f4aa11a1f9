import type { Json, JsonObject } from "../base/index.ts";
import { get, isMap } from "./json.ts";
import type { Notes } from "./notes.ts";
import { openReferences, shorten } from "./shorten.ts";

/** What a tool's entry in a list has besides its texts and its input. */
const ENTRY = 320;
/** Lengths to which the descriptions of fields are cut: the longest that will do. */
const LENGTHS = [1000, 500, 300, 200, 150, 120, 100, 80, 60, 40, 0];
const WHY = "the list of tools would be too long";

/** Tools, and the schemas that they share. */
export interface Listed {
  readonly tools: readonly JsonObject[];
  readonly schemas: ReadonlyMap<string, JsonObject>;
}

/**
 * Keeps the list of a connector's tools, in which each has a copy of all that it refers to, within a number of bytes:
 * clients give up on longer ones. First the descriptions of fields are cut; if that does not do, the references that cost
 * most lead to anything instead. What was done is noted.
 */
export function withinBudget(listed: Listed, budget: number, notes: Notes): Listed {
  if (totalOf(graphOf(listed)) <= budget) return listed;
  const at = (length: number): Listed => mapSchemas(listed, (schema) => shorten(schema, length));
  const barest = at(0);
  const graph = graphOf(barest);
  if (totalOf(graph) <= budget) {
    // The longest length that will do, by halving.
    let [low, high] = [0, LENGTHS.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (totalOf(graphOf(at(LENGTHS[middle] ?? 0))) <= budget) high = middle;
      else low = middle + 1;
    }
    const length = LENGTHS[low] ?? 0;
    notes.add(`the descriptions of fields after ${length} characters`, "document", WHY);
    return at(length);
  }
  notes.add("the descriptions of fields", "document", WHY);
  const cut = cuts(graph, budget);
  for (const name of [...cut].sort()) {
    notes.add(
      `what the schema ${name} is made of, within another one`,
      name,
      `${WHY}; anything is accepted there`,
    );
  }
  const schemas = [...barest.schemas].map(([name, schema]): [string, JsonObject] => [
    name,
    openReferences(schema, cut),
  ]);
  return { ...barest, schemas: new Map(schemas) };
}

/** What a list is made of, as numbers. */
interface Graph {
  /** UTF-16 code units of each shared schema, nearly. */
  readonly sizes: ReadonlyMap<string, number>;
  /** The shared schemas that each refers to. */
  readonly next: Map<string, readonly string[]>;
  /** Of each tool: its own size, and the shared schemas that it refers to. */
  readonly tools: readonly { readonly size: number; readonly uses: readonly string[] }[];
  /** Schemas looked at so far: what bounds the search, the same on every machine. */
  work: number;
}

function graphOf({ tools, schemas }: Listed): Graph {
  return {
    work: 0,
    sizes: new Map(
      [...schemas].map(([name, schema]) => [name, JSON.stringify(schema).length + name.length + 4]),
    ),
    next: new Map([...schemas].map(([name, schema]) => [name, namesIn(schema)])),
    tools: tools.map(({ name, title, description, input, scopes }) => ({
      size: JSON.stringify({ name, title, description, input, scopes }).length + ENTRY,
      uses: namesIn(input ?? null),
    })),
  };
}

/** The size of the whole list, each tool with all that it reaches. */
function totalOf(graph: Graph): number {
  // Most tools of an API start from few schemas: what these reach is looked up once.
  const known = new Map<string, number>();
  let total = 0;
  for (const { size, uses } of graph.tools) {
    const key = uses.join("\n");
    const reached = known.get(key) ?? sum(reach(graph, uses), graph.sizes);
    known.set(key, reached);
    total += size + reached;
  }
  return total;
}

function sum(names: ReadonlySet<string>, sizes: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const name of names) total += sizes.get(name) ?? 0;
  return total;
}

function reach(graph: Graph, from: readonly string[]): Set<string> {
  const { next } = graph;
  const reached = new Set<string>();
  const waiting = [...from];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    waiting.push(...(next.get(name) ?? []));
  }
  graph.work += reached.size;
  return reached;
}

/** How many schemas are looked at to choose well; past it, whatever is nested is cut. */
const MAX_WORK = 4_000_000;

/** The schemas that others shall not refer to, so that the list is within its budget. Changes the graph accordingly. */
function cuts(graph: Graph, budget: number): Set<string> {
  const cut = new Set<string>();
  while (totalOf(graph) > budget) {
    const costs = costsOf(graph);
    if (costs.length === 0) break;
    // One cut changes what others cost, so few are made at a time; but a graph of thousands must come to an end.
    const count = graph.work > MAX_WORK ? costs.length : Math.ceil(graph.sizes.size / 200);
    for (const name of costs.slice(0, count)) cut.add(name);
    for (const [name, names] of graph.next) {
      graph.next.set(
        name,
        names.filter((other) => !cut.has(other)),
      );
    }
  }
  return cut;
}

/** The schemas that tools reach through others, by what they add to the list in that way; the dearest first. */
function costsOf(graph: Graph): string[] {
  const nested = new Map<string, number>();
  for (const { uses } of graph.tools) {
    const direct = new Set(uses);
    for (const name of reach(graph, uses)) {
      if (!direct.has(name)) nested.set(name, (nested.get(name) ?? 0) + 1);
    }
  }
  const costs = [...nested].map(([name, count]): [string, number] => [
    name,
    count * sum(reach(graph, [name]), graph.sizes),
  ]);
  return costs.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([name]) => name);
}

/** The names of the shared schemas that a schema refers to. */
function namesIn(schema: Json): string[] {
  const names = new Set<string>();
  const visit = (value: Json): void => {
    if (typeof value !== "object" || value === null) return;
    if (Array.isArray(value)) for (const item of value) visit(item);
    else {
      const ref = get(value, "$ref");
      if (typeof ref === "string") names.add(ref.replace("#/schemas/", ""));
      for (const key of Object.keys(value)) visit(value[key] ?? null);
    }
  };
  visit(schema);
  return [...names];
}

function mapSchemas({ tools, schemas }: Listed, change: (schema: JsonObject) => JsonObject): Listed {
  return {
    tools: tools.map((tool) => (isMap(tool.input) ? { ...tool, input: change(tool.input) } : tool)),
    schemas: new Map([...schemas].map(([name, schema]) => [name, change(schema)])),
  };
}
