import { HIDDEN_CHARACTERS } from "../../base/index.ts";

/** The version of every JSON object that the CLI prints; rises when a field changes its meaning or goes. */
const FORMAT_VERSION = 1;

/**
 * One JSON object, `format_version` first. Hidden characters (RFC 8259 lets them stand) are written as escapes: the
 * value is the same, and a terminal that shows the text can't be deceived.
 */
export function json(value: object): string {
  return escapeHidden(JSON.stringify({ format_version: FORMAT_VERSION, ...value }, null, 2));
}

/** JSON text with hidden characters as `\uXXXX`. They occur within strings only, so this changes no value. */
export function escapeHidden(text: string): string {
  return text.replace(HIDDEN_CHARACTERS, (character) => {
    let escaped = "";
    for (let at = 0; at < character.length; at += 1) {
      escaped += `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`;
    }
    return escaped;
  });
}
