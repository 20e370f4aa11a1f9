const SPACE = /[ \t\r\n]*/y;
/** A text, a mark, or any other value. */
const TOKEN =
  /("(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|([{}[\],:])|(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/uy;

/**
 * The offset at which a text stops being JSON (RFC 8259), or null where all of it is. JSON.parse decides; where it
 * refuses, it does not always say the place.
 */
export function jsonFault(text: string): number | null {
  try {
    JSON.parse(text);
    return null;
  } catch {
    return firstFault(text);
  }
}

/** What may come next; "end" stands for the end of the list or map just opened. */
type Expected = "value" | "value or end" | "key" | "key or end" | "colon" | "comma or end";

function firstFault(text: string): number {
  const open: string[] = [];
  let expected: Expected = "value";
  let at = 0;
  for (;;) {
    SPACE.lastIndex = at;
    SPACE.exec(text);
    TOKEN.lastIndex = SPACE.lastIndex;
    const match = TOKEN.exec(text);
    const token = match?.[2] ?? (match?.[1] === undefined ? "value" : "text");
    const next: Expected | null = match === null ? null : after(expected, token, open);
    if (next === null) return SPACE.lastIndex;
    expected = next;
    at = TOKEN.lastIndex;
  }
}

/** What may come after a token, or null where it may not stand. Keeps the stack of what is open. */
function after(expected: Expected, token: string, open: string[]): Expected | null {
  const wantsValue = expected === "value" || expected === "value or end";
  switch (token) {
    case "{":
    case "[":
      if (!wantsValue) return null;
      open.push(token);
      return token === "{" ? "key or end" : "value or end";
    case "}":
    case "]": {
      const empty = token === "}" ? "key or end" : "value or end";
      if (expected !== "comma or end" && expected !== empty) return null;
      return open.pop() === (token === "}" ? "{" : "[") ? "comma or end" : null;
    }
    case ",":
      if (expected !== "comma or end" || open.length === 0) return null;
      return open.at(-1) === "{" ? "key" : "value";
    case ":":
      return expected === "colon" ? "value" : null;
    default:
      if (wantsValue) return "comma or end";
      return token === "text" && (expected === "key" || expected === "key or end") ? "colon" : null;
  }
}
