/**
 * Tells which names a TypeScript module exports as functions or values, by its text: comments and quoted texts are
 * skipped, and nothing is run. Tolerant on purpose: what it lets through, the compiler and the runtime still refuse.
 */
export function exportsOf(text: string): (name: string) => boolean {
  const code = withoutTextAndComments(text);
  const names = new Set<string>();
  const declarations = /\bexport\s+(?:async\s+)?(?:function\s*\*?|const|let|var)\s*([A-Za-z_$][\w$]*)/g;
  for (const match of code.matchAll(declarations)) names.add(match[1] ?? "");
  for (const match of code.matchAll(/\bexport\s*\{([^}]*)\}/g)) {
    for (const item of (match[1] ?? "").split(",")) {
      const words = item.trim().split(/\s+/);
      if (words[0] !== "type") names.add(words.at(-1) ?? "");
    }
  }
  const everything = /\bexport\s*\*\s*from\b/.test(code);
  return (name) => everything || names.has(name);
}

/** The module with a space for each comment and an empty text for each quoted one. */
function withoutTextAndComments(text: string): string {
  return text.replace(
    /\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\r\n]*|"(?:\\.|[^"\\\r\n])*"|'(?:\\.|[^'\\\r\n])*'|`(?:\\[\s\S]|[^`\\])*`/g,
    (match) => (match.startsWith("/") ? " " : '""'),
  );
}
