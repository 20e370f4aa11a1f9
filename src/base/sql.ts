// A literal, a quoted name, a comment or a cast: what looks like a parameter in there is none.
const NOT_CODE =
  /\be'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$|--[^\r\n]*|\/\*[\s\S]*?(?:\*\/|$)|\[[^\]]*\]|::/gi;

/** The query with spaces for what is no code of it; every other character stays at its place. */
export function sqlCode(query: string): string {
  return query.replace(NOT_CODE, (text) => " ".repeat(text.length));
}

/**
 * Replaces the parameters (`:name`) of a query.
 * @param write gets a parameter's name and gives what stands in its place
 */
export function replaceParameters(query: string, write: (name: string) => string): string {
  let out = "";
  let at = 0;
  for (const match of sqlCode(query).matchAll(/:([A-Za-z_][A-Za-z0-9_]*)/g)) {
    out += query.slice(at, match.index) + write(match[1] ?? "");
    at = match.index + match[0].length;
  }
  return out + query.slice(at);
}
