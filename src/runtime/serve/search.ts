import { byCodeUnit, copied, type JsonObject, stripHidden } from "../../base/index.ts";
import { catalogueOf } from "../catalogue.ts";
import { no } from "../gate/refusals.ts";
import type { Face } from "../server.ts";
import type { ToolData } from "../types.ts";
import { failed, isObject } from "./answers.ts";
import { type FaceParts, type Offering, offering } from "./faces.ts";
import { validInput } from "./schemas.ts";
import type { Choice } from "./selection.ts";

const FEW = 20;
const MOST = 100;
const SHOWN = 200;

/** Three tools to find, read of and call all the others: for clients that can't bear a long list. */
export function searchFace(parts: FaceParts, choices: readonly Choice[]): Face {
  const entries = choices.map((choice) => new Entry(offering(parts, choice)));
  const named = new Map(entries.map((entry) => [entry.name, entry]));
  const changes = choices.some(({ tool }) => tool.side_effecting);
  const destroys = choices.some(({ tool }) => tool.destructive);
  const calling = callTool(changes, destroys);
  const tools = [SEARCH, DESCRIBE, calling];
  return {
    catalogue: catalogueOf(
      parts.identity,
      tools.map((tool) => ({ name: tool.name, whole: () => tool })),
    ),
    call: async (call) => {
      const { name } = call.tool;
      const listed = tools.find((tool) => tool.name === name) ?? calling;
      const said = copied(call.arguments);
      const entry = named.get(String(said.name));
      try {
        const given = validInput(listed.inputSchema, name, said);
        if (listed === SEARCH) return shown({ tools: search(entries, given) });
        if (entry === undefined) throw no("call.unknown_tool", "No tool that is offered here has this name.");
        if (listed === DESCRIBE) return shown(entry.described());
        return await entry.offering.run(call, isObject(given.arguments) ? given.arguments : {});
      } catch (error) {
        return listed === calling && entry !== undefined ? entry.offering.refuse(call, error) : failed(error);
      }
    },
  };
}

class Entry {
  readonly offering: Offering;
  readonly name: string;
  #words: string | null = null;

  constructor(offering: Offering) {
    this.offering = offering;
    this.name = offering.choice.name;
  }

  /** How well it fits the words: its name counts most, then its capability and title, then its description. */
  score(words: readonly string[]): number {
    const { tool, approved } = this.offering.choice;
    this.#words ??= `${tool.description ?? ""} ${approved.manifest.display_name}`.toLowerCase();
    const title = `${tool.capability ?? ""} ${tool.title ?? ""}`.toLowerCase();
    let score = 0;
    for (const word of words) {
      if (this.name.includes(word)) score += 4;
      if (title.includes(word)) score += 2;
      if (this.#words.includes(word)) score += 1;
    }
    return score;
  }

  /** In short. */
  brief(): JsonObject {
    const { tool, approved } = this.offering.choice;
    return {
      name: this.name,
      connector: approved.slug,
      capability: tool.capability,
      description: stripHidden(tool.description ?? tool.title ?? tool.name).slice(0, SHOWN),
      side_effecting: tool.side_effecting,
      destructive: tool.destructive,
    };
  }

  described(): JsonObject {
    const whole = copied(this.offering.offered().data);
    return whole;
  }
}

function search(entries: readonly Entry[], { query, connector, limit }: JsonObject): JsonObject[] {
  const words = typeof query === "string" ? (query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) : [];
  const most = typeof limit === "number" ? limit : FEW;
  return entries
    .filter(({ offering }) => typeof connector !== "string" || offering.choice.approved.slug === connector)
    .map((entry) => ({ entry, score: entry.score(words) }))
    .filter(({ score }) => words.length === 0 || score > 0)
    .sort((a, b) => b.score - a.score || byCodeUnit(a.entry.name, b.entry.name))
    .slice(0, most)
    .map(({ entry }) => entry.brief());
}

function shown(value: JsonObject) {
  return { content: [{ type: "text" as const, text: JSON.stringify(value) }], structuredContent: value };
}

const READS = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
const _meta = { "connector-sentinel/tool": { scopes: [] } };
const text = (description: string): JsonObject => ({ type: "string", description });
const NAME = text("As search_tools gives it.");

const SEARCH: ToolData = {
  name: "search_tools",
  description: "Finds tools by words. Without a query: all of them, in the order of their names.",
  inputSchema: {
    type: "object",
    properties: {
      query: text("Words such as: refund order."),
      connector: text("Only tools of this connector."),
      limit: {
        type: "integer",
        minimum: 1,
        maximum: MOST,
        description: `How many at most; ${FEW} by itself.`,
      },
    },
    additionalProperties: false,
  },
  annotations: READS,
  _meta,
};

const DESCRIBE: ToolData = {
  name: "describe_tool",
  description: "Tells all of one tool: what it does, and the schema of its arguments.",
  inputSchema: {
    type: "object",
    properties: { name: NAME },
    required: ["name"],
    additionalProperties: false,
  },
  annotations: READS,
  _meta,
};

function callTool(changes: boolean, destroys: boolean): ToolData {
  return {
    name: "call_tool",
    description: "Calls a tool that search_tools has found, with arguments as describe_tool tells them.",
    inputSchema: {
      type: "object",
      properties: { name: NAME, arguments: { type: "object" } },
      required: ["name"],
      additionalProperties: false,
    },
    annotations: {
      readOnlyHint: !changes && !destroys,
      destructiveHint: destroys,
      idempotentHint: false,
      openWorldHint: true,
    },
    _meta,
  };
}
