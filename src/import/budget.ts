import type { Json, JsonObject } from "../base/index.ts";
import { get, isMap } from "./json.ts";
import type { Notes } from "./notes.ts";
import { cut } from "./text.ts";

/** What a tool's entry in a list has besides its texts and its input. */
const ENTRY = 320;
/** To what the descriptions of fields are cut, one length after the other, until the list is small enough. */
const LENGTHS = [1000, 500, 300, 200, 150, 120, 100, 80, 60, 40, 0];

/** Tools and the schemas that they share; both are changed in place of their inputs only. */
export interface Listed {
  readonly tools: readonly JsonObject[];
  readonly schemas: ReadonlyMap<string, JsonObject>;
}

/**
 * Keeps the list of a connector's tools, in which each has a copy of all that it refers to, within a number of bytes:
 * clients give up on longer ones. First the descriptions of fields are cut, then the schemas that cost most accept any
 * object. What was done is noted.
 */
export function withinBudget(listed: Listed, budget: number, notes: Notes): Listed {
  let now = listed;
  for (const length of LENGTHS) {
    if (sizeOf(now).total <= budget) return now;
    now = mapSchemas(listed, (schema) => shorten(schema, length));
    const what =
      length === 0 ? "the descriptions of fields" : `the descriptions of fields after ${length} characters`;
    if (sizeOf(now).total <= budget || length === 0)
      notes.add(what, "document", "the list of tools would be too long");
  }
  const opaque = new Set<string>();
  for (let size = sizeOf(now); size.total > budget; size = sizeOf(now)) {
    const dearest = [...size.costs].filter(([name]) => !opaque.has(name)).sort(([, a], [, b]) => b - a);
    if (dearest.length === 0) break;
    // Several at once: each of them may be reached through another, but a list of thousands must come to an end.
    for (const [name] of dearest.slice(0, Math.max(1, dearest.length >> 4))) {
      opaque.add(name);
      notes.add(
        `what the schema ${name} is made of`,
        name,
        "the list of tools would be too long; any object is accepted",
      );
    }
    now = {
      ...now,
      schemas: new Map(
        [...now.schemas].map(([name, schema]) => [name, opaque.has(name) ? open(schema) : schema]),
      ),
    };
  }
  return now;
}

function open(schema: JsonObject): JsonObject {
  return get(schema, "type") === "object" || get(schema, "properties") !== undefined
    ? { type: "object" }
    : {};
}

/** The size of a list in UTF-16 code units, nearly, and what each shared schema adds to it. */
function sizeOf({ tools, schemas }: Listed): { total: number; costs: Map<string, number> } {
  const sizes = new Map(
    [...schemas].map(([name, schema]) => [name, JSON.stringify(schema).length + name.length + 4]),
  );
  const next = new Map([...schemas].map(([name, schema]) => [name, namesIn(schema)]));
  const costs = new Map<string, number>();
  let total = 0;
  for (const tool of tools) {
    const { name, title, description, input, scopes } = tool;
    total += JSON.stringify({ name, title, description, input, scopes }).length + ENTRY;
    const reached = new Set<string>();
    const waiting = namesIn(input ?? null);
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
      if (reached.has(one)) continue;
      reached.add(one);
      waiting.push(...(next.get(one) ?? []));
    }
    for (const one of reached) {
      const size = sizes.get(one) ?? 0;
      total += size;
      costs.set(one, (costs.get(one) ?? 0) + size);
    }
  }
  return { total, costs };
}

/** The names of the shared schemas that a schema refers to. */
function namesIn(schema: Json): string[] {
  const names: string[] = [];
  const visit = (value: Json): void => {
    if (typeof value !== "object" || value === null) return;
    const ref = get(value, "$ref");
    if (typeof ref === "string") names.push(ref.replace("#/schemas/", ""));
    for (const item of Array.isArray(value) ? value : Object.values(value)) visit(item);
  };
  visit(schema);
  return names;
}

function mapSchemas({ tools, schemas }: Listed, change: (schema: JsonObject) => JsonObject): Listed {
  return {
    tools: tools.map((tool) => (isMap(tool.input) ? { ...tool, input: change(tool.input) } : tool)),
    schemas: new Map([...schemas].map(([name, schema]) => [name, change(schema)])),
  };
}

/** A schema whose descriptions have at most a number of characters, and that has no examples. */
function shorten(schema: JsonObject, length: number): JsonObject {
  const visit = (value: Json, isSchema: boolean): Json => {
    if (Array.isArray(value)) return value.map((item) => visit(item, isSchema));
    if (!isMap(value)) return value;
    const entries = Object.entries(value).flatMap(([key, item]): [string, Json][] => {
      if (!isSchema) return [[key, visit(item, true)]];
      if (key === "examples" || (length === 0 && (key === "title" || key === "description"))) return [];
      if (key === "description" && typeof item === "string") return [[key, cut(item, length)]];
      if (key === "enum" || key === "const" || key === "default") return [[key, item]];
      return [[key, visit(item, !MAPS.has(key))]];
    });
    return Object.fromEntries(entries);
  };
  const out = visit(schema, true);
  return isMap(out) ? out : {};
}

/** Keywords whose value maps names to schemas: a field may be called `examples`. */
const MAPS: ReadonlySet<string> = new Set(["properties", "patternProperties", "dependentSchemas"]);
