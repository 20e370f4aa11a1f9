import { type Json, stripHidden } from "../base/index.ts";
import { TEXT } from "../manifest/index.ts";
import { htmlToText } from "./html.ts";
import { textOf } from "./json.ts";
import type { Notes } from "./notes.ts";

/** What a terminal takes for a command to change colours or move about. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
const ANSI = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;

/** One line of ASCII in which nothing has to be looked for, as most descriptions are. */
const PLAIN = /^[ !-%'-;=-~]*$/;

/** A paragraph's end that YAML without quotes has left as it is spelt. */
const WRITTEN_BREAK = "\\n\\n";

/** A description as plain text or Markdown: no HTML, nothing hidden, no more than one empty line at a time. */
export function plainText(source: string): string {
  if (PLAIN.test(source) && !source.includes(WRITTEN_BREAK)) return source.trim();
  const spaced = source.replace(ANSI, "").replace(/\r\n?/g, "\n").replaceAll(WRITTEN_BREAK, "\n\n");
  // After the entities: `&nbsp;` is one of them.
  const lines = stripHidden(htmlToText(spaced).replaceAll("\u00a0", " ")).split("\n");
  return lines
    .map((line) => line.trimEnd())
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** A text on one line. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** A text of at most `max` UTF-16 code units: a longer one is cut at a word and ends in an ellipsis. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const room = text.slice(0, max - 1);
  const edge = room.search(/\s+\S*$/);
  const kept = edge > max / 2 ? room.slice(0, edge) : room.replace(/[\ud800-\udbff]$/, "");
  return `${kept.trimEnd()}…`;
}

/**
 * What a description says, cleaned and cut to a length; that it was cut is noted. Of what is far too long the end is not
 * even looked at.
 */
export function describe(value: Json, where: string, notes: Notes, max: number = TEXT.description): string {
  const source = textOf(value) ?? "";
  return shortened(plainText(source.slice(0, max * 10)), where, notes, max, source.length > max * 10);
}

/** Text that is clean already, cut to a length; that it was cut, here or before, is noted. */
export function shortened(text: string, where: string, notes: Notes, max: number, wasCut = false): string {
  const short = cut(text, max);
  if (short !== text || wasCut) {
    notes.add("the end of a description", where, `a description has at most ${max} characters`);
  }
  return short;
}

/** Where a sentence ends: after a word that is no abbreviation, before a capital letter. */
const SENTENCE_END = /(?:[\p{L}\d]{4}|[\d)"'\]]|\p{L}(?=[!?]))[.!?]+["')\]]?\s+(?=["'(]?\p{Lu})/u;

/** The first sentence of Markdown, on one line and without its marks. */
export function firstSentence(text: string): string {
  const body = text.replace(/^(?:#.*|[=\s*-]+)$/gm, "").trimStart();
  const [first = ""] = body.split(/\n\s*\n|\n\s*(?:[-*•]|\d+\.)\s/, 1);
  const paragraph = oneLine(first.replace(/!?\[([^\][]*)\]\([^()]*\)/g, "$1").replace(/\*\*|__/g, ""));
  const end = SENTENCE_END.exec(paragraph);
  return end === null ? paragraph : paragraph.slice(0, end.index + end[0].trimEnd().length);
}
