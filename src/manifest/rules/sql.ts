// A literal, a quoted name, a comment or a cast: what looks like a parameter in there is none.
const NOT_CODE = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\r\n]*|\/\*[\s\S]*?(?:\*\/|$)|\[[^\]]*\]|::/g;

/** The names of the parameters (`:name`) that an SQL query binds, each once, in the order of the alphabet. */
export function bindings(query: string): string[] {
  const code = query.replace(NOT_CODE, " ");
  const names = [...code.matchAll(/:([A-Za-z_][A-Za-z0-9_]*)/g)].map((match) => match[1] ?? "");
  return [...new Set(names)].sort();
}

/** Whether a query changes data, by its first words. */
export function changesData(query: string): boolean {
  const code = query.replace(NOT_CODE, " ");
  return /^\s*(?:with\b[\s\S]*\b)?(?:insert|update|delete|replace|merge|create|alter|drop|truncate)\b/i.test(
    code,
  );
}
