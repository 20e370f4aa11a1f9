import { get, isMap, textAt } from "./json.ts";
import { idOf, type Part, type Parts } from "./merge-parts.ts";
import { withinLength } from "./names.ts";

/** Names of tools: longer ones break clients. */
const MAX_NAME = 44;

/**
 * Gives the tools of the last and the new import the names that they have in the folder, told by what they ask for: agents
 * and records know those names, whatever the document calls its operations now, and whichever other one wants a name.
 */
export function keepNames(base: Parts, folder: Parts, imported: Parts): { base: Parts; imported: Parts } {
  const named = withNames(base, renamedByHand(base, folder));
  return { base: named, imported: withNames(imported, byRequest(named)) };
}

/** The tools that a person has given another name, by what they ask for. */
function renamedByHand(base: Parts, folder: Parts): Map<string, Part> {
  const now = byRequest(folder);
  const renamed = new Map<string, Part>();
  for (const [request, part] of byRequest(base)) {
    const other = now.get(request);
    const isOther = other !== undefined && !folder.parts.has(idOf(part)) && !base.parts.has(idOf(other));
    renamed.set(request, isOther ? other : part);
  }
  return renamed;
}

/** The parts with the names of the tools that ask for the same; whoever else wants one of these gets another. */
function withNames(all: Parts, known: ReadonlyMap<string, Part>): Parts {
  const kept = new Map<Part, string>();
  for (const [request, part] of byRequest(all)) {
    const name = known.get(request)?.name;
    if (name != null) kept.set(part, name);
  }
  const taken = new Set(kept.values());
  const parts = [...all.parts.values()].map((part) => {
    const { section, name } = part;
    if (section !== "tools" || name === null) return part;
    // Too long a wish is what makes a hash of the request part of the name.
    const wish = `${name}_${"_".repeat(MAX_NAME)}`;
    const other = (): string => withinLength(wish, MAX_NAME, requestOf(part) ?? name);
    return renamed(part, kept.get(part) ?? (taken.has(name) ? other() : name));
  });
  return { ...all, parts: new Map(parts.map((part) => [idOf(part), part])) };
}

/** What a tool asks for: its method and address. */
function requestOf({ section, value }: Part): string | null {
  const rest = get(value, "rest");
  if (section !== "tools" || rest === undefined) return null;
  return `${textAt(rest, "method")} ${textAt(rest, "url") ?? textAt(rest, "path")}`;
}

/** The tools that alone ask for something, by what that is. */
function byRequest({ parts }: Parts): Map<string, Part> {
  const found = new Map<string, Part>();
  const several = new Set<string>();
  for (const part of parts.values()) {
    const request = requestOf(part);
    if (request === null) continue;
    if (found.has(request)) several.add(request);
    found.set(request, part);
  }
  for (const request of several) found.delete(request);
  return found;
}

function renamed(part: Part, name: string): Part {
  if (name === part.name) return part;
  const value = isMap(part.value) ? { ...part.value, name } : part.value;
  return { ...part, name, value, text: part.text.replace(`name: "${part.name}"`, `name: "${name}"`) };
}
