import type { Code } from "../../base/index.ts";
import { TEXT } from "../limits.ts";

/** What a provider_slug, and so a connector's folder, may be named. */
export const SLUG = /^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/;

/** Names that open a device instead of a file on Windows, whatever their extension. */
const DEVICES = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])$/;

/** What is wrong with a folder's name as a provider_slug, or null. */
export function nameProblem(name: string): { code: Code; message: string } | null {
  if (name.length > TEXT.slug || !SLUG.test(name)) {
    return { code: "folder.name", message: `${quoteName(name)} is not a name for a connector's folder.` };
  }
  if (DEVICES.test(name)) {
    return {
      code: "folder.reserved_name",
      message: `${quoteName(name)} is the name of a device on some systems.`,
    };
  }
  return null;
}

/** A name as it may be printed: hidden and control characters escaped, long ones cut. */
export function printable(name: string): string {
  const escaped = name.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffd]|\p{Cs}|[\u{e0000}-\u{e0fff}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return escaped.length <= 200 ? escaped : `${escaped.slice(0, 197)}...`;
}

function quoteName(name: string): string {
  return `"${printable(name)}"`;
}
