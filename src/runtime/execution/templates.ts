import { Context, Drop, Liquid, toValueSync, Value } from "liquidjs";
import type { Json, JsonObject } from "../../base/index.ts";
import { ToolFailure } from "../seams.ts";
import { failure, messageOf, shown } from "./failure.ts";

/** What templates read: `params`, `account`, and the raw answers of earlier steps by their names. */
export type Scope = Readonly<Record<string, Json>>;

/** A template within a text, or the text between two of them. */
type Part = { readonly literal: string } | { readonly source: string; readonly value: Value };

/** Characters that all templates of one call may make. */
const MAX_TEXT = 4_000_000;
/** Parsed texts that are kept; a connector's texts are few and come again with every call. */
const MAX_KEPT = 20_000;

const liquid = new Liquid({
  ownPropertyOnly: true,
  strictFilters: true,
  parseLimit: 100_000,
  renderLimit: 1000,
  memoryLimit: 100_000,
});
// Only expressions are evaluated, never a template with tags, so these four are all that there is to call.
for (const name of Object.keys(liquid.filters)) liquid.unregisterFilter(name);
liquid.registerFilter("invert", (value: unknown, from: unknown) => number(value, (n) => operand(from) - n));
liquid.registerFilter("add", (value: unknown, more: unknown) => number(value, (n) => n + operand(more)));
liquid.registerFilter("sub", (value: unknown, less: unknown) => number(value, (n) => n - operand(less)));
// Unlike Liquid's own: false and 0 are answers, not their absence.
liquid.registerFilter("default", (value: unknown, other: unknown) => {
  const given = plain(value);
  return given === undefined || given === null || given === "" ? plain(other) : given;
});

/** What the caller and the account give: what is absent there is left out. */
const GIVEN: ReadonlySet<string> = new Set(["params", "account"]);

/**
 * Reads own properties and items, and none of Liquid's `size`, `first` and `last`: `params.size` is a field like any. Keeps
 * the last place that an earlier step's answer does not have.
 */
class OwnProperties extends Context {
  missing: string | null = null;

  override _get(paths: Parameters<Context["_get"]>[0]): IterableIterator<unknown> {
    return GIVEN.has(String(paths[0])) ? super._get(paths) : this.#ofStep(paths.map(String));
  }

  *#ofStep([name = "", ...more]: readonly string[]): IterableIterator<unknown> {
    let at: unknown = yield super._get([name]);
    for (const [index, key] of more.entries()) {
      const from = at;
      at = this.readProperty(from, key);
      // A field may be left out by whoever answers. An item that is counted on, or a field of nothing, can't be.
      if (at === undefined && (index < more.length - 1 || !isMap(from)))
        this.missing ??= [name, ...more].join(".");
    }
    return at;
  }

  override readProperty(from: unknown, key: unknown): unknown {
    if (typeof from !== "object" || from === null) return undefined;
    const name = String(key);
    if (Array.isArray(from)) return /^[0-9]{1,6}$/.test(name) ? from[Number(name)] : undefined;
    return Object.hasOwn(from, name) ? Reflect.get(from, name) : undefined;
  }
}

/** Renders the templates of one call; what they make all together has a bound. */
export class Renderer {
  readonly #scope: Scope;
  readonly #context: OwnProperties;
  readonly #isLenient: boolean;
  #left = MAX_TEXT;

  /** @param isLenient whether what an earlier step's answer does not have is absent, and no failure */
  constructor(scope: Scope, isLenient = false) {
    this.#scope = scope;
    this.#isLenient = isLenient;
    this.#context = new OwnProperties(scope, liquid.options, {}, { liquid });
  }

  /** A renderer for an answer: the work is done, whatever an earlier step had found. */
  lenient(): Renderer {
    return new Renderer(this.#scope, true);
  }

  /** A renderer that also reads an earlier step's answer. */
  with(name: string, value: Json): Renderer {
    return new Renderer({ ...this.#scope, [name]: value });
  }

  /**
   * A copy of the value with its templates filled in. A text that is one template keeps the type of what it names; where
   * that is absent its key or item goes, and so does what is emptied by that.
   * @returns undefined when nothing is left
   * @throws ToolFailure `input.bad_value`, `input.too_large`, `step.no_value`
   */
  value(value: Json): Json | undefined {
    if (typeof value === "string") return this.#text(value);
    if (Array.isArray(value)) {
      const items = value.map((item) => this.value(item)).filter((item) => item !== undefined);
      return items.length === 0 && value.length > 0 ? undefined : items;
    }
    if (typeof value !== "object" || value === null) return value;
    const pairs: [string, Json][] = [];
    for (const [key, item] of Object.entries(value)) {
      const filled = this.value(item);
      if (filled !== undefined) pairs.push([key, filled]);
    }
    return pairs.length === 0 && Object.keys(value).length > 0 ? undefined : Object.fromEntries(pairs);
  }

  /** The fields of a map with their templates filled in; absent ones are gone. */
  fields(map: JsonObject): JsonObject {
    const filled = this.value(map);
    return typeof filled === "object" && filled !== null && !Array.isArray(filled) ? filled : {};
  }

  /**
   * The text with each template replaced by what `write` makes of its value.
   * @param write gets the value, undefined when it is absent, and the template's source for messages
   */
  text(text: string, write: (value: Json | undefined, source: string) => string): string {
    return parse(text)
      .map((part) =>
        "literal" in part ? part.literal : this.#spend(write(this.#evaluate(part), part.source)),
      )
      .join("");
  }

  #text(text: string): Json | undefined {
    if (!text.includes("{{")) return text;
    const [first, second] = parse(text);
    if (first !== undefined && second === undefined && !("literal" in first)) return this.#evaluate(first);
    return this.text(text, (value) => plainText(value));
  }

  #evaluate({ value, source }: Exclude<Part, { literal: string }>): Json | undefined {
    const context = this.#context;
    context.missing = null;
    try {
      const made = plain(toValueSync(value.value(context)));
      const isNeeded = !this.#isLenient && !value.filters.some(({ name }) => name === "default");
      if (context.missing !== null && isNeeded) {
        throw failure("step.no_value", `The answer of an earlier step has no ${context.missing}.`);
      }
      return isJson(made) ? made : undefined;
    } catch (error) {
      if (error instanceof ToolFailure) throw error;
      throw failure("input.bad_value", `${shown(source)} can't be filled in: ${messageOf(error)}.`, {
        cause: error,
      });
    }
  }

  #spend(text: string): string {
    this.#left -= text.length;
    if (this.#left < 0)
      throw failure("input.too_large", `The templates make more than ${MAX_TEXT} characters.`);
    return text;
  }
}

function isMap(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value within a text: a list with commas between, a map as JSON, nothing for what is absent or null. */
export function plainText(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map(plainText).join(",");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Whether a value holds a template that reads one of these names. */
export function reads(value: Json | undefined, names: readonly string[]): string | null {
  if (names.length === 0) return null;
  for (const [, source = ""] of JSON.stringify(value ?? null).matchAll(/\{\{([^{}]*)\}\}/g)) {
    const words = source.match(/(?<![\w."'])[A-Za-z_]\w*/g) ?? [];
    const found = words.find((word) => names.includes(word));
    if (found !== undefined) return found;
  }
  return null;
}

const kept = new Map<string, readonly Part[]>();

function parse(text: string): readonly Part[] {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const parts: Part[] = [];
  let at = 0;
  for (const match of text.matchAll(/\{\{-?([^{}]*?)-?\}\}/g)) {
    if (match.index > at) parts.push({ literal: text.slice(at, match.index) });
    parts.push({ source: match[0], value: expression(match[0], match[1] ?? "") });
    at = match.index + match[0].length;
  }
  if (at < text.length) parts.push({ literal: text.slice(at) });
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(text, parts);
  return parts;
}

function expression(source: string, inner: string): Value {
  try {
    return new Value(inner.trim(), liquid);
  } catch (error) {
    const message = `The template ${shown(source)} can't be read: ${messageOf(error)}.`;
    throw failure("input.bad_value", message, { hint: "Mend the template in the manifest.", cause: error });
  }
}

/** Absent and null stay what they are, so that an optional value that is not given drops its key. */
function number(value: unknown, change: (value: number) => number): unknown {
  return value === undefined || value === null || value === "" ? undefined : change(operand(value));
}

function operand(value: unknown): number {
  const is = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof is === "number" && Number.isFinite(is)) return is;
  throw failure("input.bad_value", `${shown(plainText(isJson(value) ? value : null))} is not a number.`);
}

/** Liquid's words `nil`, `empty` and `blank` as the values that they stand for. */
function plain(value: unknown): unknown {
  return value instanceof Drop ? value.valueOf() : value;
}

/** All that a template can reach is JSON, so that a look at the outside is enough. */
function isJson(value: unknown): value is Json {
  return value !== undefined && typeof value !== "function";
}
