import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, type ScalarEvent } from "js-yaml";
import type { Json, JsonObject } from "../../base/index.ts";
import type { Problem } from "../finding.ts";
import { MAX_DEPTH } from "../limits.ts";
import { hiddenCharacters } from "../text.ts";
import type { Entry, Node } from "./node.ts";
import { resolvePlain } from "./scalar.ts";

/** What a text says, as far as it can be told, and what is outside the subset of YAML that we read. */
export interface Parsed {
  readonly root: Node | null;
  readonly problems: readonly Problem[];
}

const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Reads one YAML document of the subset that docs/manifest.md describes. One reader does it all: js-yaml's events carry
 * offsets, so the value that is trusted and the positions that are shown come from the same pass, which is linear in
 * the length of the text.
 * @throws YAMLException (js-yaml) where the text is not YAML at all; see `recover.ts`.
 */
export function parseYaml(text: string): Parsed {
  // A scalar and a key count as a level to js-yaml: our own limit is checked by the builder, this one stops the rest.
  return new Builder(text, parseEvents(text, { maxDepth: MAX_DEPTH * 2 })).build();
}

class Builder {
  readonly #text: string;
  readonly #events: readonly Event[];
  readonly #problems: Problem[] = [];
  #next = 0;

  constructor(text: string, events: readonly Event[]) {
    this.#text = text;
    this.#events = events;
  }

  build(): Parsed {
    for (const line of this.#text.matchAll(/^%.*/gm)) {
      this.#report("yaml.directive", line.index, line.index + line[0].length, "A line starts with %.");
    }
    let root: Node | null = null;
    let documents = 0;
    while (this.#next < this.#events.length) {
      const event = this.#take();
      if (event.type !== EVENT_ID.DOCUMENT) continue;
      documents++;
      if (documents > 1) {
        const start = this.#nextStart();
        this.#report("yaml.several_documents", start, start + 1, "A second document starts before this.");
        break;
      }
      root = this.#node(0, 0);
    }
    return { root: root === null || isBlank(root) ? null : root, problems: this.#problems };
  }

  #take(): Event {
    const event = this.#events[this.#next];
    if (event === undefined) throw new RangeError("the parser's events end in the middle of a node");
    this.#next++;
    return event;
  }

  /** @param near the offset that an empty node, which has none of its own, is taken to stand at. */
  #node(near: number, depth: number): Node {
    const event = this.#take();
    this.#properties(event);
    switch (event.type) {
      case EVENT_ID.SCALAR:
        return this.#scalar(event, near);
      case EVENT_ID.SEQUENCE:
        return this.#sequence(event.start, depth + 1);
      case EVENT_ID.MAPPING:
        return this.#mapping(event.start, depth + 1);
      case EVENT_ID.ALIAS: {
        const message = `*${this.#text.slice(event.anchorStart, event.anchorEnd)} is an alias.`;
        this.#report("yaml.alias", event.anchorStart - 1, event.anchorEnd, message);
        return {
          value: null,
          start: event.anchorStart - 1,
          end: event.anchorEnd,
          entries: null,
          items: null,
        };
      }
      default:
        throw new RangeError("the parser's events hold an end without a start");
    }
  }

  #properties(event: Event): void {
    if ("tagStart" in event && event.tagStart >= 0) {
      const message = `${this.#text.slice(event.tagStart, event.tagEnd)} is a tag.`;
      this.#report("yaml.tag", event.tagStart, event.tagEnd, message);
    }
    if (event.type !== EVENT_ID.ALIAS && "anchorStart" in event && event.anchorStart >= 0) {
      const message = `&${this.#text.slice(event.anchorStart, event.anchorEnd)} is an anchor.`;
      this.#report("yaml.anchor", event.anchorStart - 1, event.anchorEnd, message);
    }
  }

  #scalar(event: ScalarEvent, near: number): Node {
    const text = getScalarValue(this.#text, event);
    const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
    const start = event.valueStart < 0 ? near : event.valueStart - (quoted ? 1 : 0);
    const end = event.valueStart < 0 ? near : event.valueEnd + (quoted ? 1 : 0);
    if (event.style === SCALAR_STYLE.DOUBLE_QUOTED && !event.fast) {
      // An escape writes what may not stand in the file itself.
      const hidden = hiddenCharacters(text)[0];
      if (hidden !== undefined) this.#report(hidden.code, start, end, hidden.message);
    }
    if (event.style !== SCALAR_STYLE.PLAIN) return { value: text, start, end, entries: null, items: null };
    const { value, problem } = resolvePlain(text);
    if (problem !== null) this.#report("yaml.ambiguous_value", start, end, problem);
    return { value, start, end, entries: null, items: null };
  }

  #sequence(start: number, depth: number): Node {
    this.#checkDepth(start, depth);
    const value: Json[] = [];
    const items: Node[] = [];
    let end = start + 1;
    while (!this.#atPop()) {
      const item = this.#node(end, depth);
      value.push(item.value);
      items.push(item);
      end = item.end;
    }
    return { value, start, end, entries: null, items };
  }

  #mapping(start: number, depth: number): Node {
    this.#checkDepth(start, depth);
    const value: JsonObject = {};
    const entries = new Map<string, Entry>();
    let end = start + 1;
    while (!this.#atPop()) {
      const key = this.#key(end, depth);
      const node = this.#node(key.end, depth);
      end = node.end;
      if (key.name === null || !this.#accept(key.name, key.start, key.end, entries)) continue;
      entries.set(key.name, { keyStart: key.start, keyEnd: key.end, node });
      value[key.name] = node.value;
    }
    return { value, start, end, entries, items: null };
  }

  /** A key is the text that stands there, whatever a value of that spelling would be: `1` and `"1"` are the same. */
  #key(near: number, depth: number): { name: string | null; start: number; end: number } {
    const event = this.#events[this.#next];
    if (event?.type !== EVENT_ID.SCALAR || event.valueStart < 0) {
      const node = this.#node(near, depth);
      this.#report(
        "yaml.key_not_text",
        node.start,
        Math.max(node.end, node.start + 1),
        "A key is not a text.",
      );
      return { name: null, start: node.start, end: node.end };
    }
    this.#next++;
    this.#properties(event);
    const plain = event.style === SCALAR_STYLE.PLAIN;
    const { start, end } = plain
      ? { start: event.valueStart, end: event.valueEnd }
      : this.#scalar(event, near);
    if (plain && this.#text.slice(start, end) === "<<") {
      this.#report("yaml.merge_key", start, end, "<< is a merge key.");
      return { name: null, start, end };
    }
    return { name: getScalarValue(this.#text, event).normalize("NFC"), start, end };
  }

  #accept(name: string, start: number, end: number, seen: ReadonlyMap<string, Entry>): boolean {
    if (FORBIDDEN_KEYS.has(name)) {
      this.#report("yaml.forbidden_key", start, end, `A key may not be named ${name}.`);
      return false;
    }
    if (seen.has(name)) {
      this.#report("yaml.duplicate_key", start, end, `The key ${JSON.stringify(name)} is there already.`);
      return false;
    }
    return true;
  }

  #checkDepth(start: number, depth: number): void {
    // Reported once, on the way in: what lies deeper is read (the parser has its own limit) but not reported again.
    if (depth === MAX_DEPTH + 1) {
      this.#report("yaml.too_deep", start, start + 1, `This is more than ${MAX_DEPTH} levels deep.`);
    }
  }

  #atPop(): boolean {
    if (this.#events[this.#next]?.type !== EVENT_ID.POP) return false;
    this.#next++;
    return true;
  }

  #nextStart(): number {
    for (const event of this.#events.slice(this.#next)) {
      if ("start" in event) return event.start;
      if (event.type === EVENT_ID.SCALAR && event.valueStart >= 0) return event.valueStart;
    }
    return Math.max(0, this.#text.trimEnd().length - 1);
  }

  #report(code: Problem["code"], start: number, end: number, message: string): void {
    this.#problems.push({ code, start, end, message });
  }
}

function isBlank(node: Node): boolean {
  return node.value === null && node.start === node.end;
}
