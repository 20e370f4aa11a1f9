/** What one pass of the loop works on: some folders, or all of them by content. */
export type Work = { readonly all: true } | { readonly all: false; readonly slugs: readonly string[] };

/**
 * The folders that something moved in since they were last looked at. Events only ever add to it, and only the loop takes
 * from it. So many at once mean a full rescan: that is cheaper than naming them, and a burst is when events get lost.
 */
export class DirtySet {
  readonly #burst: number;
  readonly #slugs = new Set<string>();
  #all = false;
  #marks = 0;

  /** @param burst how many folders at once make a full rescan */
  constructor(burst: number) {
    this.#burst = burst;
  }

  /** Something moved in a folder. */
  mark(slug: string): void {
    this.#marks += 1;
    if (this.#all) return;
    this.#slugs.add(slug);
    if (this.#slugs.size >= this.#burst) this.markAll();
  }

  /** It was nothing; without effect on a full rescan. */
  unmark(slug: string): void {
    this.#slugs.delete(slug);
  }

  /** Anything may have moved. */
  markAll(): void {
    if (!this.#all) this.#marks += 1;
    this.#all = true;
    this.#slugs.clear();
  }

  /** Rises with every mark: the same number means that nothing has moved. */
  get marks(): number {
    return this.#marks;
  }

  /** Whether a folder is waiting. */
  has(slug: string): boolean {
    return this.#all || this.#slugs.has(slug);
  }

  /** How many folders are waiting; a full rescan counts as one. */
  get size(): number {
    return this.#all ? 1 : this.#slugs.size;
  }

  /** What is waiting, sorted; null when nothing is. */
  peek(): Work | null {
    if (this.size === 0) return null;
    return this.#all ? { all: true } : { all: false, slugs: [...this.#slugs].sort() };
  }

  /** Takes everything out. */
  take(): Work | null {
    const work = this.peek();
    this.#all = false;
    this.#slugs.clear();
    return work;
  }

  /** Puts back what could not be done. */
  putBack(work: Work): void {
    if (work.all) this.markAll();
    else if (!this.#all) for (const slug of work.slugs) this.#slugs.add(slug);
  }
}
