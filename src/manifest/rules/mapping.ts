import { createRequire } from "node:module";
import type { Json } from "../../base/index.ts";
import { asMap } from "../declared.ts";
import type { Path } from "../finding.ts";
import { labelOf, show } from "../shape/check.ts";
import type { Report } from "./rule.ts";

const require = createRequire(import.meta.url);
const known = new Map<string, string | null>();

/** A path of names, as most mappings are: right without asking anybody. */
const PLAIN = /^\s*[A-Za-z]\w*(?:\.[A-Za-z]\w*)*\s*$/;

/** A mapping is a JSONata expression, or a map of them. */
export function checkMapping(value: Json | undefined, path: Path, report: Report): void {
  const map = asMap(value);
  if (map !== null) {
    for (const [key, item] of Object.entries(map)) checkMapping(item, [...path, key], report);
  } else if (typeof value !== "string") {
    const message = `${labelOf(path)} wants a JSONata expression, not ${show(value)}.`;
    report("manifest.wrong_type", path, message, "Write the expression as text, in quotes.");
  } else if (value.trim() === "") {
    report("manifest.too_short", path, `${labelOf(path)} is empty.`);
  } else {
    const problem = PLAIN.test(value) ? null : mappingProblem(value);
    if (problem !== null) report("tool.mapping", path, `This is no JSONata expression: ${problem}.`);
  }
}

/** What keeps a text from being a JSONata expression; null: nothing. */
function mappingProblem(expression: string): string | null {
  const before = known.get(expression);
  if (before !== undefined) return before;
  // Loaded here and not above: most manifests map nothing, or by plain paths.
  const jsonata: typeof import("jsonata") = require("jsonata");
  let problem: string | null = null;
  try {
    jsonata(expression);
  } catch (error) {
    const { message, position }: { message?: unknown; position?: unknown } = Object(error);
    const place = typeof position === "number" ? `, at character ${position}` : "";
    problem = `${String(message).replace(/\.$/, "").slice(0, 120)}${place}`;
  }
  if (known.size > 10_000) known.clear();
  known.set(expression, problem);
  return problem;
}
