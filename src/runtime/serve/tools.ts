import { Bug } from "../../base/index.ts";
import type { Manifest, Tool } from "../../manifest/index.ts";
import { completer } from "../catalogue.ts";
import type { Validate } from "../gate/types.ts";
import type { ConnectorData, ToolData } from "../types.ts";
import { type Offered, offer } from "./arguments.ts";
import { validInput } from "./schemas.ts";

/** A manifest's tools in the protocol's form, as the generator writes them. */
export type DataOf = (manifest: Manifest) => ConnectorData;

/** The listed forms of tools of approved manifests, each made when it is first asked for and kept with its manifest. */
export class ListedTools {
  readonly #dataOf: DataOf;
  readonly #known = new WeakMap<Manifest, (name: string) => ToolData>();

  constructor(dataOf: DataOf) {
    this.#dataOf = dataOf;
  }

  /** A tool with its own schemas, self-contained; the same object at every call. */
  own(manifest: Manifest, tool: Tool): ToolData {
    let whole = this.#known.get(manifest);
    if (whole === undefined) {
      whole = wholeOf(this.#dataOf(manifest));
      this.#known.set(manifest, whole);
    }
    return whole(tool.name);
  }

  /** The same with the gate's arguments, under a name. Made anew at each call. */
  offered(manifest: Manifest, tool: Tool, name: string): Offered {
    return offer(this.own(manifest, tool), name, manifest, tool);
  }

  /** For the gate: checks the arguments that are the tool's own. */
  readonly validate: Validate = (manifest, tool, input) =>
    validInput(this.own(manifest, tool).inputSchema, tool.name, input);
}

function wholeOf({ tools, $defs }: ConnectorData): (name: string) => ToolData {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const complete = completer($defs ?? {});
  return (name) => {
    const tool = byName.get(name);
    if (tool === undefined) throw new Bug("the generator has left out a tool");
    return complete(tool);
  };
}
