import type { Tool } from "../../manifest/index.ts";
import type { Approved, Snapshot } from "../gate/approved.ts";
import { namesOf, toolWish } from "./names.ts";

/** Which tools are offered; what is not offered can't be called either. */
export interface Selection {
  /** Slugs; null: all connectors. */
  readonly connectors: readonly string[] | null;
  /** Names of tools, as listed or as in the manifest, `*` for any part; null: all tools. */
  readonly tools: readonly string[] | null;
  /** Only tools that change nothing. */
  readonly readOnly: boolean;
}

/** A tool that is offered. */
export interface Choice {
  /** As it is listed: `connector__tool`. */
  readonly name: string;
  readonly approved: Approved;
  readonly tool: Tool;
}

/** The tools of a snapshot that a selection leaves, sorted by connector and tool. */
export function choices({ connectors }: Snapshot, selection: Selection): Choice[] {
  const found: Omit<Choice, "name">[] = [];
  for (const approved of connectors.values()) {
    for (const tool of approved.manifest.tools) found.push({ approved, tool });
  }
  // Named before they are chosen: what a filter hides changes no name.
  const names = namesOf(found.map(({ approved, tool }) => toolWish(approved.slug, tool.name)));
  const wanted = selection.tools?.map(pattern) ?? null;
  return found.flatMap((choice, at) => {
    const name = names[at] ?? "";
    const { approved, tool } = choice;
    const isMeant =
      (selection.connectors?.includes(approved.slug) ?? true) &&
      (wanted?.some((one) => one.test(name) || one.test(tool.name)) ?? true) &&
      !(selection.readOnly && (tool.side_effecting || tool.destructive));
    return isMeant ? [{ name, ...choice }] : [];
  });
}

function pattern(text: string): RegExp {
  const parts = text.split("*").map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}
