/**
 * A stretch of a file without its types: what stood there is blank in `code`, and goes with the space that was around it.
 * @param source the file as it was written
 * @param code the same, with spaces in place of types
 */
export function withoutHoles(source: string, code: string, start: number, end: number): string {
  // Where the two don't match, the blanks stay: they do no harm.
  if (source.length !== code.length) return code.slice(start, end);
  let text = "";
  for (let at = start; at < end; at += 1) {
    if (!isHole(source, code, at)) {
      text += code[at];
      continue;
    }
    let last = at;
    for (let next = at; next < end && /\s/.test(code[next] ?? ""); next += 1) {
      if (isHole(source, code, next)) last = next;
    }
    at = last;
    text = closed(text, code.slice(last + 1, end));
  }
  return text;
}

function isHole(source: string, code: string, at: number): boolean {
  return source[at] !== code[at] && /\s/.test(code[at] ?? "");
}

/** The text before a hole, so that it fits what comes after: one space at most, and no line of nothing. */
function closed(before: string, after: string): string {
  const trimmed = before.replace(/[^\S\n]+$/, "");
  if (/^[^\S\n]*(?:\n|$)/.test(after)) return trimmed.endsWith("\n") ? trimmed.slice(0, -1) : trimmed;
  return trimmed !== before && /^[\s;,)\]}]/.test(after) ? trimmed : before;
}
