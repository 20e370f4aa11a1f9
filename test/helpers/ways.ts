import { describe } from "vitest";

/** Describes tests once for each of some ways to run them; one that can't be had here is skipped, its reason in its name. */
export function describeEach<T extends { readonly name: string; readonly missing: string | null }>(
  ways: readonly T[],
  title: string,
  tests: (way: T) => void,
): void {
  for (const way of ways) {
    const reason = way.missing === null ? "" : ` (skipped: ${way.missing})`;
    describe.skipIf(way.missing !== null)(`${title} ${way.name}${reason}`, () => tests(way));
  }
}
