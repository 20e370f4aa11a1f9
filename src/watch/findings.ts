import type { Diagnostic, Logger } from "../base/index.ts";

/**
 * Says each folder's findings once per content: a rescan that finds the same again is silent, and a mended folder is
 * reported as fine.
 */
export class Findings {
  readonly #logger: Logger;
  readonly #display: string;
  /** By slug ("" for the tree as a whole): what was said last. */
  readonly #said = new Map<string, string>();
  readonly #invalid = new Set<string>();

  /** @param display how diagnostics name the folder of connectors */
  constructor(logger: Logger, display: string) {
    this.#logger = logger;
    this.#display = display;
  }

  /** The folders that have an error. */
  get invalid(): ReadonlySet<string> {
    return this.#invalid;
  }

  /** Takes in what a pass found. @param looked the folders that it looked at; null: all */
  note(diagnostics: readonly Diagnostic[], looked: readonly string[] | null): void {
    const found = Map.groupBy(diagnostics, ({ file }) => this.#slugOf(file));
    for (const [slug, list] of found) this.#say(slug, list);
    for (const slug of looked ?? [...this.#said.keys()]) if (!found.has(slug)) this.#mended(slug);
  }

  #say(slug: string, list: readonly Diagnostic[]): void {
    if (slug !== "" && list.some(({ severity }) => severity === "error")) this.#invalid.add(slug);
    else this.#invalid.delete(slug);
    const content = JSON.stringify(list);
    if (this.#said.get(slug) === content) return;
    this.#said.set(slug, content);
    for (const { severity, code, file, line, column, message, hint } of list) {
      const fields = { ...(slug === "" ? {} : { slug }), code, at: `${file}:${line}:${column}`, hint };
      if (severity === "error") this.#logger.error(message, fields);
      else this.#logger.warn(message, fields);
    }
  }

  #mended(slug: string): void {
    this.#invalid.delete(slug);
    if (this.#said.delete(slug)) this.#logger.info("fine again", slug === "" ? {} : { slug });
  }

  /** Everything in the folder of connectors is one, or was meant as one. */
  #slugOf(file: string): string {
    const below = `${this.#display}/`;
    return file.startsWith(below) ? (file.slice(below.length).split("/")[0] ?? "") : "";
  }
}
