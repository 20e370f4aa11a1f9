import { HIDDEN_CHARACTERS } from "../base/index.ts";
import type { Problem } from "./finding.ts";

// Nearly every text is plain ASCII: one cheap look spares it the search for hidden characters.
const NOT_PLAIN = /[^\t\n\r\x20-\x7e]/;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A text, or what keeps its bytes from being one. */
export type Decoded = { readonly text: string; readonly problems: readonly Problem[] };

/** Decodes bytes as strict UTF-8; a byte order mark and hidden characters are problems, and bad bytes are one. */
export function decodeText(bytes: Uint8Array): Decoded {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return { text: "", problems: [badEncoding(bytes)] };
  }
  if (text.startsWith("\ufeff")) {
    const message = "The file starts with a byte order mark.";
    const rest = hiddenCharacters(text).filter((problem) => problem.start > 0);
    return { text, problems: [{ code: "file.byte_order_mark", start: 0, end: 1, message }, ...rest] };
  }
  return { text, problems: hiddenCharacters(text) };
}

/** Every hidden or control character of a text. */
export function hiddenCharacters(text: string): Problem[] {
  if (!NOT_PLAIN.test(text)) return [];
  const problems: Problem[] = [];
  for (const match of text.matchAll(HIDDEN_CHARACTERS)) {
    const point = match[0].codePointAt(0) ?? 0;
    const name = `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
    problems.push({
      code: "file.hidden_character",
      start: match.index,
      end: match.index + match[0].length,
      message: `The character ${name} is invisible or a control character.`,
    });
  }
  return problems;
}

/** The text with spaces in place of its hidden characters; every offset stays. The parser skips a mark at the start. */
export function blankHidden(text: string): string {
  return text.replace(HIDDEN_CHARACTERS, (character, at) =>
    at === 0 ? character : " ".repeat(character.length),
  );
}

/** Where the bytes stop being UTF-8 is not told by the decoder: the longest good prefix is found by halving. */
function badEncoding(bytes: Uint8Array): Problem {
  let good = 0;
  let bad = bytes.length;
  while (good + 1 < bad) {
    const middle = (good + bad) >> 1;
    // `stream` forgives a character that is cut at the end, so only a wrong byte before `middle` throws.
    const probe = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    try {
      probe.decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  const message = `The file is not UTF-8: byte ${good + 1} can't be read.`;
  return { code: "file.not_utf8", start: 0, end: 0, message };
}
