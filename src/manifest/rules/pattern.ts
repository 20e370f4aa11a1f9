import { createRequire } from "node:module";

/** Longer ones are not read by people either. */
const MAX_PATTERN = 1000;

const require = createRequire(import.meta.url);
const known = new Map<string, string | null>();

/**
 * What keeps a regular expression from being one of RE2, whose expressions run in time linear in the text; or null.
 * The runtime runs patterns with the same engine.
 */
export function patternProblem(pattern: string): string | null {
  if (pattern.length > MAX_PATTERN) return `The pattern is longer than ${MAX_PATTERN} characters.`;
  const before = known.get(pattern);
  if (before !== undefined) return before;
  // Loaded here and not above: a quarter of a megabyte that most manifests never need.
  const { RE2JS }: typeof import("re2js") = require("re2js");
  let problem: string | null = null;
  try {
    RE2JS.compile(pattern);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n", 1)[0] : "unknown reason";
    problem = `The pattern can't be used: ${(reason ?? "").slice(0, 120)}.`;
  }
  if (known.size > 10_000) known.clear();
  known.set(pattern, problem);
  return problem;
}
