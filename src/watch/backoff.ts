/** Waiting times between tries: they double up to a cap, and chance spreads many waiters over time. */
export class Backoff {
  readonly #firstMs: number;
  readonly #capMs: number;
  readonly #random: () => number;
  #tries = 0;

  /** @param random uniform in [0, 1) */
  constructor(firstMs: number, capMs: number, random: () => number = Math.random) {
    this.#firstMs = firstMs;
    this.#capMs = capMs;
    this.#random = random;
  }

  /** How long to wait before the next try, in ms: between half and all of the doubled time. */
  next(): number {
    const ceiling = Math.min(this.#capMs, this.#firstMs * 2 ** Math.min(this.#tries, 30));
    this.#tries += 1;
    return ceiling * jitter(0.5, 1, this.#random);
  }

  /** It worked: start from the first waiting time again. */
  reset(): void {
    this.#tries = 0;
  }
}

/** A factor between low and high. */
export function jitter(low: number, high: number, random: () => number = Math.random): number {
  return low + (high - low) * random();
}
