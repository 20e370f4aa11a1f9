import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serve } from "./conformance-server.ts";

const NO_PROMPTS = "connectors have no prompts";
const NO_RESOURCES = "connectors have no resources";
const NO_COMPLETION = "connectors complete no arguments";
const NO_ASKING = "a tool of a connector never asks the client for input, sampling or roots";
const NO_NOTICES = "a tool of a connector sends no log messages and no progress";
const NO_TASKS = "connectors do not have the tasks extension";
const NO_RESUMING = "answers are short and made once: no stream of ours is broken off to be polled";

/** Scenarios that no server with tools alone can meet, by what they begin with, and why. */
const NOT_OURS: readonly (readonly [prefix: string, reason: string])[] = [
  ["completion-", NO_COMPLETION],
  ["elicitation-", NO_ASKING],
  ["http-custom-header-", "no tool of ours has parameters that travel in headers"],
  ["input-required-", NO_ASKING],
  ["logging-", NO_NOTICES],
  ["prompts-", NO_PROMPTS],
  ["resources-", NO_RESOURCES],
  ["sep-2164-resource-", NO_RESOURCES],
  ["server-sse-polling", NO_RESUMING],
  ["tasks-", NO_TASKS],
  ["tools-call-elicitation", NO_ASKING],
  ["tools-call-sampling", NO_ASKING],
  ["tools-call-with-logging", NO_NOTICES],
  ["tools-call-with-progress", NO_NOTICES],
];

/** Checks within a scenario of ours that need what we do not have, and why. */
const CHECKS_NOT_OURS: Record<string, string> = {
  "sep-2549-prompts-list-caching-hints": NO_PROMPTS,
  "sep-2549-resources-list-caching-hints": NO_RESOURCES,
  "sep-2549-resources-templates-list-caching-hints": NO_RESOURCES,
  "sep-2575-http-server-no-independent-requests-on-stream": NO_ASKING,
  "sep-2575-missing-capability-http-400": NO_ASKING,
  "sep-2575-server-no-log-without-loglevel": NO_NOTICES,
  "sep-2575-server-rejects-undeclared-capability": NO_ASKING,
};

/** Scenarios that must be met, so that none of them is lost when a list above grows. */
const OURS: Record<string, readonly string[]> = {
  "2025-11-25": [
    "dns-rebinding-protection",
    "json-schema-2020-12",
    "ping",
    "server-initialize",
    "server-session-lifecycle",
    "server-sse-multiple-streams",
    "tools-call-audio",
    "tools-call-embedded-resource",
    "tools-call-error",
    "tools-call-image",
    "tools-call-mixed-content",
    "tools-call-simple-text",
    "tools-list",
  ],
  "2026-07-28": [
    "caching",
    "dns-rebinding-protection",
    "http-header-validation",
    "json-schema-2020-12",
    "server-sse-multiple-streams",
    "server-stateless",
    "tools-call-audio",
    "tools-call-embedded-resource",
    "tools-call-error",
    "tools-call-image",
    "tools-call-mixed-content",
    "tools-call-simple-text",
    "tools-list",
  ],
};

interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

const suite = join(
  dirname(createRequire(import.meta.url).resolve("@modelcontextprotocol/conformance/package.json")),
  "dist/index.js",
);

/** Runs everything that a revision requires and returns the checks of each scenario. */
async function run(url: string, revision: string): Promise<Map<string, Check[]>> {
  const results = mkdtempSync(join(tmpdir(), "conformance-"));
  try {
    const child = spawn(process.execPath, [
      suite,
      "server",
      "--url",
      url,
      "--requirements",
      revision,
      "-o",
      results,
    ]);
    child.stdout.resume();
    child.stderr.resume();
    await new Promise((resolve) => child.on("close", resolve));
    const checks = new Map<string, Check[]>();
    for (const folder of readdirSync(results)) {
      const name = folder.replace(/^server-/, "").replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, "");
      checks.set(name, JSON.parse(readFileSync(join(results, folder, "checks.json"), "utf8")));
    }
    return checks;
  } finally {
    rmSync(results, { recursive: true });
  }
}

describe.each(Object.entries(OURS))("the conformance suite of revision %s", (revision, ours) => {
  let server: Awaited<ReturnType<typeof serve>>;
  let results: Map<string, Check[]>;
  beforeAll(async () => {
    server = await serve();
    results = await run(server.url, revision);
  });
  afterAll(() => server.close());

  it("has no scenario that is neither met nor known not to be ours", () => {
    const rest = [...results.keys()].filter((name) => !NOT_OURS.some(([prefix]) => name.startsWith(prefix)));
    expect(rest.sort()).toEqual(ours);
  });

  it.each(ours)("passes %s", (scenario) => {
    const checks = results.get(scenario) ?? [];
    const failed = checks.filter(({ id, status }) => status === "FAILURE" && !(id in CHECKS_NOT_OURS));
    expect(failed).toEqual([]);
    expect(checks.filter(({ status }) => status === "SUCCESS").length).toBeGreaterThan(0);
  });
});
