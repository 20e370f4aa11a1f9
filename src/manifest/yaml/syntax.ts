import type { Problem } from "../finding.ts";

/**
 * Says in plain words what keeps a text from being YAML, at the token that is to blame: the parser notices an open
 * quote or bracket only where the next key stands.
 * @param reason js-yaml's own words
 * @param position the offset where js-yaml stopped
 */
export function explainSyntax(text: string, reason: string, position: number): Problem {
  if (/quoted scalar|deficient indentation|flow collection|missed comma/.test(reason)) {
    const opener = findOpener(text, position);
    if (opener !== null) return unclosed(text, opener);
  }
  const at = Math.min(position, Math.max(0, text.length - 1));
  const character = text.charAt(at);
  if (/tab characters/.test(reason) || character === "\t") {
    return syntax(at, "A tab is used for indentation.", "Indent with spaces.");
  }
  const before = text.slice(text.lastIndexOf("\n", at - 1) + 1, at);
  if (/["']\s*$/.test(before) && !/unknown escape/.test(reason)) {
    return syntax(at, "Text follows a closing quote.", "Put all of the value in one pair of quotes.");
  }
  if ("@`%&*!|>}]{[,".includes(character)) {
    return syntax(
      at,
      `A value without quotes can't start with ${character} here.`,
      "Put the value in quotes.",
    );
  }
  if (/multiline key|end of the stream or a document|expected ':'/.test(reason) && character === ":") {
    const start = startOfKeylessLine(text, at);
    const message = "A line is neither `key: value` nor the continuation of one.";
    return syntax(
      start,
      message,
      "Write `key: value`, with a space after the colon.",
      endOfLine(text, start),
    );
  }
  if (character === ":" && /:\s/.test(before)) {
    const hint = "Put the value in quotes, or start the nested map on a line of its own.";
    return syntax(at, "There is a second `: ` in one line.", hint);
  }
  if (/bad indentation|end of the stream/.test(reason)) {
    const start = at - before.trimStart().length;
    return syntax(
      start,
      "The line does not fit the lines above.",
      "Align it with the entry that it belongs beside.",
    );
  }
  if (/expected ':'|multiline key/.test(reason)) {
    const message = "A line is neither `key: value` nor the continuation of one.";
    return syntax(
      at - before.trimStart().length,
      message,
      "Write `key: value`, with a space after the colon.",
    );
  }
  return syntax(at, `This is not YAML: ${reason}.`, undefined);
}

function syntax(start: number, message: string, hint: string | undefined, end = start + 1): Problem {
  return { code: "yaml.syntax", start, end, message, hint };
}

function unclosed(text: string, start: number): Problem {
  const opener = text.charAt(start);
  const quote = opener === '"' || opener === "'";
  const closer = quote ? opener : opener === "[" ? "]" : "}";
  return syntax(start, `This ${opener} is never closed.`, `Add the closing ${closer}.`);
}

/** How many lines above an error are searched for what was left open. */
const LOOK_BACK = 200;

/** The quote or bracket that is open at an offset, on the nearest line above it that leaves one open; or null. */
function findOpener(text: string, position: number): number | null {
  let end = position;
  for (let count = 0; count < LOOK_BACK && end > 0; count++) {
    const start = text.lastIndexOf("\n", end - 1) + 1;
    const open = openOn(text, start, end);
    if (open !== null) return open;
    end = start - 1;
  }
  return null;
}

/** The first quote or bracket that one stretch of a line opens and does not close; or null. */
function openOn(text: string, start: number, end: number): number | null {
  const brackets: number[] = [];
  let quote: number | null = null;
  for (let at = start; at < end; at++) {
    const character = text.charAt(at);
    if (quote !== null) {
      if (character === "\\" && text.charAt(quote) === '"') at++;
      else if (character === text.charAt(quote)) quote = null;
    } else if ((character === '"' || character === "'") && /[\s:,[{-]|^$/.test(text.charAt(at - 1)))
      quote = at;
    else if (character === "#" && /\s|^$/.test(text.charAt(at - 1))) break;
    else if (character === "[" || character === "{") brackets.push(at);
    else if (character === "]" || character === "}") brackets.pop();
  }
  return quote ?? brackets[0] ?? null;
}

/** The first of the lines before (and with) an offset that hold no `key:`, where a plain text began. */
function startOfKeylessLine(text: string, offset: number): number {
  let start = text.lastIndexOf("\n", offset - 1) + 1;
  while (start > 0) {
    const above = text.lastIndexOf("\n", start - 2) + 1;
    const line = text.slice(above, start);
    // A key, a comment, a list's item, a quoted or bracketed value: a plain text does not go on from these.
    if (/:(?:\s|$)|^\s*(?:#|$|-|["'[{])/.test(line)) break;
    start = above;
  }
  return start + (text.slice(start).length - text.slice(start).trimStart().length);
}

function endOfLine(text: string, start: number): number {
  const end = text.slice(start).search(/[\r\n]/);
  return end < 0 ? text.length : start + end;
}
