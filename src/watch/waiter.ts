/** Sleeping that can be ended early. */
export class Waiter {
  #wake: (() => void) | null = null;

  /** Ends the sleep under way, if any. */
  wake(): void {
    this.#wake?.();
  }

  /**
   * Sleeps until a moment of `performance.now()`, or until it is woken up.
   * @param already whether there is a reason not to sleep at all
   */
  async until(moment: number, already: () => boolean): Promise<void> {
    const ms = moment - performance.now();
    if (ms <= 0 || already()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }

  /** Lets everything happen that is due: timers, and what the kernel has to say. */
  breathe(): Promise<void> {
    return new Promise((resolve) => setTimeout(() => setImmediate(resolve), 1));
  }

  /** Sleeps for so many milliseconds, whatever happens. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }
}
