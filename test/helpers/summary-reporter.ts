import type { Reporter, TestModule } from "vitest/node";

/** Closes a run with one plain line: `N passed, N failed, N skipped`. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, errors: ReadonlyArray<unknown>): void {
    const count = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed" || state === "failed") count[state] += 1;
        else count.skipped += 1;
      }
      // A file that could not be loaded has no tests of its own; it must still count as a failure.
      if (!module.ok() && [...module.children.allTests("failed")].length === 0) count.failed += 1;
    }
    // After the default reporter, which writes its own summary when the event loop turns.
    process.once("exit", () => {
      process.stdout.write(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
    });
  }
}
