/** Kinds of SQL, as a manifest calls their databases: what is a text, a name or a comment differs. */
export type SqlDialect = "local_path" | "postgres";

/**
 * A literal, a quoted name, a cast, a comment of one line or the beginning of another one: what looks like a parameter in
 * there is none. What has no end goes to the end of the query.
 */
const NOT_CODE: Readonly<Record<SqlDialect, RegExp>> = {
  local_path:
    /'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)|\[[^\]]*(?:\]|$)|--[^\n]*|\/\*|::/g,
  // E'…' and $tag$ begin no word's end: nice'…' and a$b$c are a name and a text, and one name.
  postgres:
    /(?<![\w$\x80-\uffff])[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|(?<![\w$\x80-\uffff])\$((?:[A-Za-z_\x80-\uffff][\w\x80-\uffff]*)?)\$[\s\S]*?(?:\$\1\$|$)|--[^\r\n]*|\/\*|::/g,
};
/** In brackets a colon right behind one of these belongs to a slice: `x[1:n]`. */
const VALUE_END = /[\w$)\]'"\x80-\uffff]/;

/** The query with spaces for what is no code of it; every other character stays at its place. */
export function sqlCode(query: string, dialect: SqlDialect): string {
  const pattern = new RegExp(NOT_CODE[dialect]);
  let code = "";
  let at = 0;
  for (let match = pattern.exec(query); match !== null; match = pattern.exec(query)) {
    if (match[0] === "/*") pattern.lastIndex = commentEnd(query, pattern.lastIndex, dialect);
    code += query.slice(at, match.index) + " ".repeat(pattern.lastIndex - match.index);
    at = pattern.lastIndex;
  }
  return code + query.slice(at);
}

/** Where the comment is over whose inside begins here. Comments of PostgreSQL may hold comments. */
function commentEnd(query: string, inside: number, dialect: SqlDialect): number {
  const marks = dialect === "postgres" ? /\/\*|\*\//g : /\*\//g;
  marks.lastIndex = inside;
  let depth = 1;
  for (let match = marks.exec(query); match !== null; match = marks.exec(query)) {
    depth += match[0] === "/*" ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return query.length;
}

/**
 * Replaces the parameters (`:name`) of a query.
 * @param write gets a parameter's name and gives what stands in its place
 */
export function replaceParameters(
  query: string,
  dialect: SqlDialect,
  write: (name: string) => string,
): string {
  let out = "";
  let at = 0;
  let brackets = 0;
  for (const { 0: text, 1: name, index } of sqlCode(query, dialect).matchAll(/[[\]]|:([A-Za-z_]\w*)/g)) {
    if (name === undefined) {
      brackets += text === "[" ? 1 : -1;
    } else if (brackets <= 0 || !VALUE_END.test(query.charAt(index - 1))) {
      out += query.slice(at, index) + write(name);
      at = index + text.length;
    }
  }
  return out + query.slice(at);
}
