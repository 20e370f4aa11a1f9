/** A key that a map of a JSON text has twice, and the line of the second. */
export interface Duplicate {
  readonly key: string;
  readonly line: number;
}

/** More than these are a machine's doing, and not worth a line each. */
const MAX_FOUND = 50;

/**
 * The keys that stand twice in one map of a JSON text: JSON.parse says nothing of them. One pass, on well-formed JSON.
 */
export function duplicateKeys(text: string): Duplicate[] {
  const found: { key: string; at: number }[] = [];
  // One entry per open map or list: the keys seen in a map, null for a list.
  const open: (Set<string> | null)[] = [];
  let keyMayCome = false;
  for (let at = 0; at < text.length && found.length < MAX_FOUND; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: {
        const end = endOfText(text, at);
        const keys = open.at(-1);
        if (keyMayCome && keys) {
          const key = text.slice(at + 1, end);
          if (keys.has(key)) found.push({ key, at });
          keys.add(key);
        }
        keyMayCome = false;
        at = end;
        break;
      }
      case 0x7b:
        open.push(new Set());
        keyMayCome = true;
        break;
      case 0x5b:
        open.push(null);
        keyMayCome = false;
        break;
      case 0x7d:
      case 0x5d:
        open.pop();
        keyMayCome = false;
        break;
      case 0x2c:
        keyMayCome = true;
        break;
    }
  }
  return found.map(({ key, at }) => ({ key, line: text.slice(0, at).split("\n").length }));
}

/** The offset of the quote that ends the text which starts at an offset. */
function endOfText(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end >= 0) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}
