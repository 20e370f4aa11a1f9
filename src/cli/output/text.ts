import { createColors } from "picocolors";
import { HIDDEN_CHARACTERS } from "../../base/index.ts";

/** Colours for one stream; every function returns its text unchanged where colours are off. */
export type Paint = ReturnType<typeof createColors>;

/** The colours for a stream. */
export function paint(enabled: boolean): Paint {
  return createColors(enabled);
}

function visible(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/**
 * Text of unknown origin as one line that is safe to print: hidden characters, line ends and tabs become visible
 * escapes such as `\u{1b}`, so that no input can move the cursor, recolour, reorder or forge a line.
 */
export function clean(text: string): string {
  return text.replace(HIDDEN_CHARACTERS, visible).replace(/[\t\r\n]/g, visible);
}

/** Like `clean`, but for text that may have several lines. */
export function cleanLines(text: string): string {
  return text.split(/\r?\n/).map(clean).join("\n");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the colour codes that picocolors writes
const OWN_COLOURS = /(\u001b\[\d{1,2}m)/;

/** The last guard before a terminal: whatever a renderer forgot to clean is made visible; our own colours pass. */
export function guard(text: string): string {
  return text
    .split(OWN_COLOURS)
    .map((part, at) => (at % 2 === 1 ? part : part.replace(HIDDEN_CHARACTERS, visible)))
    .join("");
}

const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;

/** How many terminal cells a cleaned text takes. */
export function cells(text: string): number {
  let width = 0;
  for (const character of text) width += /\p{M}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}

/** Cleaned text on one line, cut to a number of code points, with an ellipsis where something is missing. */
export function shorten(text: string, limit: number): string {
  const points = [...clean(text.trim().replace(/[\t\r\n ]+/g, " "))];
  return points.length <= limit ? points.join("") : `${points.slice(0, limit - 1).join("")}…`;
}

/** "1 scope", "2 scopes". */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}

/** Rows as aligned columns with a head, each line indented; cells are cleaned here. */
export function columns(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  colour: Paint,
): string[] {
  const cleaned = [head, ...rows].map((row) => row.map(clean));
  const widths = head.map((_, at) => Math.max(...cleaned.map((row) => cells(row[at] ?? ""))));
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, at) => cell + " ".repeat((widths[at] ?? 0) - cells(cell))).join("  ")}`.trimEnd();
  return cleaned.map((row, at) => (at === 0 ? colour.dim(line(row)) : line(row)));
}
