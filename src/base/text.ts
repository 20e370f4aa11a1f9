/**
 * Characters that no reader can see and that change what text means: C0 and C1 controls but for tab and line ends, DEL,
 * soft hyphen, zero-width and bidi controls, line and paragraph separators, byte order mark, variation selectors'
 * supplement and tags, interlinear marks, lone surrogates, non-characters. A fixed list, not a Unicode category: which
 * characters a category holds differs between versions of Node.
 */
export const HIDDEN_CHARACTERS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: each stands for itself
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff]|\p{Cs}|[\u{e0000}-\u{e0fff}]/gu;

/** The text without its hidden characters. */
export function stripHidden(text: string): string {
  return text.replace(HIDDEN_CHARACTERS, "");
}
