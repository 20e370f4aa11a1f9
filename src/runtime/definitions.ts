import { byCodeUnit } from "../base/index.ts";

const LOCAL = "#/$defs/";

/**
 * Tells which shared definitions a schema reaches, directly or through others; cycles are fine. What a definition points
 * to is looked up once, however many schemas reach it. Returns pairs of name and definition, sorted by name.
 */
export function closure(defs: {
  readonly [name: string]: unknown;
}): (schema: unknown) => readonly (readonly [string, unknown])[] {
  const shared = new Map(Object.entries(defs));
  const pointsTo = new Map<string, readonly string[]>();

  const directly = (name: string): readonly string[] => {
    let names = pointsTo.get(name);
    if (!names) {
      names = referenced(shared.get(name));
      pointsTo.set(name, names);
    }
    return names;
  };

  return (schema) => {
    if (shared.size === 0) return [];
    const reached = new Set<string>();
    const waiting = [...referenced(schema)];
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      // A name that is not shared is one of the schema's own `$defs`.
      if (reached.has(name) || !shared.has(name)) continue;
      reached.add(name);
      waiting.push(...directly(name));
    }
    return [...reached].sort(byCodeUnit).map((name) => [name, shared.get(name)] as const);
  };
}

/**
 * The names under `$defs` that a schema's references name. A `$ref` within an example or a default counts too: it costs
 * a definition too many and never one too few.
 */
function referenced(schema: unknown): readonly string[] {
  const names = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, member] of Object.entries(value)) {
      if (key === "$ref" && typeof member === "string" && member.startsWith(LOCAL)) {
        names.add(member.slice(LOCAL.length).split("/", 1).join());
      } else visit(member);
    }
  };
  visit(schema);
  return [...names];
}
