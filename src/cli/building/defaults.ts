import type { Json, JsonObject } from "../../base/index.ts";

/** Further than any clock stands off, and to another hour, day, month and year. */
const STEP_MS = 400 * 86_400_000 + 18_431_013;
/** What chance comes to, each time that it is asked. */
const CHANCES = [0, 0.5, 1 - Number.EPSILON];

/** Whether something comes out otherwise at another time, by chance, or when it is asked again. */
export function isFickle(read: () => unknown): boolean {
  return (
    new Set(CHANCES.map((chance, step) => elsewhen(step, chance, () => JSON.stringify(read())))).size > 1
  );
}

/** Does something as if it were later, and chance were settled. */
function elsewhen<T>(step: number, chance: number, work: () => T): T {
  const clock = Date;
  const { random } = Math;
  const now = (): number => clock.now() + step * STEP_MS;
  globalThis.Date = new Proxy(clock, {
    construct: (target, given, made) => Reflect.construct(target, given.length === 0 ? [now()] : given, made),
    apply: () => new clock(now()).toString(),
    get: (target, key) => (key === "now" ? now : Reflect.get(target, key)),
  });
  Math.random = () => chance;
  try {
    return work();
  } finally {
    globalThis.Date = clock;
    Math.random = random;
  }
}

/** What may be absent where a schema stands, and so need its default. */
type Place =
  /** A field of an object: the runtime fills it in. */
  | "field"
  /** Nothing: an item of a list, or the whole input, is always there. */
  | "given"
  /** Something that the runtime does not fill in. */
  | "lost";

/** A default that the runtime leaves out. */
export interface LostDefault {
  /** The path of the schema that has it. */
  readonly at: string;
  /** Goes on behind "has a default". */
  readonly why: string;
}

/**
 * The defaults of a JSON Schema of zod's that the runtime does not fill in. It fills in fields of an input's objects, but
 * not below `anyOf` and `oneOf`, where it only tries what fits; and an output is checked as it stands.
 */
export function lostDefaults(root: JsonObject, io: "input" | "output"): readonly LostDefault[] {
  return new Losing(root).lost(root, "", "given", io === "output" ? IN_OUTPUT : null);
}

const IN_OUTPUT = "in an output, where none is filled in";
const IN_UNION = "within a union or something nullable, where none is filled in";
const IN_PLACE = "where none is filled in: that is done for the fields of an object";

class Losing {
  readonly #root: JsonObject;
  /** What was looked at by way of a `$ref`: schemas may hold themselves. */
  readonly #seen = new Set<string>();

  constructor(root: JsonObject) {
    this.#root = root;
  }

  /** @param why no field gets its default here; null where they do */
  lost(schema: Json | undefined, at: string, place: Place, why: string | null): LostDefault[] {
    if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return [];
    const reason = place === "given" ? null : (why ?? (place === "lost" ? IN_PLACE : null));
    const own = schema.default !== undefined && reason !== null ? [{ at, why: reason }] : [];
    // A default is looked for at the field itself, and not in what the field is made of.
    const same = place === "given" ? "given" : "lost";
    const each = (key: string, child: Place, reason = why): LostDefault[] =>
      partsOf(schema[key]).flatMap(([name, part]) => this.lost(part, `${at}.${key}.${name}`, child, reason));
    return [
      ...own,
      ...each("properties", "field"),
      ...each("allOf", same),
      ...each("anyOf", same, why ?? IN_UNION),
      ...each("oneOf", same, why ?? IN_UNION),
      ...each("prefixItems", "lost"),
      ...this.lost(schema.items, `${at}.items`, "given", why),
      ...this.lost(schema.additionalProperties, `${at}.additionalProperties`, othersOf(schema), why),
      ...this.#behind(schema.$ref, at, same, why),
    ];
  }

  #behind(ref: Json | undefined, at: string, place: Place, why: string | null): LostDefault[] {
    const key = `${ref} ${place} ${why}`;
    if (typeof ref !== "string" || this.#seen.has(key)) return [];
    this.#seen.add(key);
    return this.lost(targetOf(ref, this.#root), at, place, why);
  }
}

/** Fields of a record are there or not meant; but one whose names are listed has them all. */
function othersOf({ propertyNames }: JsonObject): Place {
  return typeof propertyNames === "object" && propertyNames !== null && "enum" in propertyNames
    ? "lost"
    : "given";
}

/** What a `$ref` of zod's names: the whole, or one of its `$defs`. */
export function targetOf(ref: string, root: JsonObject): Json | undefined {
  const defs = root.$defs;
  if (ref === "#") return root;
  if (typeof defs !== "object" || defs === null || Array.isArray(defs)) return undefined;
  return defs[ref.replace("#/$defs/", "").replaceAll("~1", "/").replaceAll("~0", "~")];
}

function partsOf(value: Json | undefined): [string, Json][] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}
