import { type Diagnostic, WHOLE_FILE } from "../base/index.ts";
import { crossFolder, type NamedConnector, type Reading } from "../manifest/index.ts";
import type { Folder } from "./files.ts";

/** Collects connectors that share their vault keys with others, to name each of them at the place of its name. */
export class Rivals {
  readonly #crowded: ReadonlySet<string>;
  readonly #folderOf: (slug: string) => Folder;
  readonly #read: NamedConnector[] = [];

  constructor(crowded: ReadonlySet<string>, folderOf: (slug: string) => Folder) {
    this.#crowded = crowded;
    this.#folderOf = folderOf;
  }

  /** Notes a reading. @returns whether it is one of the crowded, and so refused */
  note(reading: Reading): boolean {
    if (!this.#crowded.has(reading.slug)) return false;
    const span = (reading.ok ? reading.positions.provider_slug : undefined) ?? WHOLE_FILE;
    this.#read.push({ slug: reading.slug, file: this.#manifestOf(reading.slug), span });
    return true;
  }

  /** A finding for each that was read; those that were not are named in the findings of the others. */
  diagnostics(): readonly Diagnostic[] {
    if (this.#read.length === 0) return [];
    const read = new Set(this.#read.map(({ slug }) => slug));
    const others = [...this.#crowded]
      .filter((slug) => !read.has(slug))
      .map((slug) => ({ slug, file: this.#manifestOf(slug), span: WHOLE_FILE }));
    const files = new Set(this.#read.map(({ file }) => file));
    return crossFolder([...this.#read, ...others]).filter(({ file }) => files.has(file));
  }

  #manifestOf(slug: string): string {
    return `${this.#folderOf(slug).display}/manifest.yaml`;
  }
}
