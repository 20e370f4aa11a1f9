import { byCodeUnit, copied, type JsonObject, stripHidden } from "../../base/index.ts";
import { catalogueOf } from "../catalogue.ts";
import { type Face, failure } from "../server.ts";
import type { ObjectSchema, ToolData } from "../types.ts";
import { isObject } from "./answers.ts";
import { type FaceParts, type Offering, offering } from "./faces.ts";
import { namesOf } from "./names.ts";
import { validInput } from "./schemas.ts";
import type { Choice } from "./selection.ts";

/** Which connector stands for a capability where a call names none: capability → slug. */
export type Preferred = Readonly<Record<string, string>>;

/**
 * One tool for each capability: whoever provides `order.read`, agents call `order_read`, and the operator says who it is.
 * Tools without a capability are left out.
 */
export function capabilitiesFace(
  parts: FaceParts,
  choices: readonly Choice[],
  preferred: Preferred = {},
): Face {
  const able = choices.filter(({ tool }) => tool.capability !== null);
  const groups = Map.groupBy(able, ({ tool }) => tool.capability ?? "");
  const capabilities = [...groups].sort(([a], [b]) => byCodeUnit(a, b));
  const names = namesOf(capabilities.map(([of]) => ({ name: of.replaceAll(/[^a-z0-9]/g, "_"), of })));
  const named = new Map(
    capabilities.map(([capability, members], at) => {
      const name = names[at] ?? "";
      return [name, new Capability(name, capability, parts, members, preferred[capability] ?? null)];
    }),
  );
  return {
    catalogue: catalogueOf(
      parts.identity,
      [...named].map(([name, one]) => ({ name, whole: () => one.data })),
    ),
    call: async (call) => {
      const given = copied(call.arguments);
      const one = named.get(call.tool.name);
      // Before the schema is asked, which would not say who provides it.
      const found = one?.pick(textOf(given.connector), textOf(given.tool)) ?? "There is no such capability";
      if (one === undefined || typeof found === "string")
        return failure("call.invalid_input", `${found}.`, "Name one of those that the message lists.");
      let framed: JsonObject;
      try {
        framed = validInput(one.frame, call.tool.name, given);
      } catch (error) {
        return found.refuse(call, error);
      }
      const { account, idempotency_key: key, input } = framed;
      return found.run(call, isObject(input) ? input : {}, { account: textOf(account), key: textOf(key) });
    },
  };
}

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);

class Capability {
  readonly #name: string;
  readonly #capability: string;
  readonly #members: readonly Offering[];
  readonly #preferred: string | null;
  #data: ToolData | null = null;
  #frame: ObjectSchema | null = null;

  constructor(
    name: string,
    capability: string,
    parts: FaceParts,
    choices: readonly Choice[],
    preferred: string | null,
  ) {
    this.#name = name;
    this.#capability = capability;
    this.#members = choices.map((choice) => offering(parts, choice));
    this.#preferred = preferred;
  }

  get data(): ToolData {
    this.#data ??= this.#listed();
    return this.#data;
  }

  /** The schema of what stands around `input`, whose own is checked when it is known whose it is. */
  get frame(): ObjectSchema {
    this.#frame ??= this.#around({ type: "object" });
    return this.#frame;
  }

  /** The tool that is meant, or why it is not clear. */
  pick(connector: string | null, tool: string | null): Offering | string {
    const slugs = this.#slugs();
    const [only, ...others] = slugs;
    const preferred = slugs.find((slug) => slug === this.#preferred);
    const slug = connector ?? (others.length === 0 ? only : preferred);
    if (slug === undefined)
      return `${this.#capability} is provided by several connectors: ${slugs.join(", ")}`;
    const of = this.#members.filter(({ choice }) => choice.approved.slug === slug);
    const meant = tool === null ? of : of.filter(({ choice }) => choice.tool.name === tool);
    const [first, second] = meant;
    if (first === undefined) {
      const all = this.#members.map(({ choice }) => `${choice.approved.slug} (${choice.tool.name})`);
      return `${this.#capability} is not provided by that; it is by ${all.join(", ")}`;
    }
    if (second === undefined) return first;
    const names = meant.map(({ choice }) => choice.tool.name).join(", ");
    return `${slug} has several tools for ${this.#capability}: ${names}`;
  }

  #slugs(): string[] {
    return [...new Set(this.#members.map(({ choice }) => choice.approved.slug))];
  }

  #listed(): ToolData {
    const tools = this.#members.map(({ choice }) => choice.tool);
    const lines = this.#members.map(({ choice: { approved, tool } }) => {
      const said = stripHidden(tool.description ?? tool.title ?? tool.name);
      return `- ${approved.slug}, ${tool.name}: ${said}`;
    });
    const changes = this.#changes();
    const { schema, $defs } = this.#arguments();
    return {
      name: this.#name,
      description: [`${this.#capability}, by:`, ...lines].join("\n"),
      inputSchema: { ...this.#around(schema), ...($defs !== undefined && { $defs }) },
      annotations: {
        readOnlyHint: !changes && !tools.some((tool) => tool.destructive),
        destructiveHint: tools.some((tool) => tool.destructive),
        idempotentHint: tools.every((tool) => tool.idempotent),
        openWorldHint: true,
      },
      _meta: {
        "connector-sentinel/tool": {
          capability: this.#capability,
          scopes: [...new Set(tools.flatMap((tool) => tool.scopes))].sort(byCodeUnit),
        },
      },
    };
  }

  #changes(): boolean {
    return this.#members.some(({ choice }) => choice.tool.side_effecting);
  }

  #around(input: JsonObject): ObjectSchema {
    const slugs = this.#slugs();
    const text = { type: "string" };
    const isNeeded = slugs.length > 1 && !slugs.some((slug) => slug === this.#preferred);
    const isAmbiguous = this.#members.length > slugs.length;
    return {
      type: "object",
      properties: {
        connector: { ...text, enum: slugs },
        account: { ...text, description: "The account to use, where there are several." },
        ...(isAmbiguous && {
          tool: { ...text, enum: [...new Set(this.#members.map(({ choice }) => choice.tool.name))] },
        }),
        ...(this.#changes() && {
          idempotency_key: { ...text, description: "Names this call: under one key it is made once." },
        }),
        input,
      },
      required: [...(isNeeded ? ["connector"] : []), "input"],
      additionalProperties: false,
    };
  }

  /** What the tool takes; of several tools, an object that is checked when it is known whose it is. */
  #arguments(): { readonly schema: JsonObject; readonly $defs: unknown } {
    const schemas = this.#members.map(({ choice, offered }) => ({
      choice,
      schema: offered().data.inputSchema,
    }));
    const [only, ...others] = schemas;
    if (only !== undefined && others.length === 0) {
      const { $defs, ...schema } = only.schema;
      return { schema: JSON.parse(JSON.stringify(schema)), $defs };
    }
    const description = schemas
      .map(({ choice, schema }) => {
        const { properties, required } = schema;
        return `${choice.approved.slug}, ${choice.tool.name}: ${JSON.stringify({ properties, required })}`;
      })
      .join("\n");
    return { schema: { type: "object", description: description.slice(0, 8000) }, $defs: undefined };
  }
}
