import type { Output } from "./output.ts";

/** Short work needs no progress, and a line is not rewritten more often than an eye can see. */
const AFTER_MS = 500;
const EVERY_MS = 100;

/** A progress line for work that counts: `1200 of 10000 connectors`. Shown on a terminal only. */
export function progressLine(output: Output, noun: string): (done: number, total: number) => void {
  let next = performance.now() + AFTER_MS;
  return (done, total) => {
    const now = performance.now();
    if (now < next) return;
    next = now + EVERY_MS;
    output.progress(`${done} of ${total} ${noun}`);
  };
}
