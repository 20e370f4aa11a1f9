import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Process-heavy tests (servers, kill -9) share two cores: a generous limit keeps a slow machine from failing them.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Vitest leaves a core for itself, but most of what these tests do is wait for other processes.
    maxWorkers: availableParallelism(),
    // The plain line is for whoever reads a log from its end, people and CI alike.
    reporters: ["default", "./test/helpers/summary-reporter.ts"],
  },
});
