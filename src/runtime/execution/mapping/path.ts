import type { Json } from "../../../base/index.ts";
import { failure, shown } from "../failure.ts";

/**
 * The part of an answer that a `root` names: names and `[numbers]` with dots between.
 * @returns null where the answer has null on the way
 * @throws ToolFailure `mapping.failed` when there is no such part
 */
export function atRoot(value: Json, root: string): Json {
  let at: Json = value;
  for (const step of root.match(/[^.[\]]+/g) ?? []) {
    if (at === null) return null;
    const name = step.replace(/^(["'])(.*)\1$/, "$2");
    const next = part(at, name);
    if (next === undefined) throw failure("mapping.failed", `The answer has no ${shown(root)}.`);
    at = next;
  }
  return at;
}

function part(value: Json, name: string): Json | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) return value[Number(name)];
  return Object.hasOwn(value, name) ? value[name] : undefined;
}
