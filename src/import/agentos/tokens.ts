/** What keeps an expression from being read or translated; it never leaves this folder. */
export class NotationError extends Error {
  override readonly name = "NotationError";
}

const NAME = /[A-Za-z_]\w*/y;
const NUMBER = /-?\d+(?:\.\d+)?/y;
const TEXT = /'(?:\\[\s\S]|[^'\\])*'|"(?:\\[\s\S]|[^"\\])*"/y;
const TEMPLATE = /\{\{[^{}]*\}\}/y;
const SPACE = /\s*/y;
/** Signs that are the beginning of longer ones, with what may not follow. */
const LONGER: Readonly<Record<string, RegExp>> = { "|": /^\|/, "[": /^[\]?]/ };

/** The text of an expression, taken from the front. */
export class Tokens {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
    this.#skip();
  }

  /** Takes a sign if it comes next. */
  take(sign: string): boolean {
    if (!this.#source.startsWith(sign, this.#at)) return false;
    const after = this.#source.slice(this.#at + sign.length, this.#at + sign.length + 1);
    if (LONGER[sign]?.test(after)) return false;
    if (sign === "{" && after === "{") return false;
    this.#at += sign.length;
    this.#skip();
    return true;
  }

  /** @throws NotationError where something else comes next */
  expect(sign: string): void {
    if (!this.take(sign)) throw this.unexpected();
  }

  /** @throws NotationError where anything comes next */
  expectEnd(): void {
    if (this.#at < this.#source.length) throw this.unexpected();
  }

  takeName(): string | null {
    return this.#match(NAME);
  }

  takeNumber(): number | null {
    const text = this.#match(NUMBER);
    return text === null ? null : Number(text);
  }

  /** What a text in quotes says. */
  takeText(): string | null {
    const text = this.#match(TEXT);
    return text === null
      ? null
      : text.slice(1, -1).replace(/\\([\s\S])/g, (_, sign: string) => ESCAPES[sign] ?? sign);
  }

  takeTemplate(): string | null {
    return this.#match(TEMPLATE);
  }

  /** Whether a path starts here: a dot, or brackets that are not those of a list (`[].id`, `[0]`, `[?a]`). */
  startsPath(): boolean {
    return /^(?:\.|\[\s*(?:\]|\?|-?\d+\s*\]|(?:"[^"]*"|'[^']*')\s*\]))/.test(this.#source.slice(this.#at));
  }

  /** Whether an index or a name in brackets comes next. */
  takesBracket(): boolean {
    return this.#source.startsWith("[", this.#at);
  }

  /** What to throw where the expression makes no sense. */
  unexpected(): NotationError {
    const rest = this.#source.slice(this.#at, this.#at + 20);
    return new NotationError(
      rest === "" ? "it ends too early" : `${JSON.stringify(rest)} makes no sense there`,
    );
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0];
    if (found === undefined) return null;
    this.#at += found.length;
    this.#skip();
    return found;
  }

  #skip(): void {
    SPACE.lastIndex = this.#at;
    this.#at += SPACE.exec(this.#source)?.[0].length ?? 0;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };
